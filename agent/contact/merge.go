package contact

import (
	"cmp"
	"encoding/json"
	"slices"

	"frontdesk/ingest"
)

// journal is what a merge changed. It undoes what is still as the merge left it:
// what was changed since then is the survivor's.
type journal struct {
	By          []ingest.Identifier        `json:"by,omitempty"` // that showed it
	Before      json.RawMessage            `json:"before"`       // the survivor's row
	After       json.RawMessage            `json:"after"`
	Children    []ingest.ContactID         `json:"children"` // merged into the merged one before
	Identifiers []ingest.Identifier        `json:"identifiers"`
	Formers     []ingest.Identifier        `json:"formers"`
	Survivors   []Preference               `json:"survivors_preferences"`
	Merged      []Preference               `json:"merged_preferences"`
	Result      []Preference               `json:"preferences"`
	References  []reference                `json:"references"`
	Parts       map[string]json.RawMessage `json:"parts"`
}

// reference is rows of another table that were pointed to the survivor.
type reference struct {
	Table  string            `json:"table"`
	Column string            `json:"column"`
	Keys   []json.RawMessage `json:"keys"` // the primary key without the tenant
}

type preferencePlace struct {
	channel  ingest.ChannelID
	category string
}

// strictest returns what two contacts allow as one: of each channel and category
// a no outweighs a yes. Where one said no to a category and the other said yes
// to another of the channel later, the no is as late: else the latest word on
// everything would undo it.
func strictest(x, y []Preference) []Preference {
	out := map[preferencePlace]Preference{}
	add := func(list, others []Preference) {
		for _, p := range list {
			for _, o := range others {
				if !p.Allowed && o.Allowed && o.Channel == p.Channel && o.At.After(p.At) {
					p.At = o.At
				}
			}
			at := preferencePlace{p.Channel, p.Category}
			was, ok := out[at]
			switch {
			case !ok, was.Allowed && !p.Allowed, was.Allowed == p.Allowed && p.At.After(was.At):
				out[at] = p
			}
		}
	}
	add(x, y)
	add(y, x)
	var list []Preference
	for _, p := range out {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Preference) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Category, b.Category))
	})
	return list
}
