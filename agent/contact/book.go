package contact

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"frontdesk/ingest"
)

// entry is an identifier as stored, with what is needed of its contact.
type entry struct {
	contact ingest.ContactID
	retired time.Time // zero: in use
	former  ingest.ContactID
	until   time.Time // of former
}

// owner returns whose the identifier was at a time, or "" for nobody's.
func (e entry) owner(at time.Time) ingest.ContactID {
	switch {
	case e.former != "" && !at.After(e.until):
		return e.former
	case !e.retired.IsZero() && at.After(e.retired):
		return ""
	}
	return e.contact
}

// person is a contact as far as resolving needs it. Among contacts of a tenant
// the smaller number is the older one.
type person struct {
	number   int64
	name     string
	username string
	nameAt   time.Time
	language string
	created  bool
	renamed  bool
}

// merge is two contacts that turned out to be one.
type merge struct {
	survivor, merged ingest.ContactID
	by               []ingest.Identifier // that showed it
}

// rekey is an identifier that a person left at a time.
type rekey struct {
	contact ingest.ContactID
	left    ingest.Identifier
	at      time.Time
	kind    string
}

// book is the part of a tenant's contacts that a batch touches. It works out
// what must be written, in memory and in the order of the batch.
type book struct {
	known  map[ingest.Identifier]entry
	people map[ingest.ContactID]*person
	// What is to be written.
	changed map[ingest.Identifier]entry
	merges  []merge
	rekeys  []rekey
	// born makes the id and number of a new contact.
	born func() (ingest.ContactID, int64)
}

func newBook() *book {
	return &book{
		known:   map[ingest.Identifier]entry{},
		people:  map[ingest.ContactID]*person{},
		changed: map[ingest.Identifier]entry{},
	}
}

// settled returns who s is if nothing has to be written for it.
func (b *book) settled(s Seen) (Resolved, bool) {
	if s.Change != nil || len(s.Party.Identifiers) == 0 {
		return Resolved{}, false
	}
	var id ingest.ContactID
	for _, ident := range s.Party.Identifiers {
		owner := b.known[ident].owner(s.At)
		if owner == "" || (id != "" && owner != id) {
			return Resolved{}, false
		}
		id = owner
	}
	p := b.people[id]
	if p.outdated(s) {
		return Resolved{}, false
	}
	return Resolved{ID: id, Language: p.language}, true
}

// outdated reports whether s tells a newer name than the stored one.
func (p *person) outdated(s Seen) bool {
	name, username := clean(s.Party.Name), clean(s.Party.Username)
	if (name == "" || name == p.name) && (username == "" || username == p.username) {
		return false
	}
	return s.At.After(p.nameAt)
}

// resolve returns who s is and notes what has to be written for it.
func (b *book) resolve(s Seen) Resolved {
	idents := s.Party.Identifiers
	if s.Change != nil {
		idents = union(s.Change.Previous, s.Change.Current)
		if len(s.Change.Previous) == 0 {
			idents = union(s.Party.Identifiers, s.Change.Current)
		}
	}
	id := b.one(idents, s.At)
	p := b.people[id]
	for _, ident := range idents {
		b.attach(ident, id, s.At)
	}
	if s.Change != nil {
		b.retire(idents, s.Change.Current, id, s.At)
	}
	if p.outdated(s) {
		p.name, p.username = cmp.Or(clean(s.Party.Name), p.name), cmp.Or(clean(s.Party.Username), p.username)
		p.nameAt, p.renamed = s.At, true
	}
	return Resolved{ID: id, Language: p.language, Created: p.created}
}

// one returns the one contact that idents belong to: the only one there is, the
// oldest of several, which the others are merged into, or a new one.
func (b *book) one(idents []ingest.Identifier, at time.Time) ingest.ContactID {
	var found []ingest.ContactID
	for _, ident := range idents {
		if owner := b.known[ident].owner(at); owner != "" && !slices.Contains(found, owner) {
			found = append(found, owner)
		}
	}
	if len(found) == 0 {
		id, number := b.born()
		b.people[id] = &person{number: number, created: true}
		return id
	}
	slices.SortFunc(found, func(x, y ingest.ContactID) int { return cmp.Compare(b.people[x].number, b.people[y].number) })
	for _, other := range found[1:] {
		b.merge(found[0], other, idents)
	}
	return found[0]
}

func (b *book) merge(survivor, merged ingest.ContactID, by []ingest.Identifier) {
	b.merges = append(b.merges, merge{survivor, merged, by})
	for _, entries := range []map[ingest.Identifier]entry{b.known, b.changed} {
		for ident, e := range entries {
			if e.contact == merged {
				e.contact = survivor
			}
			if e.former == merged {
				e.former = survivor
			}
			entries[ident] = e
		}
	}
	for i := range b.rekeys {
		if b.rekeys[i].contact == merged {
			b.rekeys[i].contact = survivor
		}
	}
}

func (b *book) attach(ident ingest.Identifier, id ingest.ContactID, at time.Time) {
	old, ok := b.known[ident]
	switch {
	case ok && old.owner(at) == id:
		return
	case ok && old.contact != id && !old.retired.IsZero():
		b.rekeys = append(b.rekeys, rekey{contact: id, left: ident, at: at, kind: "reassigned"})
		b.put(ident, entry{contact: id, former: old.contact, until: old.retired})
	default:
		b.put(ident, entry{contact: id, former: old.former, until: old.until})
	}
}

// retire ends, at the time of the notice, those of idents whose kind has a
// newer value among current.
func (b *book) retire(idents, current []ingest.Identifier, id ingest.ContactID, at time.Time) {
	for _, ident := range idents {
		replaced := slices.ContainsFunc(current, func(c ingest.Identifier) bool { return c.Kind == ident.Kind && c != ident })
		if !replaced || slices.Contains(current, ident) || !b.known[ident].retired.IsZero() {
			continue
		}
		b.put(ident, entry{contact: id, retired: at, former: b.known[ident].former, until: b.known[ident].until})
		b.rekeys = append(b.rekeys, rekey{contact: id, left: ident, at: at, kind: "rekeyed"})
	}
}

// newcomers are the contacts that were just made, as they were seen.
func (b *book) newcomers() map[ingest.ContactID]ingest.Party {
	out := map[ingest.ContactID]ingest.Party{}
	for ident, e := range b.changed {
		if p := b.people[e.contact]; p != nil && p.created {
			party := out[e.contact]
			party.Name, party.Username = p.name, p.username
			party.Identifiers = append(party.Identifiers, ident)
			out[e.contact] = party
		}
	}
	for _, party := range out {
		slices.SortFunc(party.Identifiers, func(x, y ingest.Identifier) int {
			return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Value, y.Value))
		})
	}
	return out
}

func (b *book) put(ident ingest.Identifier, e entry) {
	b.known[ident] = e
	b.changed[ident] = e
}

// union returns the identifiers of both, each once.
func union(x, y []ingest.Identifier) []ingest.Identifier {
	out := slices.Clone(x)
	for _, ident := range y {
		if !slices.Contains(out, ident) {
			out = append(out, ident)
		}
	}
	return out
}

// clean drops what Postgres cannot store in a text.
func clean(s string) string { return strings.ReplaceAll(s, "\x00", "") }
