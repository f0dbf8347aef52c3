package dialogue

import (
	"slices"
	"strings"

	"frontdesk/agent/language"
	"frontdesk/agent/language/when"
	"frontdesk/ingest"
)

// heard is what a burst of messages says, taken together. Where two messages
// say different things, the later one counts.
type heard struct {
	acts        map[language.Act]bool
	yes, no     bool
	pressed     bool // a button of the open question
	outdated    bool // a button of an earlier question
	option      int  // of those offered, from 1; 0: none
	service     ingest.ServiceID
	staff       ingest.StaffID
	maybe       ingest.ServiceID // named in a question alone
	anyone      bool
	parts       [][]part  // times, a message each
	old         []part    // what an appointment is moved from
	not         []Without // days that are not wanted
	sameTime    bool      // at the time of day of what is pending, or was
	also        bool      // one more of what was booked
	later       bool
	earlier     bool
	other       bool
	otherDay    bool // than that of what is offered
	soonest     bool
	mine        bool // speaks of "my appointment"
	whenMine    bool // and asks when it is
	who         bool // and asks with whom
	questions   []string
	about       map[string][]ingest.ServiceID // services that a question names together
	besides     string                        // the one of them that is a wish and says more
	instead     bool                          // puts something in the place of what was
	brief       bool                          // a few words
	onlyTime    bool                          // a day, and next to nothing besides
	greets, any bool
	answer      *answer // to a notice
	wait        bool    // wants to be told when something becomes free
	openings    []openings
	then        []ingest.ServiceID // named together with service, to be booked after it
	party       int                // how many people come; 0: it is not said
	thinks      bool               // wants time to think it over
	again       bool               // what was just booked, for somebody else
	after       bool               // right after it
}

// ear hears messages, one after the other.
type ear struct {
	in    Input
	draft Draft
	names *names
	heard heard
}

// hear returns what the messages of in say to what d has asked.
func hear(in Input, d Draft) heard {
	e := ear{in: in, draft: d, heard: heard{acts: map[language.Act]bool{}, about: map[string][]ingest.ServiceID{}}}
	if e.names = in.Catalogue.names; e.names == nil {
		e.names = in.Catalogue.Indexed().names
	}
	for _, s := range in.Said {
		e.message(s)
	}
	return e.heard
}

func (e *ear) message(s Said) {
	h := &e.heard
	if s.Choice != "" && e.press(s.Choice) {
		return
	}
	text := strings.TrimSpace(e.takeOpening(s.Text, s))
	r := e.read(text)
	if len(words(text)) == 0 && len(r.Acts) == 0 && !strings.Contains(text, "?") {
		return // nothing, or a smile
	}
	h.any = true
	for _, act := range r.Acts {
		h.acts[act] = true
	}
	h.greets = h.greets || r.Has(language.Greet)
	w := words(text)
	if len(w) <= 2 && len(r.Acts) == 0 && len(w) > 0 && bookOnes[w[0]] && !strings.Contains(text, "?") {
		h.acts[language.Book] = true // "appointment", "termin bitte"
	}
	h.brief = len(w) <= fewWords
	h.instead = h.instead || holds(w, insteadOnes)
	parts, rest := e.times(text, s, r)
	h.onlyTime = named(parts) && rest <= 2 && !holds(w, farewells) && !r.Has(language.Thank) && !r.Has(language.Greet) && !r.Has(language.Complain)
	if e.answersNotice(w, r) || e.answersWait(w) || e.answersByNumber(w, r) || e.choose(w, r, parts) {
		return
	}
	if e.leaves(w, parts) || e.thinks(w, parts) {
		return
	}
	e.agree(text, w, r)
	e.phrases(w)
	e.company(w)
	e.mine(w, r.Has(language.Ask) || strings.Contains(text, "?"))
	if len(parts) > 0 {
		h.parts = append(h.parts, parts)
	}
	e.sentences(text, s, r)
}

// fewWords is how many words a text has at most that is taken for a wish by a
// name alone.
const fewWords = 5

// times returns what text wishes for in time, and how many words it has besides.
func (e *ear) times(text string, s Said, r language.Reading) (parts []part, rest int) {
	moving := e.draft.Task == Move || r.Has(language.Move)
	mentions := when.Read(text, e.reference(s))
	if moving {
		e.heard.old = append(e.heard.old, givenUp(mentions, e.in.when(s))...)
	} else {
		e.heard.not = append(e.heard.not, withouts(mentions)...)
	}
	rest = len(words(text))
	for _, m := range mentions {
		rest -= len(words(m.Text))
		if m.Past {
			return partsOf(mentions, e.in.when(s), moving), rest + fewWords // something that was, or that is over
		}
	}
	return partsOf(mentions, e.in.when(s), moving), rest
}

