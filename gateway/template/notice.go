package template

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/ingest"
)

// change is what a notice of the provider tells of a template. What is empty it
// does not tell.
type change struct {
	providerID, name, language        string
	status, quality, category, reason string
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
			errs[i] = h.store.note(ctx, e.Tenant, u.Account, c, at(u, e))
		}
	}
	return errs
}

func at(u ingest.AccountUpdate, e ingest.Event) time.Time {
	if u.At.IsZero() {
		return e.OccurredAt
	}
	return u.At
}
