package agent

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/agent/dialogue"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// converse decides the turn if it concerns a booking or what the business's own
// settings answer: a wish, words in a dialogue under way, opening hours. taken is false where it does not.
func converse(ctx context.Context, s State, r reading, tools Tools, d *Decision) (taken bool, err error) {
	if !s.Catalogue.Books() && len(s.Business.Hours) == 0 && s.Draft.Notice == nil && !slices.ContainsFunc(s.Messages, settles) {
		return false, nil
	}
	in := dialogue.Input{
		Conversation: s.Conversation, Turn: s.Turn, Now: s.Now, Zone: zone(s.Business), Business: s.Business.Name, Language: spoken(s, r.lang),
		Medium: medial(s.Messages), Catalogue: s.Catalogue, Draft: s.Draft,
		Hours: dialogue.Hours{Week: s.Business.Hours, Closed: s.Business.Closed},
		Ask: func(ctx context.Context, question string) (string, bool, error) {
			a, err := look(ctx, question, r.lang, tools, d)
			return a.Text, a.Supported && a.Text != "", err
		},
	}
	for _, m := range s.Messages {
		in.Said = append(in.Said, dialogue.Said{Text: m.Text, Choice: m.Choice, At: m.At})
	}
	res, err := dialogue.Take(ctx, in, tools)
	if err != nil {
		return false, err
	}
	if !res.Taken {
		d.Draft = res.Draft
		return false, nil
	}
	d.booking(ctx, s, res, tools)
	return true, nil
}

// booking makes the decision of what a dialogue came to.
func (d *Decision) booking(ctx context.Context, s State, res dialogue.Result, tools Tools) {
	d.Outcome, d.Reply, d.Menu, d.Draft, d.Confidence = ingest.Assisted, res.Text, res.Menu, res.Draft, 1
	if d.Reply == "" {
		d.Outcome, d.Reason = ingest.Silent, ReasonNothing
	}
	switch {
	case res.Answered:
		d.Outcome = ingest.Answered
	case res.DeadEnd:
		text := res.Text
		*d = d.handOff(s, ReasonBooking, sayHandoff)
		d.Reply = strings.TrimSpace(text + " " + d.Reply)
	case res.Failed && s.Failures+1 >= cmp.Or(s.Handoff.AfterFailures, DefaultFailures):
		text := sayLost
		if res.Unanswered {
			text = sayUnknown
		}
		*d = d.handOff(s, ReasonFailures, text)
	case res.Failed:
		d.Outcome, d.Failed, d.Confidence = ingest.Declined, true, 0
	case res.Unanswered:
		d.Outcome = ingest.Declined
	}
	if d.HandOff {
		d.drop(ctx, tools)
	}
}

// drop forgets the booking under way, as a person goes on with it or nothing
// more is wanted. A hold that cannot be given back ends by itself.
func (d *Decision) drop(ctx context.Context, tools Tools) {
	if id := d.Draft.Hold; id != "" {
		_ = tools.Release(ctx, id)
	}
	d.Draft, d.Menu = dialogue.Draft{}, nil
}

// agrees reports whether m is a yes to what a booking asks, although providers
// of SMS take the word for an opt-in too.
func agrees(s State, m Prompt, word ingest.OptWord) bool {
	return word == ingest.OptStart && !s.OptedOut && s.Draft.TakesYes() && language.Read(m.Text, language.Hints{Previous: s.Draft.Said}).Has(language.Confirm)
}

// settles reports whether m answers a reminder, or an offer of a free time, by
// its button and for good.
func settles(m Prompt) bool { return dialogue.SettlesNotice(m.Choice) }

func zone(b Business) *time.Location {
	loc, err := time.LoadLocation(cmp.Or(b.Timezone, "UTC"))
	if err != nil {
		return time.UTC
	}
	return loc
}

// spoken returns lang, or the first of the tenant's languages that a dialogue
// can be held in.
func spoken(s State, lang string) string {
	for _, l := range append([]string{lang}, s.Business.Languages...) {
		if dialogue.Speaks(l) {
			return l
		}
	}
	return "en"
}

// medial returns how the last message came.
func medial(list []Prompt) language.Medium { return list[len(list)-1].Medium }
