package conversation

import (
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
	set(w, "c.assignee = %s", f.Assignee)
	if !f.UpdatedFrom.IsZero() {
		w.and("coalesce(c.last_message_at, c.opened_at) >= %s", f.UpdatedFrom)
	}
	if !f.UpdatedTo.IsZero() {
		w.and("coalesce(c.last_message_at, c.opened_at) < %s", f.UpdatedTo)
	}
	if f.Unanswered {
		w.and(latestSaid+" = %s", string(ingest.Inbound))
	}
	set(w, "c.id < %s", f.After)
	return w
}

// latestSaid is the direction of the last message of c that counts: reactions and
// notices ask for no answer.
const latestSaid = `(SELECT m.direction FROM messages m WHERE (m.tenant_id, m.conversation_id) = (c.tenant_id, c.id)
	AND (m.prompt OR m.direction = 'outbound') ORDER BY m.number DESC LIMIT 1)`

// messageFilter returns the condition and what orders the list: the number within a conversation, else the id, which begins with the time.
func messageFilter(tenant ingest.TenantID, f MessageFilter) (*where, string, error) {
	w := &where{}
	w.and("m.tenant_id = %s", string(tenant))
	set(w, "m.conversation_id = %s", f.Conversation)
	set(w, "m.conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND contact_id = %s)", f.Contact)
	set(w, "m.channel_id = %s", f.Channel)
	set(w, "m.direction = %s", f.Direction)
	set(w, "m.status = %s", f.Status)
	f.between(w, "m.at")
	on, order := " < %s", " DESC"
	if f.Oldest {
		on, order = " > %s", ""
	}
	if f.Conversation == "" {
		set(w, "m.id"+on, f.After)
		return w, "m.id" + order, nil
	}
	const place = "(SELECT number FROM messages WHERE tenant_id = $1 AND conversation_id = m.conversation_id AND id = %s)"
	set(w, "m.number > "+place, f.NewerThan)
	set(w, "m.number < "+place, f.OlderThan)
	if f.After != "" {
		n, err := strconv.ParseInt(f.After, 10, 64)
		if err != nil {
			return nil, "", invalid("cursor", "the cursor is not one that a page gave")
		}
		w.and("m.number"+on, n)
	}
	return w, "m.number" + order, nil
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
