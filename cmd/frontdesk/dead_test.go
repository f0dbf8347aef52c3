package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// Dead letters are dealt with over restarts of the broker: each step opens it
// anew, as the tool does beside no running server.
func TestDead(t *testing.T) {
	cfg := dataFolder(t)
	body := ingest.NewDeadBody("callback/whatsapp", []byte("{\"text\": \"my secret\""), ingest.DeadMalformed, "unexpected end", time.Now())
	refused := ingest.NewDeadLetter("frontdesk.agent", ingest.TopicInbound, 3, 42, []byte("k"), []byte(`{"v":1}`))
	refused.Class, refused.Error, refused.At = ingest.DeadRefused, "no such kind", time.Now().Add(time.Second).UTC()
	err := withKafka(t.Context(), cfg, func(ctx context.Context, k stream.Config) error {
		return withProducer(ctx, k, func(ctx context.Context, p *stream.Producer) error {
			for _, l := range []ingest.DeadLetter{body, refused} {
				r, err := l.Record()
				if err != nil {
					return err
				}
				if err := p.Publish(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args string
		want []string // in the output, or in the error
		not  string   // in neither
	}{
		{"list tells both, in order, and no text", "list", []string{"GIVEN UP", body.ID, "the edge", refused.ID, "frontdesk.inbound/3 at 42", "no such kind"}, "my secret"},
		{"list as JSON tells no text either", "list --json", []string{`"class":"malformed"`, `"offset":42`}, "my secret"},
		{"show has the original bytes", "show " + body.ID, []string{"my secret", "20 bytes"}, ""},
		{"an unknown id", "show ded_X", []string{"no such dead letter"}, ""},
		{"a body of the edge cannot be replayed", "replay " + body.ID, []string{"0 replayed", "refused at the edge"}, ""},
		{"replay", "replay " + refused.ID, []string{"1 replayed"}, ""},
		{"it is gone then", "list", []string{body.ID}, refused.ID},
		{"discard", "discard --all", []string{"1 discarded"}, ""},
		{"nothing is left", "list", []string{"there are no dead letters"}, ""},
		{"no id", "discard", []string{"give the ids"}, ""},
		{"nonsense", "bury", []string{`"bury" is none of list, show, replay, discard`}, ""},
		{"both", "replay --all " + body.ID, []string{"not both"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			call, err := readDead(strings.Fields(tt.args))
			if err == nil {
				err = withKafka(t.Context(), cfg, func(ctx context.Context, k stream.Config) error {
					return call.run(ctx, k, &out)
				})
			}
			got := out.String()
			if err != nil {
				got += err.Error()
			}
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q lacks %q", got, w)
				}
			}
			if tt.not != "" && strings.Contains(got, tt.not) {
				t.Errorf("%q has %q", got, tt.not)
			}
		})
	}
	k, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: embedded.KafkaDir(cfg.DataDir)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	sc := stream.DefaultConfig()
	sc.Brokers = []string{k.Addr()}
	var inbound []string
	if err := stream.Scan(t.Context(), sc, ingest.TopicInbound, func(e stream.Entry) error {
		inbound = append(inbound, string(e.Key)+string(e.Value))
		return nil
	}); err != nil || len(inbound) != 1 || inbound[0] != `k{"v":1}` {
		t.Errorf("inbound after the replay = %q, %v, want the original record once", inbound, err)
	}
}

// dataFolder is that of a frontdesk which has written nothing yet.
func dataFolder(t *testing.T) boot.Config {
	t.Helper()
	cfg := boot.Config{DataDir: t.TempDir()}
	if err := os.Mkdir(embedded.KafkaDir(cfg.DataDir), 0o700); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestDeadLettersOfNoDataFolder(t *testing.T) {
	cfg := boot.Config{DataDir: filepath.Join(t.TempDir(), "none")}
	err := withKafka(t.Context(), cfg, func(context.Context, stream.Config) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "FRONTDESK_DATA_DIR") {
		t.Errorf("err = %v, want one that names FRONTDESK_DATA_DIR", err)
	}
	if _, err := os.Stat(cfg.DataDir); err == nil {
		t.Error("the data folder is made")
	}
}

func TestReplayFrom(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		args string
		want stream.From
		ok   bool
	}{
		{"a time", "--from 2026-11-20T09:00:00Z", stream.From{Time: now.Add(-24 * time.Hour)}, true},
		{"a duration", "--since 24h", stream.From{Time: now.Add(-24 * time.Hour)}, true},
		{"an offset", "--offset 0", stream.From{}, true},
		{"nothing", "", stream.From{}, false},
		{"two", "--offset 0 --since 1h", stream.From{}, false},
		{"no time", "--from yesterday", stream.From{}, false},
		{"below zero", "--offset -7", stream.From{}, false},
		{"more", "--offset 1 now", stream.From{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := replayFrom(strings.Fields(tt.args), now)
			if (err == nil) != tt.ok || !got.Time.Equal(tt.want.Time) || got.Offset != tt.want.Offset {
				t.Errorf("replayFrom() = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestRunReplay(t *testing.T) {
	cfg := dataFolder(t)
	var out strings.Builder
	seen := 0
	err := withKafka(t.Context(), cfg, func(ctx context.Context, k stream.Config) error {
		err := withProducer(ctx, k, func(ctx context.Context, p *stream.Producer) error {
			e, err := ingest.NewEvent(ingest.MessageReceived, "tnt_t", "k", time.Now(), "1", 1)
			if err != nil {
				return err
			}
			r, err := ingest.NewRecord(ingest.TopicInbound, e)
			if err != nil {
				return err
			}
			return p.Publish(ctx, r, ingest.Record{Topic: ingest.TopicInbound, Value: []byte("no event")})
		})
		if err != nil {
			return err
		}
		return runReplay(ctx, k, stream.From{}, stream.Each(1, func(context.Context, ingest.Event) error { seen++; return nil }), &out)
	})
	if err != nil || seen != 1 || out.String() != "1 events read again, 1 skipped that can never be accepted\n" {
		t.Errorf("handled %d, said %q, %v", seen, out.String(), err)
	}
}
