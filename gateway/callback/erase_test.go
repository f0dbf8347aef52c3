package callback

import (
	"slices"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// TestForgetOfOneTenant parks callbacks of two tenants with the person's phone
// and looks at what is left of them.
func TestForgetOfOneTenant(t *testing.T) {
	t.Parallel()
	s := NewSpool(schematest.Postgres(t))
	parked := func(name, body string, tenants ...ingest.TenantID) {
		r := Route{Address: Address{Ref: "31"}}
		for _, tenant := range tenants {
			r.Targets = append(r.Targets, Target{Tenant: tenant, Channel: "chn_1"})
		}
		e := Entry{Provider: provider.WhatsApp, Body: []byte(body), Correlation: ingest.MessageID(name), ReceivedAt: some, Parked: "too large", Routes: []Route{r}}
		if body[0] != '{' {
			e.Provider = provider.Twilio
		}
		put(t, s, e)
	}
	parked("whole", `{"messages":[{"from":"14155550199"}]}`, "tnt_1")
	parked("user", `{"messages":[{"from_user_id":"US.12"}]}`, "tnt_1")
	parked("form", "Body=x&From=whatsapp%3A%2B14155550199", "tnt_1")
	parked("form in the middle", "From=%2B14155550199&Body=x", "tnt_1")
	keep := []string{"another tenant's", "two tenants'", "nobody's", "longer", "in a text", "longer in a form", "another user"}
	parked(keep[0], `{"messages":[{"from":"14155550199"}]}`, "tnt_2")
	parked(keep[1], `{"messages":[{"from":"14155550199"}]}`, "tnt_1", "tnt_2")
	parked(keep[2], `{"messages":[{"from":"14155550199"}]}`)
	parked(keep[3], `{"messages":[{"from":"141555501990"}]}`, "tnt_1")
	parked(keep[4], `{"messages":[{"text":"ring 14155550199 please"}]}`, "tnt_1")
	parked(keep[5], "From=%2B141555501990&Body=x", "tnt_1")
	parked(keep[6], `{"messages":[{"from_user_id":"US.123"}]}`, "tnt_1")
	who := []ingest.Identifier{{Kind: ingest.Phone, Value: "+14155550199"}, {Kind: ingest.WhatsAppUser, Value: "US.12"}, {Kind: ingest.SenderID, Value: "messages"}, {Kind: ingest.SenderID, Value: "x"}}
	for _, want := range []int64{4, 0} {
		if n, err := s.Forget(t.Context(), "tnt_1", who); n != want || err != nil {
			t.Errorf("Forget() = %d, %v, want %d", n, err, want)
		}
	}
	left, err := s.Parked(t.Context(), 100)
	var names []string
	for _, e := range left {
		names = append(names, string(e.Correlation))
	}
	if err != nil || !slices.Equal(names, keep) {
		t.Errorf("left are %v, %v; want %v", names, err, keep)
	}
}
