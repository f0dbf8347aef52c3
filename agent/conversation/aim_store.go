package conversation

import (
	"bytes"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
)

// queueAims looks up what the drafts name: requests made before, scheduled
// messages, conversations, contacts, identifiers.
func queueAims(b *pgx.Batch, tenant ingest.TenantID, list []sending) *contact.Looked {
	var seen []contact.Seen
	keys, byConversation, byContact := map[string][]*sending{}, map[string][]*sending{}, map[string][]*sending{}
	for i := range list {
		one := &list[i]
		d := one.draft
		if d.RequestKey != "" {
			keys[d.RequestKey] = append(keys[d.RequestKey], one)
		}
		if d.Scheduled != "" {
			queueHandOver(b, tenant, one)
		}
		switch {
		case d.Conversation != "":
			byConversation[string(d.Conversation)] = append(byConversation[string(d.Conversation)], one)
		case d.Contact != "":
			byContact[string(d.Contact)] = append(byContact[string(d.Contact)], one)
		default:
			one.party = ingest.Party{Identifiers: []ingest.Identifier{d.To}}
			seen = append(seen, contact.Seen{Party: one.party, At: time.Now()})
		}
	}
	queueRequested(b, tenant, keys)
	queueConversations(b, tenant, byConversation)
	queueRecipients(b, tenant, byContact)
	if len(seen) == 0 {
		return nil
	}
	return contact.QueueLook(b, tenant, seen)
}

// queueRequested finds the messages that keys were used for already; one that
// was scheduled under a key was another request.
func queueRequested(b *pgx.Batch, tenant ingest.TenantID, keys map[string][]*sending) {
	if len(keys) == 0 {
		return
	}
	b.Queue(`SELECT request_key FROM scheduled_messages WHERE tenant_id = $1 AND request_key = ANY ($2)`, tenant, names(keys)).Query(func(rows pgx.Rows) error {
		var key string
		_, err := pgx.ForEachRow(rows, []any{&key}, func() error {
			for _, one := range keys[key] {
				one.err = ErrKeyReused
			}
			return nil
		})
		return err
	})
	b.Queue(`
		SELECT `+MessageColumns+`, `+itsContact+`, m.request_key, m.request_hash
		FROM unnest($2::text[]) AS d (key) CROSS JOIN LATERAL (SELECT * FROM messages WHERE (request_key, tenant_id) = (d.key, $1) OFFSET 0) m`,
		tenant, names(keys)).Query(func(rows pgx.Rows) error {
		_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
			var id ingest.ContactID
			var key string
			var hash []byte
			m, err := ScanMessage(row, &id, &key, &hash)
			m.Contact = id
			for _, one := range keys[key] {
				if one.done = true; !bytes.Equal(one.hash, hash) {
					one.err = ErrKeyReused
					continue
				}
				one.message = m
			}
			return struct{}{}, err
		})
		return err
	})
}

// queueConversations locks the conversations that drafts name, in one order.
func queueConversations(b *pgx.Batch, tenant ingest.TenantID, named map[string][]*sending) {
	if len(named) == 0 {
		return
	}
	b.Queue(`
		SELECT `+Columns+` FROM unnest($2::text[]) AS d (id)
		CROSS JOIN LATERAL (SELECT * FROM conversations WHERE (tenant_id, id) = ($1, d.id) OFFSET 0 FOR UPDATE) c`,
		tenant, names(named)).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, scan)
		for _, c := range found {
			for _, one := range named[string(c.ID)] {
				one.conversation = c
			}
		}
		return err
	})
}

// queueRecipients finds how the contacts that drafts name are reached.
func queueRecipients(b *pgx.Batch, tenant ingest.TenantID, named map[string][]*sending) {
	if len(named) == 0 {
		return
	}
	b.Queue(`
		SELECT d.id, c.id, i.kind, i.value
		FROM unnest($2::text[]) AS d (id)
		CROSS JOIN LATERAL (SELECT coalesce(merged_into, id) AS id FROM contacts WHERE (tenant_id, id) = ($1, d.id) OFFSET 0) c
		CROSS JOIN LATERAL (SELECT kind, value, created_at FROM contact_identifiers
			WHERE (tenant_id, contact_id) = ($1, c.id) AND retired_at IS NULL OFFSET 0) i
		ORDER BY d.id, i.kind, i.created_at DESC`, tenant, names(named)).Query(func(rows pgx.Rows) error {
		var asked string
		var id ingest.ContactID
		var ident ingest.Identifier
		_, err := pgx.ForEachRow(rows, []any{&asked, &id, &ident.Kind, &ident.Value}, func() error {
			for _, one := range named[asked] {
				one.contact = id
				one.party.Identifiers = append(one.party.Identifiers, ident)
			}
			return nil
		})
		return err
	})
}

// names returns the keys of m in order: rows are locked in it.
func names(m map[string][]*sending) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// settleAims says which drafts name what there is not. Of two that bear the same
// request key one is left for the next transaction, which finds the other.
func settleAims(list []sending) {
	taken := map[string]bool{}
	for i := range list {
		one := &list[i]
		d := one.draft
		switch {
		case one.done || one.err != nil:
		case d.RequestKey != "" && taken[d.RequestKey]:
			one.err = errTwice
		case d.Conversation != "" && one.conversation.ID == "", d.Conversation == "" && d.Contact != "" && one.contact == "":
			one.err = ErrNotFound
		case d.Conversation != "" && one.conversation.State == Closed:
			one.err = ErrClosed
		}
		if d.RequestKey != "" {
			taken[d.RequestKey] = true
		}
	}
}
