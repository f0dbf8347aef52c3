package roles

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/remind"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// street has one business in New York, with quiet hours and one channel.
type street struct{}

func (street) Channel(_ context.Context, _ ingest.TenantID, id ingest.ChannelID) (provider.Channel, error) {
	if id != "chn_1" {
		return provider.Channel{}, tenant.ErrNotFound
	}
	return provider.Channel{ID: id, Type: provider.WhatsApp}, nil
}

func (street) Simulated(context.Context, ingest.TenantID, ingest.ChannelID) (bool, error) {
	return false, nil
}

func (street) Tenant(context.Context, ingest.TenantID) (tenant.Tenant, error) {
	return tenant.Tenant{Timezone: "America/New_York", QuietHours: "21:00-08:00"}, nil
}

func (street) Standings(_ context.Context, _ ingest.TenantID, list []dispatch.Question) ([]dispatch.Standing, error) {
	out := make([]dispatch.Standing, len(list))
	for i, q := range list {
		out[i] = dispatch.Standing{Allowed: q.Contact != "con_stopped", WindowUntil: time.Date(2027, 3, 20, 0, 0, 0, 0, time.UTC)}
	}
	return out, nil
}

// TestTheGateOfDispatchHoldsForReminders has the gate judge in the words of
// agent/remind, on the morning after the clocks went forward.
func TestTheGateOfDispatchHoldsForReminders(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 14, 11, 59, 0, 0, time.UTC) // 07:59 by a clock that showed 06:59 the day before
	db := schematest.Postgres(t)
	templates := template.NewStore(db)
	gate := policyGate{dispatch.NewGate(street{}, street{}, dispatch.NewPolicies(street{}), dispatch.NewStore(db, nil)).At(func() time.Time { return now }), street{}, templates}
	if err := db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, plan) VALUES ('acme', 'acme', 'Acme', 'pro')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"visit": "{{1}}, {{2}}", "visit_of_three": "{{1}}, {{2}}, {{3}}", "visit_refused": "{{1}}, {{2}}"} {
		status := template.Approved
		if name == "visit_refused" {
			status = template.Pending
		}
		_, err := templates.Create(t.Context(), "acme", template.Template{
			Name: name, Language: "en", Category: "utility", Status: status, ParameterFormat: "positional", Components: json.RawMessage(`[{"type":"BODY","text":"` + body + `"}]`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	refusal := func(m ingest.Message) remind.Refusal {
		t.Helper()
		m.Category = "utility"
		if m.Content.Type = ingest.Text; m.Content.Template != nil {
			m.Content.Type = ingest.Templated
		}
		err := gate.Check(t.Context(), "acme", m)
		var r *remind.Refusal
		if err != nil && !errors.As(err, &r) {
			t.Fatal(err)
		}
		if r == nil {
			return remind.Refusal{}
		}
		return *r
	}
	if r := refusal(ingest.Message{Channel: "chn_1", Contact: "con_1"}); r.Code != "quiet_hours" || !r.Until.Equal(now.Add(time.Minute)) {
		t.Errorf("in the quiet hours: %+v", r)
	}
	if r := refusal(ingest.Message{Channel: "chn_1", Contact: "con_stopped"}); r.Code != "opted_out" || !r.Until.IsZero() {
		t.Errorf("who opted out: %+v", r)
	}
	if r := refusal(ingest.Message{Channel: "chn_gone", Contact: "con_1"}); r.Code != "channel_missing" {
		t.Errorf("a channel that is no more: %+v", r)
	}
	now = now.Add(time.Minute)
	if r := refusal(ingest.Message{Channel: "chn_1", Contact: "con_1"}); r.Code != "" {
		t.Errorf("when they are over: %+v", r)
	}
	now = now.AddDate(0, 0, 7)
	if r := refusal(ingest.Message{Channel: "chn_1", Contact: "con_1"}); r.Code != "window_closed" {
		t.Errorf("a week later: %+v", r)
	}
	filled := json.RawMessage(`[{"type":"body","parameters":[{"type":"text","text":"Cleaning"},{"type":"text","text":"Tuesday"}]}]`)
	for name, want := range map[string]string{"visit": "", "visit_of_three": "template_mismatch", "visit_refused": "template_not_approved", "visit_unknown": ""} {
		if r := refusal(ingest.Message{Channel: "chn_1", Contact: "con_1", Content: ingest.Content{Template: &ingest.Template{Name: name, Language: "en", Components: filled}}}); r.Code != want {
			t.Errorf("the template %s: %+v, want %q", name, r, want)
		}
	}
}