func (e *ear) read(text string) language.Reading {
	return language.Read(text, language.Hints{
		Language: e.in.Language, Medium: e.in.Medium, Previous: e.draft.Said, Offered: len(e.draft.Offered), Staff: e.names.staff, Services: e.names.services,
	})
}

// reference says what a bare number in an answer means.
func (e *ear) reference(s Said) when.Reference {
	ref := when.Reference{Now: e.in.when(s), Language: e.in.Language, Previous: e.draft.Said}
	ref.Around, ref.AroundTo = e.draft.around(e.in.Zone)
	switch d := e.draft; {
	case d.Done != nil && !d.Open() && e.heard.instead, !d.Open() && slices.ContainsFunc(e.heard.parts, named):
		ref.Asked = when.AskedClock // "Monday" - "3", in one burst
	case d.Asked == AskedService, d.Asked == AskedAppointment, d.Asked == AskedCancel:
		ref.Asked = when.AskedNothing
	case d.Asked == AskedConfirm, d.Asked == AskedTime && len(d.Wish.Days) > 0:
		ref.Asked = when.AskedClock
	case d.Asked == AskedTime && !d.Wish.Clock.none():
		ref.Asked = when.AskedDay
	case d.Asked == AskedTime:
		ref.Asked = when.AskedBoth
	}
	return ref
}

// agree takes the last yes or no. A message that says both says neither.
func (e *ear) agree(text string, w []string, r language.Reading) {
	yes, no := r.Has(language.Confirm), r.Has(language.Deny)
	if e.draft.TakesYes() && len(w) <= 3 && holds(w, assents) {
		yes = true
	}
	if yes && !no && (e.asksOn(text) || len(w) > manyWords && !saysYesFirst(text)) {
		yes = false
	}
	if no && holds(w, sameTimes) {
		no = false // "no mesmo horário"
	}
	if yes || no {
		e.heard.yes, e.heard.no = yes && !no, no && !yes
	}
}

// manyWords is how many words an answer has at most in which a yes may stand
// anywhere.
const manyWords = 12

// saysYesFirst reports whether the first sentence of text is a yes and little
// else. In a long text a word of agreement further on is about something else.
func saysYesFirst(text string) bool {
	first := words(sentences(text)[0])
	return len(first) <= manyWords && (len(first) <= fewWords && holds(first, firmOnes) || hasPrefix(first, firmOnes))
}

// asksOn reports whether text is one question that only begins with a word of
// agreement: "ok, and how much is it?"
func (e *ear) asksOn(text string) bool {
	list := sentences(text)
	if len(list) != 1 || !strings.HasSuffix(list[0], "?") {
		return false
	}
	w := words(list[0])
	return len(w) > 2 && hasPrefix(w, mildOnes) && !holds(w, firmOnes)
}

// leaves reports whether w is words for leaving things as they are: the booking
// under way is given up, an appointment stays.
func (e *ear) leaves(w []string, parts []part) bool {
	if !e.draft.Open() || len(parts) > 0 || len(w) > 2*fewWords || !holds(w, leaveOnes) {
		return false
	}
	h := &e.heard
	delete(h.acts, language.Ask)
	if h.yes = false; e.draft.Task == Book {
		h.acts[language.Cancel] = true
	} else {
		h.no = true
		delete(h.acts, language.Cancel)
	}
	return true
}

// thinks reports whether w asks for time to think it over.
func (e *ear) thinks(w []string, parts []part) bool {
	if !e.draft.Open() || len(parts) > 0 || len(w) > manyWords || !holds(w, thinkOnes) {
		return false
	}
	e.heard.thinks = true
	return true
}

