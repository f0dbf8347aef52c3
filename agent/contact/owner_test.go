package contact_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"frontdesk/agent/contact"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

func TestOwnersAskedAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := contact.NewStore(schematest.Postgres(t))
	phone := func(i int) ingest.Identifier {
		return ingest.Identifier{Kind: ingest.Phone, Value: fmt.Sprintf("+1555%04d", i)}
	}
	want := map[int]ingest.ContactID{}
	for i := range 10 {
		c, err := s.Admit(t.Context(), "acme", ingest.Party{Identifiers: []ingest.Identifier{phone(i)}})
		if err != nil {
			t.Fatal(err)
		}
		want[i] = c.ID
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			got, err := s.Owner(t.Context(), "acme", phone(i%20))
			if i%20 < 10 && (err != nil || got != want[i%20]) || i%20 >= 10 && !errors.Is(err, contact.ErrNotFound) {
				t.Errorf("owner of %d: %q, %v", i%20, got, err)
			}
			if _, err := s.Owner(t.Context(), "globex", phone(i%10)); !errors.Is(err, contact.ErrNotFound) {
				t.Errorf("another tenant's: %v", err)
			}
		})
	}
	wg.Wait()
}
