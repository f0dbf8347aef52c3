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
	Select   Act = "select" // takes one of several that were offered; [Reading.Pick] tells which
	Greet    Act = "greet"
	Thank    Act = "thank"
	Complain Act = "complain"
	Handoff  Act = "handoff" // asks for a person
	Stop     Act = "stop"    // wants no more messages
)

var order = []Act{Book, Move, Cancel, Ask, Confirm, Deny, Select, Greet, Thank, Complain, Handoff, Stop}

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
	Previous string   // the agent's last words, which "yes", "no" and "2" answer; empty: none
	Offered  int      // how many options those words offer; 0: as many as they number
	Agent    bool     // the text is the agent's own: it has no acts
	Staff    *Index   // names to look for; nil: none
	Services *Index   // likewise
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
	// Pick is, with [Select], which of the options offered is taken: 1 is the
	// first, [Last] the last, [Any] whichever the business likes.
	Pick int
	// Asked is what the agent's last words ask for. A "no" to [AnythingElse] ends
	// a conversation; to [Whether] it refuses.
	Asked Question
	// Staff and Services are the names that stand in the text, in its order.
	Staff, Services []Found
}

// Has reports whether act is among those of r.
func (r Reading) Has(act Act) bool { return slices.Contains(r.Acts, act) }

// Read reads text.
func Read(text string, hints Hints) Reading {
	w := cut(text)
	r := Reading{Language: hints.Language, Staff: hints.Staff.find(w), Services: hints.Services.find(w)}
	sure := 1.0
	if r.Language == "" {
		r.Language, sure = detect(text, w, hints.Among)
	}
	if r.Language == "" {
		r.Language, sure = hints.Before, 0.5
	}
	tale := w.len()
	if at := injects(w); at >= 0 {
		r.Flags = []string{Injection}
		if w.len()-at > longTale {
			tale = at
		}
	}
	r.act(text, w, tale, hints)
	r.Confidence = confidence(r, sure, w)
	if hints.Agent {
		r.Acts, r.Pick = nil, 0
	}
	return r
}

// longTale is how many words make instructions to the agent a text of their own,
// whose wishes are nobody's.
const longTale = 30

// act finds the acts of a customer's text.
func (r *Reading) act(text string, w *words, tale int, hints Hints) {
	found := find(w, tale)
	if (w.mark || !found.acts.has(accept) && asks(w)) && !(found.covered == w.len() && found.acts.has(Greet)) {
		found.acts |= bit(Ask) // "how are you?" only greets
	}
	if hints.Previous != "" || hints.Offered > 0 {
		before := cut(hints.Previous)
		r.Asked = asked(before)
		hints.Offered = max(hints.Offered, numbered(hints.Previous))
	}
	found.answer(r.Asked)
	if w.len() == 0 {
		found.acts |= sign(text)
	}
	if r.Pick = pick(w, &found, hints.Offered, r.Asked == WhichOne); r.Pick != 0 {
		found.acts |= bit(Select)
	}
	if Keyword(text, hints.Medium) == ingest.OptStop {
		found.acts = bit(Stop)
	}
	if found.acts&(bit(Handoff)|bit(Stop)) != 0 {
		found.acts &^= bit(Complain)
	}
	for i, act := range order {
		if found.acts>>i&1 != 0 {
			r.Acts = append(r.Acts, act)
		}
	}
	r.Only = w.len() > 0 && found.covered == w.len() && !found.acts.has(Ask) && r.Pick == 0
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
