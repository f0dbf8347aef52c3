package conversation

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/ingest"
)

// where builds the condition of a list from what its filter sets.
type where struct {
	terms []string
	args  []any
}

// and adds a term in which %s stands for the value's placeholder.
func (w *where) and(term string, value any) {
	w.args = append(w.args, value)
	w.terms = append(w.terms, strings.ReplaceAll(term, "%s", "$"+strconv.Itoa(len(w.args))))
}

func (w *where) sql() string { return strings.Join(w.terms, " AND ") }

// set adds a term if value is not the zero of its type.
func set[T ~string](w *where, term string, value T) {
	if value != "" {
		w.and(term, string(value))
	}
}

func filter(tenant ingest.TenantID, f Filter) *where {
	w := &where{}
	w.and("c.tenant_id = %s", string(tenant))
	set(w, "c.channel_id = %s", f.Channel)
	set(w, "c.contact_id = %s", f.Contact)
	set(w, "c.agent_id = %s", f.Agent)
	set(w, "c.state = %s", f.State)
	set(w, "c.owner = %s", f.Owner)
	set(w, "c.id < %s", f.After)
	return w
}

// messageFilter returns the condition and the column that orders the list: the
// number within a conversation, else the id, which begins with the time.
func messageFilter(tenant ingest.TenantID, f MessageFilter) (*where, string, error) {
	w := &where{}
	w.and("m.tenant_id = %s", string(tenant))
	set(w, "m.conversation_id = %s", f.Conversation)
	set(w, "m.conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND contact_id = %s)", f.Contact)
	set(w, "m.channel_id = %s", f.Channel)
	set(w, "m.direction = %s", f.Direction)
	set(w, "m.status = %s", f.Status)
	f.between(w, "m.at")
	if f.Conversation == "" {
		set(w, "m.id < %s", f.After)
		return w, "m.id", nil
	}
	if f.After != "" {
		n, err := strconv.ParseInt(f.After, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("%w: cursor %q is of another list", ErrInvalid, f.After)
		}
		w.and("m.number < %s", n)
	}
	return w, "m.number", nil
}

// between adds the time that f is about.
func (f MessageFilter) between(w *where, column string) {
	if !f.Since.IsZero() {
		w.and(column+" >= %s", f.Since)
	}
	if !f.Until.IsZero() {
		w.and(column+" < %s", f.Until)
	}
}
