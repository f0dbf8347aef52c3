package dialogue

import (
	"cmp"
	"strings"

	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// longestJoin is how many words there are at most between two services that are
// named together: "a cleaning, and then also a filling".
const longestJoin = 4

// together returns the services that r names in text, in order and each once, if
// text puts them together: "a cleaning and a filling", "Waschen, Schneiden".
// Services that are put against each other, or alone, are none.
func (e *ear) together(text string, r language.Reading) []ingest.ServiceID {
	var list []ingest.ServiceID
	for i, f := range r.Services {
		id := e.in.Catalogue.Services[f.Name].ID
		if !e.in.Catalogue.offers(id) || has(list, id) {
			continue
		}
		if len(list) > 0 && (f.From < r.Services[i-1].To || !joins(text[r.Services[i-1].To:f.From])) {
			return nil
		}
		list = append(list, id)
	}
	if len(list) < 2 {
		return nil
	}
	return list
}

func has(list []ingest.ServiceID, id ingest.ServiceID) bool {
	for _, one := range list {
		if one == id {
			return true
		}
	}
	return false
}

// joins reports whether what stands between two names puts them together.
func joins(between string) bool {
	w := words(between)
	return len(w) <= longestJoin && !holds(w, insteadOnes) && !holds(w, unlessOnes) &&
		(holds(w, joinOnes) || strings.ContainsAny(between, ",+&/") || len(w) == 0)
}

var (
	joinOnes   = phrasesOf("and, plus, with, y, e, et, und, mas, tambien, tambem, aussi, auch, anche")
	unlessOnes = phrasesOf("or, o, ou, oder, not, no, nao, non, nicht, kein, without, sin, sem, sans, ohne, senza, than, que, include, incluye, inclui, comprend")
)

// asksPrice answers "how much is it?" of what is about to be booked or was
// just booked, of the service that is named instead, or of several that are
// named together, where the prices are known; else it returns nothing. Of one
// service alone with nothing to be booked the knowledge knows better.
func (t *turn) asksPrice(question string) string {
	w := words(question)
	if !holds(w, priceOnes) {
		return ""
	}
	if list := t.h.about[question]; len(list) > 1 {
		return t.prices(list)
	}
	id := t.d.Wish.Service
	if done := t.d.Done; id == "" && done != nil && t.h.maybe == "" {
		id = done.Service
	}
	if id == "" || len(w) > 2*fewWords {
		return ""
	}
	return t.prices([]ingest.ServiceID{cmp.Or(t.h.maybe, id)})
}

// listPrice answers with the price of the service that is named in question, which
// the knowledge has nothing on.
func (t *turn) listPrice(question string) string {
	if t.h.maybe == "" || !holds(words(question), priceOnes) {
		return ""
	}
	return t.prices([]ingest.ServiceID{t.h.maybe})
}

// prices says what services cost. One whose price is not known leaves nothing
// to say.
func (t *turn) prices(list []ingest.ServiceID) string {
	var out []string
	for _, id := range list {
		if t.price(id) == "" {
			return ""
		}
		out = append(out, fill(t.sayf(sayPrice, Pick{Service: id}), "{price}", t.price(id)))
	}
	return strings.Join(out, " ")
}

// pricesAsked reports whether the messages ask for prices that are known.
func (t *turn) pricesAsked() bool {
	for _, q := range t.h.questions {
		if t.asksPrice(q) != "" || t.listPrice(q) != "" {
			return true
		}
	}
	return false
}