// sentences takes the names in text, and its questions that are not about a
// time: those are wishes. A service that stands in a question alone ("how much
// is a cleaning?") is not wished for yet.
func (e *ear) sentences(text string, s Said, whole language.Reading) {
	h := &e.heard
	list := sentences(text)
	for _, one := range list {
		r := whole
		if len(list) > 1 {
			r = e.read(one)
		}
		if e.asksWhen(words(one), r) {
			h.acts[language.Book] = true
		} else if e.isQuestion(one, s, r) {
			h.questions = append(h.questions, one)
			h.maybe, h.about[one] = e.service(r, h.maybe), e.together(one, r)
			continue
		}
		if e.saysMore(one, s, r) {
			h.questions, h.besides = append(h.questions, one), one
		}
		if list := e.together(one, r); len(list) > 1 && !r.Has(language.Move) && !r.Has(language.Cancel) {
			h.service, h.then = list[0], list[1:min(len(list), mostTogether)]
		} else if len(r.Services) > 0 {
			h.service, h.then = e.service(r, h.service), nil
			h.party = max(h.party, e.copies(one, r))
		}
		for _, f := range r.Staff {
			if p := e.in.Catalogue.Staff[f.Name]; !p.Inactive {
				h.staff = p.ID
			}
		}
	}
}

// asksWhen reports whether w asks when there is time with somebody or for
// something: "when is Ana free?", "what is the soonest for a cleaning?"
func (e *ear) asksWhen(w []string, r language.Reading) bool {
	return len(r.Staff)+len(r.Services) > 0 && r.Has(language.Ask) && len(w) <= manyWords && (holds(w, freeOnes) || holds(w, soonestOnes)) && !holds(w, priceOnes)
}

// saysMore reports whether a wish for an appointment says so much besides that
// the knowledge may have something on it: "I have a terrible toothache, can
// somebody see me today?"
func (e *ear) saysMore(text string, s Said, r language.Reading) bool {
	if e.draft.Open() || len(r.Services) > 0 || !r.Has(language.Book) || !r.Has(language.Ask) && !r.Has(language.Complain) {
		return false
	}
	rest := len(words(text))
	for _, m := range when.Read(text, e.reference(s)) {
		rest -= len(words(m.Text))
	}
	return rest > fewWords+2
}

func (e *ear) isQuestion(text string, s Said, r language.Reading) bool {
	changes := r.Has(language.Book) || r.Has(language.Move) || r.Has(language.Cancel) || r.Has(language.Select)
	if !strings.Contains(text, "?") && r.Has(language.Confirm) || e.draft.Open() && (e.heard.sameTime || e.heard.after) {
		return false // "pode ser", "and at the same time?"
	}
	return r.Has(language.Ask) && !changes && !e.heard.whenMine && !e.heard.who && !e.heard.again && e.heard.party < 2 && len(when.Read(text, e.reference(s))) == 0
}

// service returns the last service that r names, or else.
func (e *ear) service(r language.Reading, otherwise ingest.ServiceID) ingest.ServiceID {
	for _, f := range r.Services {
		s := e.in.Catalogue.Services[f.Name]
		if !s.Inactive || e.draft.Task == Cancel || e.draft.Task == Move {
			otherwise = s.ID
		}
	}
	return otherwise
}

// phrases takes what is said of times that were or could be offered.
func (e *ear) phrases(w []string) {
	h := &e.heard
	h.soonest = holds(w, soonestOnes)
	h.later, h.earlier = h.later || holds(w, laterOnes), !h.soonest && (h.earlier || holds(w, earlierOnes))
	h.other = h.other || holds(w, otherOnes)
	h.otherDay = h.otherDay || holds(w, otherDays)
	h.also = h.also || holds(w, alsoOnes)
	h.sameTime = h.sameTime || holds(w, sameTimes)
	h.anyone = h.anyone || holds(w, anyOnes)
}

// mine takes what is said of the contact's own appointments: which there are,
// and with whom the one is that is spoken of.
func (e *ear) mine(w []string, asks bool) {
	h, d := &e.heard, e.draft
	if holds(w, mineOnes) {
		h.mine = true
		h.whenMine = h.whenMine || holds(w, whenWords)
	}
	h.whenMine = h.whenMine || asks && holds(w, listOnes)
	h.who = h.who || (d.Pending != nil || d.Done != nil && !d.Open()) && len(w) <= fewWords+2 && holds(w, whoOnes)
}

// sentences cuts text after its marks and at the ends of its lines.
func sentences(text string) []string {
	var out []string
	from := 0
	cut := func(to int) {
		if one := strings.TrimSpace(text[from:to]); one != "" {
			out = append(out, one)
		}
		from = to
	}
	for i := range len(text) {
		switch text[i] {
		case '\n', '?':
			cut(i + 1)
		case '.', '!':
			if i+1 < len(text) && text[i+1] == ' ' && i-from > 3 {
				cut(i + 1)
			}
		}
	}
	cut(len(text))
	return out
}
