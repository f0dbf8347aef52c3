package bookpage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"

	"frontdesk/agent/booking"
	"frontdesk/gateway/calendar"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Feed returns the address of a calendar that a secret opens.
func (l *Links) Feed(secret string) string { return l.public + "/calendar/" + secret + ".ics" }

// feed is GET /calendar/{secret}.ics: what stands in the calendar of a member
// of the staff, or of all. The secret is all that it takes.
func (p *Pages) feed(ctx context.Context, req *fasthttp.RequestCtx) error {
	if verdict := p.limits.Take("book|feed|"+edge.ClientNetwork(req, p.cfg.TrustedProxies), looks); !verdict.Allowed {
		return &edge.Fault{Status: http.StatusTooManyRequests, Code: "rate_limited", Detail: "too many requests; see Retry-After", RetryAfter: verdict.RetryIn}
	}
	secret, _ := strings.CutSuffix(edge.Param(req, "secret"), ".ics")
	of, staff, err := p.desk.FeedOf(ctx, secret)
	if errors.Is(err, booking.ErrNotFound) {
		return &edge.Fault{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such calendar; its address may have been changed"}
	}
	if err != nil {
		return err
	}
	business, err := p.directory.Tenant(ctx, of)
	if err != nil {
		return err
	}
	edge.NoteCaller(req, of, "calendar")
	body, err := p.written(ctx, tenant.Caller{Tenant: of, KeyID: "calendar", Business: business}, staff)
	if err != nil {
		return err
	}
	return replyCalendar(req, body)
}

// written returns a calendar as iCalendar.
func (p *Pages) written(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) ([]byte, error) {
	entries, err := p.desk.Feed(ctx, caller, staff)
	if err != nil {
		return nil, err
	}
	name := caller.Business.Name
	if staff != "" {
		who, err := p.desk.StaffMember(ctx, caller, staff)
		if err != nil {
			return nil, err
		}
		name = who.Name + " · " + name
	}
	events := make([]calendar.Event, len(entries))
	for i, e := range entries {
		events[i] = p.event(caller.Business, e)
	}
	return calendar.Write(name, events), nil
}

func (p *Pages) event(business tenant.Tenant, e operation.Entry) calendar.Event {
	lines := []string{}
	for _, line := range []string{e.StaffName, ingest.Party{Identifiers: e.Contact.Identifiers}.Identifier(ingest.Phone), e.Note} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	summary := e.ServiceName
	if e.Contact.Name != "" {
		summary += " · " + e.Contact.Name
	}
	return calendar.Event{
		UID: string(e.ID) + "@frontdesk", Summary: summary, Description: strings.Join(lines, "\n"), URL: p.links.Manage(business, e.ID),
		Start: e.Slot.Start, End: e.Slot.End, Sequence: int(e.Version), Modified: e.UpdatedAt,
	}
}

// replyCalendar sends a calendar, or nothing to who has it already.
func replyCalendar(req *fasthttp.RequestCtx, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := &req.Response.Header
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, max-age=60")
	h.Set("X-Robots-Tag", "noindex")
	if string(req.Request.Header.Peek("If-None-Match")) == tag {
		req.SetStatusCode(http.StatusNotModified)
		return nil
	}
	h.SetContentType("text/calendar; charset=utf-8")
	req.SetStatusCode(http.StatusOK)
	req.Response.SetBodyRaw(body)
	return nil
}
