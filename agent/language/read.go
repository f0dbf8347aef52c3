package language

import (
	"slices"

	"frontdesk/ingest"
)

// Act is something a writer does with a message.
type Act string

// Acts, in the order in which [Read] lists them.
const (
	Book     Act = "book"
	Move     Act = "move"
	Cancel   Act = "cancel"
	Ask      Act = "ask"
	Confirm  Act = "confirm"
	Deny     Act = "deny"
	Greet    Act = "greet"
	Thank    Act = "thank"
	Complain Act = "complain"
	Handoff  Act = "handoff" // asks for a person
	Stop     Act = "stop"    // wants no more messages
)

var order = []Act{Book, Move, Cancel, Ask, Confirm, Deny, Greet, Thank, Complain, Handoff, Stop}

// Injection flags a text that tells the agent what it is, may or must do. The
// flag informs people and reports; no decision depends on it, since no text is
// ever obeyed.
const Injection = "injection"

// Hints is what is known besides a text.
type Hints struct {
	Language string   // of the text, if known; else it is detected
	Among    []string // languages it may be in; none: any that is known
	Before   string   // language that the writer used last, for texts that tell nothing
	Medium   Medium   // how it came; empty: WhatsApp
}

// Reading is what is seen in a text.
type Reading struct {
	Language   string // ISO 639-1; empty: cannot be told
	Acts       []Act  // each once
	Confidence float64
	Flags      []string
	// Only is true where the text holds nothing beside its greetings, thanks,
	// confirmations and denials.
	Only bool
}

// Has reports whether act is among those of r.
func (r Reading) Has(act Act) bool { return slices.Contains(r.Acts, act) }

// Read reads text.
func Read(text string, hints Hints) Reading {
	w := cut(text)
	r := Reading{Language: hints.Language}
	sure := 1.0
	if r.Language == "" {
		r.Language, sure = detect(text, w, hints.Among)
	}
	if r.Language == "" {
		r.Language, sure = hints.Before, 0.5
	}
	found := find(w)
	if w.mark || asks(w, found) {
		found.acts[Ask] = true
	}
	if Keyword(text, hints.Medium) == ingest.OptStop {
		found.acts = map[Act]bool{Stop: true}
	}
	if found.acts[Handoff] || found.acts[Stop] {
		delete(found.acts, Complain)
	}
	for _, act := range order {
		if found.acts[act] {
			r.Acts = append(r.Acts, act)
		}
	}
	if injects(w) {
		r.Flags = []string{Injection}
	}
	r.Only = w.len() > 0 && found.covered == w.len() && !found.acts[Ask]
	r.Confidence = confidence(r, sure, w)
	return r
}

// confidence is high where every word belongs to an act, lower where acts stand
// in a longer text, and low where none was found.
func confidence(r Reading, sure float64, w *words) float64 {
	switch {
	case w.len() == 0:
		return 0
	case len(r.Acts) == 0:
		return 0.3 * sure
	case r.Only:
		return 0.95
	}
	return 0.6 + 0.3*sure
}
