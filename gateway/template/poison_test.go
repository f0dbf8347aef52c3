package template

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// incompressible returns n letters that an index cannot pack.
func incompressible(n int) string {
	random := rand.NewChaCha8([32]byte{1})
	out := make([]byte, n)
	for i := range out {
		out[i] = 'a' + byte(random.Uint64()%26)
	}
	return string(out)
}

func TestANoticeThatCannotBeKeptIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := NewStore(schematest.Postgres(t))
	notice := func(account, name, language string) ingest.Event {
		value, err := json.Marshal(map[string]any{"event": "APPROVED", "message_template_id": 1, "message_template_name": name, "message_template_language": language})
		if err != nil {
			t.Fatal(err)
		}
		e, err := ingest.NewEvent(ingest.AccountUpdated, "acme", "k", time.Now(), name, ingest.AccountUpdate{
			Tenant: "acme", Provider: "whatsapp", Account: account, Field: "message_template_status_update", Value: value, At: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	long := incompressible(8000)
	errs := NewHandler(s).Handle(t.Context(), []ingest.Event{
		notice("1", long, "en"), notice("1", "a", long), notice(long, "b", "en"), notice("1", "good", "en"),
	})
	for i, err := range errs {
		if hopeless := errors.Is(err, ingest.ErrMalformed); hopeless != (i < 3) || i == 3 && err != nil {
			t.Errorf("notice %d: %.200v", i, err)
		}
	}
	if list, _, err := s.Templates(t.Context(), "acme", Filter{}); err != nil || len(list) != 1 || list[0].Name != "good" {
		t.Errorf("kept %d templates, %v; want the one whose name can be kept", len(list), err)
	}
}
