package dialogue

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// Limits of WhatsApp's menus, in characters.
const (
	longestBody   = 1024
	longestButton = 20
	longestRow    = 24
	longestDetail = 72
)

// result puts the reply together: what was done, answers, why a wish cannot be
// had, and the open question with what is offered.
func (t *turn) result() Result {
	r := t.res
	r.Taken, r.Draft = true, t.d
	if !t.useful && len(t.answers) == 0 {
		r.Failed = true
		switch {
		case r.Unanswered:
		case t.which:
			t.note(t.say(sayWhichOne))
		default:
			t.note(t.say(sayAgain))
		}
	}
	if r.Unanswered {
		r.Failed = !t.useful
		t.note(t.say(sayDontKnow))
	}
	r.Answered = len(t.answers) > 0 && !t.in.Draft.Open() && !t.d.Open() && t.done == "" && len(t.notes) == 0
	if r.DeadEnd {
		r.Draft = Draft{}
		r.Text = t.joined("")
		return r
	}
	question, menu := t.question()
	if t.quiet {
		r.Text, r.Draft.At = t.joined(""), t.in.Now
		return r
	}
	r.Text, r.Menu = t.joined(question), menu
	if t.which && menu != nil && len(t.notes) == 1 && t.done == "" {
		r.Text = t.joined("") // "which one?" asks it
	}
	if question != "" || r.Draft.Notice == nil {
		r.Draft.Said, r.Draft.Turn = question, t.in.Turn
	}
	r.Draft.At = t.in.Now
	if r.Menu != nil && utf8.RuneCountInString(r.Text) > longestBody {
		r.Menu = nil
		r.Text += "\n" + numbered(menu)
	}
	return r
}

func (t *turn) joined(question string) string {
	var lines []string
	if t.h.greets && !t.in.Draft.Open() {
		lines = append(lines, t.say(sayHello))
	} else if t.h.acts[language.Thank] && t.done == "" && !t.h.wishes() && len(t.notes) == 0 {
		lines = append(lines, t.say(sayWelcome))
	}
	polite := len(lines) > 0
	if t.done != "" {
		lines = append(lines, t.done)
	}
	lines = slices.Concat(lines, t.answers, t.notes)
	if question != "" {
		lines = append(lines, question)
	}
	if len(t.answers) == 0 {
		return strings.Join(lines, " ")
	}
	if polite && len(lines) > 1 {
		lines = append([]string{lines[0] + " " + lines[1]}, lines[2:]...)
	}
	return strings.Join(lines, "\n\n")
}

// numbered lists the choices of a menu that is too long for one.
func numbered(m *ingest.Menu) string {
	var lines []string
	for _, c := range m.Buttons {
		lines = append(lines, "• "+c.Title)
	}
	for _, s := range m.Sections {
		for _, c := range s.Rows {
			lines = append(lines, "• "+strings.TrimSpace(c.Title+" "+c.Description))
		}
	}
	return strings.Join(lines, "\n")
}

// question returns the open question in the language of the turn, and what is
// offered with it.
func (t *turn) question() (string, *ingest.Menu) {
	d := t.d
	switch d.Asked {
	case AskedService:
		return t.say(sayWhichService), t.choices()
	case AskedTime:
		if len(d.Offered) == 0 {
			return t.sayf(sayWhen, Pick{Service: d.Wish.Service}), nil
		}
		if d.Near {
			return t.orAnother(sayNearest), t.choices()
		}
		return t.orAnother(sayWhichTime), t.choices()
	case AskedConfirm:
		if d.Task == Move {
			return t.sayf(sayMoveIt, *d.Pending), t.yesNo(sayYesMove, sayOtherTime)
		}
		return t.sayf(sayBookIt, *d.Pending), t.yesNo(sayYesBook, sayOtherTime)
	case AskedAppointment:
		return t.say(sayWhichAppointment), t.choices()
	case AskedCancel:
		o := *d.Target
		return t.sayf(sayCancelIt, Pick{Service: o.Service, Staff: o.Staff, Start: o.Start}), t.yesNo(sayYesCancel, sayNoKeep)
	}
	return t.prompt, t.promptMenu
}

// orAnother asks which of the times that are offered it shall be. That another
// day may be named is said once; and where what is wished is taken, that the
// contact can be told when it becomes free.
func (t *turn) orAnother(what sentence) string {
	text := t.sayf(what, Pick{Service: t.d.Wish.Service})
	if t.in.Draft.Asked != AskedTime || t.in.Draft.Near != t.d.Near {
		text += " " + t.say(sayOrAnother)
	}
	if t.d.Full != nil {
		text += " " + t.say(sayOrWait)
	}
	return text
}

func (t *turn) yesNo(yes, no sentence) *ingest.Menu {
	return &ingest.Menu{Buttons: []ingest.Choice{{ID: yesID(t.in.Turn), Title: t.say(yes)}, {ID: noID(t.in.Turn), Title: t.say(no)}}}
}

// choices offers what the draft has, as buttons if they fit and else as a list.
func (t *turn) choices() *ingest.Menu {
	list := t.labelled()
	if len(list) > mostRows {
		list = list[:mostRows]
	}
	list = t.orWait(list)
	small := len(list) <= mostButtons
	for _, c := range list {
		small = small && utf8.RuneCountInString(c.Title) <= longestButton && t.d.Asked != AskedAppointment
	}
	if small {
		for i := range list {
			list[i].Description = ""
		}
		return &ingest.Menu{Buttons: list}
	}
	for i, c := range list {
		if utf8.RuneCountInString(c.Title) > longestRow {
			list[i].Description = clip(c.Title, longestDetail)
		}
		list[i].Title, list[i].Description = clip(c.Title, longestRow), clip(list[i].Description, longestDetail)
	}
	return &ingest.Menu{ListTitle: t.say(sayChoose), Sections: []ingest.MenuSection{{Rows: list}}}
}

// labelled returns a choice for each of what is offered.
func (t *turn) labelled() []ingest.Choice {
	var list []ingest.Choice
	for i, o := range t.d.Offered {
		c := ingest.Choice{ID: optionID(t.in.Turn, i)}
		switch {
		case t.d.Asked == AskedService:
			c.Title = t.in.Catalogue.service(o.Service)
			c.Description = t.price(o.Service)
		case t.d.Asked == AskedAppointment:
			c.Title, c.Description = t.short(o.Start), t.in.Catalogue.service(o.Service)+t.with(o.Staff)
		default:
			c.Title = t.short(o.Start)
			if t.d.Wish.Staff != "" {
				c.Description = strings.TrimSpace(t.with(o.Staff))
			}
		}
		list = append(list, c)
	}
	return list
}

func (t *turn) price(id ingest.ServiceID) string {
	for _, s := range t.in.Catalogue.Services {
		if s.ID == id {
			return s.Price
		}
	}
	return ""
}

// clip cuts s to most characters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
}
