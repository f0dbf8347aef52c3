package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"frontdesk/ingest"
)

func TestOfManyClaimsOfMessagesOneHasEach(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	var ids []ingest.MessageID
	for i := range 20 {
		ids = append(ids, send(t, s, draft(fmt.Sprint("message ", i))).ID)
	}
	if _, claimed, err := s.Claim(t.Context(), acme, ids[0]); !claimed || err != nil { // by one that then died
		t.Fatal(claimed, err)
	}
	published(t, db)
	if claimed, err := s.ClaimAll(t.Context(), globex, ids); len(claimed) != 0 || err != nil {
		t.Errorf("another tenant claimed %d messages, %v", len(claimed), err)
	}

	var mu sync.Mutex
	var all sync.WaitGroup
	times := map[ingest.MessageID]int{}
	var faults []error
	for i := range 6 {
		mine := append(slices.Clone(ids), "msg_none", ids[i]) // one is not there, one stands twice
		if i%2 == 1 {
			slices.Reverse(mine)
		}
		all.Go(func() {
			claimed, err := s.ClaimAll(t.Context(), acme, mine)
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, err)
			for id := range claimed {
				times[id]++
			}
		})
	}
	all.Wait()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		m, err := s.Message(t.Context(), acme, id)
		if want := btoi(i > 0); times[id] != want || m.Status != ingest.Unknown || err != nil {
			t.Errorf("message %d was claimed %d times and is %s, %v; want %d, unknown", i, times[id], m.Status, err, want)
		}
	}
	if got := types(published(t, db)); len(got) != len(ids) || got[0] != "message.status:unknown" {
		t.Errorf("announced %v, want each message unknown, once", got)
	}
}
