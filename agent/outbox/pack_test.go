package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/ingest"
)

func entries(t testing.TB, n, size int) []Entry {
	t.Helper()
	var list []Entry
	for i := range n {
		e, err := ingest.NewEvent(ingest.TurnCompleted, "acme", fmt.Sprint("key", i%3), time.Unix(int64(i), 0), fmt.Sprint(i), strings.Repeat("x", size))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Entry{ingest.TopicEvents, e})
	}
	return list
}

func TestWhatIsPackedComesBackInOrder(t *testing.T) {
	for name, tt := range map[string]struct{ n, size, rows int }{
		"one event": {1, 10, 1}, "many small ones share a row": {200, 300, 1}, "large ones are cut into rows": {10, 100 << 10, 5}, "one beyond a row's limit": {1, 1 << 20, 1},
	} {
		list := entries(t, tt.n, tt.size)
		rows, err := pack(list)
		if err != nil || len(rows) != tt.rows {
			t.Fatalf("%s: %d rows, %v, want %d", name, len(rows), err, tt.rows)
		}
		var got []ingest.Record
		for _, row := range rows {
			if got, err = unpack(got, row); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != tt.n {
			t.Fatalf("%s: %d records came back of %d", name, len(got), tt.n)
		}
		for i, r := range got {
			want, _ := ingest.NewRecord(list[i].Topic, list[i].Event)
			if r.Topic != want.Topic || !bytes.Equal(r.Key, want.Key) || !bytes.Equal(r.Value, want.Value) {
				t.Fatalf("%s: record %d is another one than was packed", name, i)
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	rows, err := pack(entries(f, 3, 20))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(rows[0])
	f.Add(seal([]byte{3, 'a'}))
	f.Add([]byte{packedForm, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, row []byte) {
		records, err := unpack(nil, row)
		if err != nil && !errors.Is(err, errPacked) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		var plain []byte
		for _, r := range records {
			plain = appendPart(appendPart(appendPart(plain, string(r.Topic)), r.Key), r.Value)
		}
		again, err := unpack(nil, seal(plain))
		if err != nil || len(again) != len(records) {
			t.Fatalf("%d records became %d, %v", len(records), len(again), err)
		}
	})
}
