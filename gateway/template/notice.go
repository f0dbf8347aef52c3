package template

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// change is what a notice of the provider tells of a template. What is empty it
// does not tell.
type change struct {
	providerID, name, language        string
	status, quality, category, reason string
}

// unheard is the status of a template, for the length of a transaction, of which
// nothing is known but the notice that is being applied.
const unheard = ""

// noted is a template with the provider's times of what is known of it.
type noted struct {
	Template
	statusAt, categoryAt, qualityAt time.Time
}

// after returns n with what c tells and no later notice told already.
func (n noted) after(c change, at time.Time) noted {
	if c.status != "" && !at.Before(n.statusAt) {
		n.Status, n.Reason, n.statusAt = c.status, c.reason, at
	}
	if n.Status == unheard {
		n.Status = Approved // it is in use, then
	}
	if c.category != "" && !at.Before(n.categoryAt) {
		n.Category, n.categoryAt = c.category, at
	}
	if c.quality != "" && !at.Before(n.qualityAt) {
		n.Quality, n.qualityAt = c.quality, at
	}
	if c.providerID != "" {
		n.ProviderID = c.providerID
	}
	return n
}

// same reports whether there is nothing to be written.
func (n noted) same(was noted) bool {
	return !n.tells(was) && n.ProviderID == was.ProviderID &&
		n.statusAt.Equal(was.statusAt) && n.categoryAt.Equal(was.categoryAt) && n.qualityAt.Equal(was.qualityAt)
}

// tells reports whether n is news.
func (n noted) tells(was noted) bool {
	return n.Status != was.Status || n.Reason != was.Reason || n.Category != was.Category || n.Quality != was.Quality
}

// read returns what a notice tells, and whether it is about a template.
func read(field string, value json.RawMessage) (change, bool) {
	var v struct {
		Event     string      `json:"event"`
		ID        json.Number `json:"message_template_id"`
		Name      string      `json:"message_template_name"`
		Language  string      `json:"message_template_language"`
		Category  string      `json:"message_template_category"`
		Reason    string      `json:"reason"`
		Quality   string      `json:"new_quality_score"`
		New       string      `json:"new_category"`
		Previous  string      `json:"previous_category"`
		Rejection struct {
			Reason string `json:"reason"`
		} `json:"rejection_info"`
	}
	if json.Unmarshal(value, &v) != nil || v.Name == "" || v.Language == "" {
		return change{}, false
	}
	c := change{providerID: v.ID.String(), name: v.Name, language: v.Language}
	switch field {
	case "message_template_status_update":
		c.status, c.category, c.reason = strings.ToLower(v.Event), strings.ToLower(v.Category), v.Reason
		if c.reason == "NONE" {
			c.reason = ""
		}
		if v.Rejection.Reason != "" {
			c.reason = v.Rejection.Reason
		}
		return c, c.status != ""
	case "message_template_quality_update":
		c.quality = strings.ToLower(v.Quality)
		return c, c.quality != ""
	case "template_category_update":
		if c.category = strings.ToLower(v.New); v.Previous == "" {
			return c, false // it is told ahead; the category is the old one still
		}
		return c, c.category != ""
	}
	return c, false
}

// Handler follows the provider's notices about templates.
type Handler struct{ store *Store }

// NewHandler returns a handler that writes to store.
func NewHandler(store *Store) *Handler { return &Handler{store} }

// Handle takes the notices among events; the others are none of its business.
func (h *Handler) Handle(ctx context.Context, events []ingest.Event) []error {
	errs := make([]error, len(events))
	for i, e := range events {
		if e.Type != ingest.AccountUpdated {
			continue
		}
		var u ingest.AccountUpdate
		if errs[i] = e.DecodeData(&u); errs[i] != nil {
			continue
		}
		if c, ok := read(u.Field, u.Value); ok && u.Account != "" {
			errs[i] = h.note(ctx, e.Tenant, u.Account, c, at(u, e))
		}
	}
	return errs
}

// Bounds, in bytes, of what a template is found by. They are Meta's own: names
// are of a to z, digits and underscores, languages such as "zh_CN".
const (
	maxName     = 512
	maxLanguage = 64
)

// note writes c down. An error that wraps [ingest.ErrMalformed] is of a notice
// that can never be: waiting for it would hold up the notices of all tenants.
func (h *Handler) note(ctx context.Context, tenant ingest.TenantID, account string, c change, at time.Time) error {
	if len(c.name) > maxName || len(c.language) > maxLanguage {
		return fmt.Errorf("%w: a notice of a template whose name has %d bytes and whose language %d", ingest.ErrMalformed, len(c.name), len(c.language))
	}
	err := h.store.note(ctx, tenant, account, c, at)
	if tenantdb.Poisonous(err) {
		err = fmt.Errorf("%w: %w", ingest.ErrMalformed, err)
	}
	return err
}

func at(u ingest.AccountUpdate, e ingest.Event) time.Time {
	if u.At.IsZero() {
		return e.OccurredAt
	}
	return u.At
}
