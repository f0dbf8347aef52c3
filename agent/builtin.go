package agent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/agent/conversation"
	"frontdesk/agent/language"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// Reasons of silence and handoff.
const (
	ReasonAsked       = "asked"       // the contact asked for a person
	ReasonFailures    = "failures"    // several turns in a row were not understood
	ReasonUnsupported = "unsupported" // no article answers the question
	ReasonBooking     = "booking"     // an appointment is wanted where nothing can be booked, or nothing is free
	ReasonComplaint   = "complaint"   // a complaint that no article answers
	ReasonUnreadable  = "unreadable"  // a picture, a voice message, a file
	ReasonTrouble     = "trouble"     // the knowledge could not be reached
	ReasonPerson      = "person"      // a person owns the conversation
	ReasonOptedOut    = "opted_out"   // the contact wants nothing
	ReasonClosed      = "closed"      // the conversation was closed meanwhile
	ReasonNoAgent     = "no_agent"    // no active agent answers on the channel
	ReasonNothing     = "nothing"     // nothing that asks for words: ok, a sticker
	ReasonAnsweredFor = "by_provider" // the provider has answered itself
)

// Builtin is the brain that needs no model. It is pure given the answers of the
// tools: what it can say is the sentences of this package and passages of the
// tenant's knowledge.
type Builtin struct{}

// Name is "builtin/1".
func (Builtin) Name() string { return "builtin/1" }

// Decide decides a turn. It returns an error only where the knowledge does.
func (Builtin) Decide(ctx context.Context, s State, tools Tools) (Decision, error) {
	r := read(s)
	d := Decision{Language: r.lang, Acts: r.acts(), Flags: r.flags(), Draft: s.Draft}
	if consented(s, r, &d) || mute(s, &d) {
		if d.Outcome == ingest.OptedOut {
			d.drop(ctx, tools)
		}
		return d, nil
	}
	d, err := answer(ctx, s, r, tools, d)
	if err == nil && d.HandOff {
		d.drop(ctx, tools)
	}
	return d, err
}

// answer decides a turn in which something may be said.
func answer(ctx context.Context, s State, r reading, tools Tools, d Decision) (Decision, error) {
	switch {
	case r.handoff(s.Handoff.Words):
		return d.handOff(s, ReasonAsked, sayHandoff), nil
	case r.help():
		return d.say(s, ingest.Greeted, sayHelp), nil
	case r.text == "":
		return wordless(s, d), nil
	}
	if !s.Troubled {
		if taken, err := converse(ctx, s, r, tools, &d); taken || err != nil {
			return d, err
		}
	}
	switch {
	case r.polite():
		return courtesy(s, r, d), nil
	case s.Troubled:
		return d.handOff(s, ReasonTrouble, sayHandoff), nil
	}
	if err := search(ctx, r, tools, &d); err != nil {
		return Decision{}, fmt.Errorf("look up the question: %w", err)
	}
	if d.Outcome == ingest.Answered {
		return d, nil
	}
	return unanswered(s, r, d), nil
}

// unanswered decides a turn whose text no article answers.
func unanswered(s State, r reading, d Decision) Decision {
	switch {
	case r.has(language.Book), r.has(language.Move), r.has(language.Cancel):
		return d.handOff(s, ReasonBooking, sayHandoff)
	case r.has(language.Complain):
		return d.handOff(s, ReasonComplaint, saySorry)
	case r.has(language.Ask):
		d = d.handOff(s, ReasonUnsupported, sayUnknown)
		d.Outcome = ingest.Declined
		return d
	case r.has(language.Thank):
		return d.say(s, ingest.Greeted, sayWelcome) // "thanks, see you on Monday"
	}
	d.Failed = true
	if s.Failures+1 >= cmp.Or(s.Handoff.AfterFailures, DefaultFailures) {
		d = d.handOff(s, ReasonFailures, sayLost)
		return d
	}
	return d.say(s, ingest.Declined, sayRephrase)
}

// consented decides the turn if the burst holds a word on what may be sent: the
// last one counts.
func consented(s State, r reading, d *Decision) bool {
	for i := len(s.Messages) - 1; i >= 0; i-- {
		m := s.Messages[i]
		word, source := m.OptWord, "provider"
		if word == "" {
			word, source = language.Keyword(m.Text, m.Medium), "keyword"
			if r.each[i].Has(language.Stop) {
				word = ingest.OptStop
			}
		}
		switch {
		case agrees(s, m, word):
			return false
		case word == ingest.OptStop:
			d.Outcome, d.Consent = ingest.OptedOut, &Consent{Allowed: false, Source: source, At: m.At}
			d.Acts = []string{string(language.Stop)}
			if s.OptedOut {
				d.Consent, d.Outcome, d.Reason = nil, ingest.Silent, ReasonOptedOut
			} else if source == "keyword" {
				d.Reply = say(s, d.Language, sayOptedOut)
			}
			return true
		case word == ingest.OptStart && (s.OptedOut || source == "provider"):
			d.Outcome, d.Consent = ingest.OptedIn, &Consent{Allowed: true, Source: source, At: m.At}
			if source == "keyword" {
				d.Reply = say(s, d.Language, sayOptedIn)
			}
			return true
		}
	}
	return false
}

