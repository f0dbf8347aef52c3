package tenant_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/tenant"
)

func TestParseReadsWhatIsSentOfItsOwnAccord(t *testing.T) {
	const head = "business: {slug: a, name: A, timezone: America/New_York, quiet_hours: \"21:00-08:00\""
	f, err := tenant.Parse([]byte(head + ", no_show_after: 2h, waitlist_template: slot_free/en_US}\n" +
		"services:\n  - {name: Cut, duration: 30m, reminders: [{before: 24h, template: visit}, {before: 2h, text: \"See you {when}\"}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if from, until := f.Business.Quiet(); from != 21*time.Hour || until != 8*time.Hour || f.Business.NoShowAfter != 2*time.Hour || f.Business.WaitlistTemplate != "slot_free/en_US" {
		t.Errorf("business = %+v", f.Business)
	}
	if r := f.Services[0].Reminders; len(r) != 2 || r[0].Before != 24*time.Hour || r[0].Template != "visit" || r[1].Text != "See you {when}" {
		t.Errorf("reminders = %+v", r)
	}
	if f, err = tenant.Parse([]byte(head + "}\n")); err != nil || f.Business.NoShowAfter != 0 || f.Business.WaitlistTemplate != "" {
		t.Errorf("unless set: %+v, %v; want both off", f.Business, err)
	}
	for field, value := range map[string]string{"no_show_after": "90s", "no_show_after ": "8h, no_show_after: 1h", "no_show_after  ": "200h", "waitlist_template": "\"two words\""} {
		_, err := tenant.Parse([]byte(head + ", " + strings.TrimSpace(field) + ": " + value + "}\n"))
		if err == nil || !strings.Contains(err.Error(), "business."+strings.TrimSpace(field)) {
			t.Errorf("%s: %s is taken: %v", field, value, err)
		}
	}
}
