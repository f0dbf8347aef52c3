package ingest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"frontdesk/ingest"
)

// plain reads an envelope by encoding/json alone, which is what DecodeEvent
// must agree with.
func plain(b []byte) (ingest.Event, bool) {
	var e ingest.Event
	err := json.Unmarshal(b, &e)
	return e, err == nil && e.Version == ingest.EventVersion && e.Type != "" && e.Tenant != "" && len(e.ID) >= 4 && e.ID[:4] == ingest.PrefixEvent
}

func FuzzDecodeEventAgreesWithEncodingJSON(f *testing.F) {
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no events to begin with", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		var tight bytes.Buffer
		if json.Compact(&tight, raw) == nil {
			f.Add(tight.Bytes())
		}
	}
	for _, data := range []string{`{}`, `[]`, `null`, `"\u00e9\n"`, `-0.5e+3`, `01`, `[1,]`, `{"a":}`, `{"a":1,}`, "\"\x01\"", `tru`, `{"a":[{"b":"c\"}"}]}`, ` 1`, `"\x"`, `1.`, `-`, `}`} {
		f.Add([]byte(`{"v":1,"id":"evt_1","type":"t","tenant_id":"a","occurred_at":"2026-01-02T03:04:05.678Z","conversation_key":"k","data":` + data + `}`))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ingest.DecodeEvent(b)
		want, ok := plain(b)
		if ok != (err == nil) {
			t.Fatalf("DecodeEvent error = %v where encoding/json takes it: %v", err, ok)
		}
		if ok && !got.OccurredAt.Equal(want.OccurredAt) {
			t.Fatalf("DecodeEvent at %v, want %v", got.OccurredAt, want.OccurredAt)
		}
		if got.OccurredAt, want.OccurredAt = (time.Time{}), (time.Time{}); ok && !reflect.DeepEqual(got, want) {
			t.Fatalf("DecodeEvent = %+v, want %+v", got, want)
		}
	})
}

func TestAppendEventWritesWhatEncodingJSONWrites(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 80_000, time.FixedZone("", -6*3600))
	for name, key := range map[string]string{"plain": "acme|chn_1|+15555550100", "quoted": "a\"b\\c<d>&\x01", "beyond ASCII": "ñ\u2028\xff", "empty": ""} {
		for _, trace := range []string{"", "00-4bf92f-00f067-01"} {
			e, err := ingest.NewEvent(ingest.TurnCompleted, "acme", key, at, "trn_1", map[string]any{"text": "<b>¿Qué?</b>", "n": 1.5})
			if err != nil {
				t.Fatal(err)
			}
			e.Trace = trace
			want, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ingest.AppendEvent(nil, e)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: AppendEvent() = %s, %v, want %s", name, got, err, want)
			}
			if back, err := ingest.DecodeEvent(got); err != nil || back.Key != string([]rune(key)) {
				t.Errorf("%s: read back as %q, %v", name, back.Key, err)
			}
		}
	}
	if _, err := ingest.AppendEvent(nil, ingest.Event{OccurredAt: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Error("a time that no reader takes was written")
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	raw, err := os.ReadFile("testdata/events/turn.completed.json")
	if err != nil {
		b.Fatal(err)
	}
	var tight bytes.Buffer
	if err := json.Compact(&tight, raw); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(tight.Len()))
	for b.Loop() {
		if _, err := ingest.DecodeEvent(tight.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