// mute decides the turn if nothing may be said.
func mute(s State, d *Decision) bool {
	switch {
	case s.OptedOut:
		d.Reason = ReasonOptedOut
	case s.State == conversation.Closed && s.ClosedReason != "merged":
		d.Reason = ReasonClosed
	case s.Owner == conversation.Person && slices.ContainsFunc(s.Messages, func(m Prompt) bool { return !settles(m) }):
		d.Reason = ReasonPerson
	case s.Paused:
		d.Reason = ReasonNoAgent
	case slices.ContainsFunc(s.Messages, func(m Prompt) bool { return m.OptWord != "" && !agrees(s, m, m.OptWord) }):
		d.Reason = ReasonAnsweredFor
	default:
		return false
	}
	d.Outcome = ingest.Silent
	return true
}

// helpless decides a turn that a brain fails at.
func helpless(s State) Decision {
	d := Decision{Language: s.Language, Draft: s.Draft}
	if mute(s, &d) {
		return d
	}
	return d.handOff(s, ReasonTrouble, sayHandoff)
}

// wordless decides a turn without any text.
func wordless(s State, d Decision) Decision {
	for _, m := range s.Messages {
		if m.Type != ingest.Sticker {
			return d.handOff(s, ReasonUnreadable, sayUnreadable)
		}
	}
	d.Outcome, d.Reason = ingest.Silent, ReasonNothing
	return d
}

// courtesy decides a turn that holds nothing but greetings, thanks and the like.
func courtesy(s State, r reading, d Decision) Decision {
	d.Confidence = 1
	switch {
	case r.has(language.Greet):
		return d.say(s, ingest.Greeted, sayGreeting)
	case r.has(language.Thank):
		return d.say(s, ingest.Greeted, sayWelcome)
	}
	d.Outcome, d.Reason = ingest.Silent, ReasonNothing
	return d
}

// most is how many messages of a burst are looked up each for itself.
const most = 3

// search looks the questions of a burst up, each message for itself and, if
// none has an answer, all together; it answers if it found something.
func search(ctx context.Context, r reading, tools Tools, d *Decision) error {
	queries := r.queries()
	if len(queries) > most {
		queries = []string{r.text}
	}
	if len(queries) > 1 {
		queries = append(queries, r.text)
	}
	var replies []string
	for i, query := range queries {
		if i > 0 && i == len(queries)-1 && len(replies) > 0 {
			break // the whole burst is looked up only if no part had an answer
		}
		a, err := look(ctx, query, r.lang, tools, d)
		if err != nil {
			return err
		}
		if a.Supported && a.Text != "" && !slices.Contains(replies, a.Text) {
			replies = append(replies, a.Text)
		}
	}
	if len(replies) > 0 {
		d.Outcome, d.Reply = ingest.Answered, strings.Join(replies, "\n\n")
	}
	return nil
}

// look looks one question up, and notes what was found.
func look(ctx context.Context, query, lang string, tools Tools, d *Decision) (kb.Answer, error) {
	a, err := tools.Answer(ctx, query, lang)
	if err != nil {
		return a, err
	}
	found := Search{Query: query, Language: lang, Supported: a.Supported, Confidence: a.Confidence, Generation: a.Generation}
	for _, h := range a.Hits {
		found.Hits = append(found.Hits, Hit{h.Article, h.Passage, h.Title, h.Score})
	}
	if a.Supported {
		found.Article = cmp.Or(a.Article, first(found.Hits).Article)
	}
	d.Searches = append(d.Searches, found)
	d.Confidence = max(d.Confidence, a.Confidence)
	return a, nil
}

func first(hits []Hit) Hit {
	if len(hits) == 0 {
		return Hit{}
	}
	return hits[0]
}

func (d Decision) say(s State, outcome ingest.Outcome, what sentence) Decision {
	d.Outcome, d.Reply = outcome, say(s, d.Language, what)
	return d
}

func (d Decision) handOff(s State, reason string, what sentence) Decision {
	d = d.say(s, ingest.HandedOff, what)
	d.HandOff, d.Reason = true, reason
	return d
}
