package roles

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

type fakeMarker struct {
	marked []ingest.Message
	typing []bool
	err    error
}

func (f *fakeMarker) MarkRead(_ context.Context, m ingest.Message, typing bool) error {
	f.marked, f.typing = append(f.marked, m), append(f.typing, typing)
	return f.err
}

type fakeChannels []provider.Channel

func (f fakeChannels) Channels(context.Context, ingest.TenantID) ([]provider.Channel, error) {
	return f, nil
}

func TestReadMarks(t *testing.T) {
	now := time.Now()
	message := func(channel ingest.ChannelID, providerID string, at time.Time) ingest.Event {
		m := ingest.Message{ID: "msg_1", Tenant: "tnt_1", Channel: channel, ProviderID: providerID, Direction: ingest.Inbound, At: at}
		e, err := ingest.NewEvent(ingest.MessageReceived, "tnt_1", "k", at, providerID, m)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	preference := message("chn_marks", "wamid.1", now)
	preference.Type = ingest.PreferenceChanged
	broken := message("chn_marks", "wamid.1", now)
	broken.Data = []byte(`[`)
	tests := []struct {
		name   string
		event  ingest.Event
		marked bool
		typing bool
	}{
		{"a channel that wants marks", message("chn_marks", "wamid.1", now), true, true},
		{"minutes later nobody is typing", message("chn_marks", "wamid.1", now.Add(-10*time.Minute)), true, false},
		{"a backlog is left alone", message("chn_marks", "wamid.1", now.Add(-2*time.Hour)), false, false},
		{"a channel that does not want them", message("chn_plain", "wamid.1", now), false, false},
		{"no id of the provider", message("chn_marks", "", now), false, false},
		{"no message", preference, false, false},
		{"broken data", broken, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeMarker{err: errors.New("the provider is away")} // never an error of the event
			r := newReadMarks(f, fakeChannels{{ID: "chn_marks", MarkRead: true}, {ID: "chn_plain"}}, slog.New(slog.DiscardHandler))
			for _, err := range r.handler().Handle(t.Context(), []ingest.Event{tt.event}) {
				if err != nil {
					t.Errorf("Handle(): %v, want nil", err)
				}
			}
			if got := len(f.marked) == 1; got != tt.marked || (got && f.typing[0] != tt.typing) {
				t.Errorf("marked %v, typing %v; want %v, %v", f.marked, f.typing, tt.marked, tt.typing)
			}
		})
	}
}
