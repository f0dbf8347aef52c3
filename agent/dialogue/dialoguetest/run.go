package dialoguetest

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/ingest"
)

// Message is what a customer writes or presses.
type Message struct {
	Text   string
	Choice string // id of what was pressed
	At     time.Time
}

// Reply is what the customer reads.
type Reply struct {
	Text string
	Menu *ingest.Menu
}

// World is a business with one customer.
type World interface {
	// Say delivers a burst and returns the reply; without one its Text is empty.
	Say(t testing.TB, burst []Message) Reply
	// Book makes an appointment, of the customer or of somebody else.
	Book(t testing.TB, row Row, own bool)
	// Rows returns the customer's appointments, whatever their status, by start
	// as the wall clock shows it.
	Rows(t testing.TB) []Row
	// Person returns why a person has the conversation, or nothing.
	Person(t testing.TB) string
	// SetNow sets the clock.
	SetNow(now time.Time)
}

// Run plays s in w and checks how it ends.
func Run(t testing.TB, s Script, w World) {
	t.Helper()
	p := &play{t: t, s: s, w: w, b: Businesses[s.Business]}
	p.now = p.b.In(s.Now)
	w.SetNow(p.now)
	for _, r := range s.Taken {
		w.Book(t, r, false)
	}
	for _, r := range s.Given {
		w.Book(t, r, true)
	}
	for _, l := range s.Say {
		p.line(l)
	}
	p.end()
}

type play struct {
	t    testing.TB
	s    Script
	w    World
	b    Business
	now  time.Time
	last Reply
	log  []string
}

func (p *play) tick(d time.Duration) {
	p.now = p.now.Add(d)
	p.w.SetNow(p.now)
}

func (p *play) line(l Line) {
	p.t.Helper()
	switch {
	case l.Text != "":
		p.say(Message{Text: l.Text})
	case len(l.Burst) > 0:
		var list []Message
		for _, text := range l.Burst {
			list = append(list, Message{Text: text})
		}
		p.say(list...)
	case l.Press != "":
		c, ok := p.pressed(l.Press)
		if !ok {
			p.fail("nothing to press like %q", l.Press)
			return
		}
		p.say(Message{Text: c.Title, Choice: c.ID})
	case l.Hear != "":
		if !strings.Contains(strings.ToLower(p.last.Text), strings.ToLower(l.Hear)) {
			p.fail("the last reply has no %q", l.Hear)
		}
	case l.Offer > 0:
		if n := len(choices(p.last.Menu)); n != l.Offer {
			p.fail("%d choices are offered, want %d", n, l.Offer)
		}
	case l.Taken != nil:
		p.w.Book(p.t, *l.Taken, false)
	case l.Wait > 0:
		p.tick(l.Wait)
	}
}

func (p *play) say(burst ...Message) {
	p.t.Helper()
	p.tick(p.s.Every)
	for i := range burst {
		burst[i].At = p.now
		p.log = append(p.log, "> "+burst[i].Text)
	}
	p.last = p.w.Say(p.t, burst)
	line := "< " + p.last.Text
	for _, c := range choices(p.last.Menu) {
		line += " [" + c.Title + "]"
	}
	p.log = append(p.log, line)
}

// pressed returns the choice that text means.
func (p *play) pressed(text string) (ingest.Choice, bool) {
	list := choices(p.last.Menu)
	n, err := strconv.Atoi(text)
	switch {
	case text == "yes" && len(list) > 0:
		return list[0], true
	case text == "no" && len(list) > 1:
		return list[1], true
	case err == nil && n >= 1 && n <= len(list):
		return list[n-1], true
	}
	i := slices.IndexFunc(list, func(c ingest.Choice) bool { return strings.Contains(c.Title, text) })
	if i < 0 {
		return ingest.Choice{}, false
	}
	return list[i], true
}

func choices(m *ingest.Menu) []ingest.Choice {
	if m == nil {
		return nil
	}
	list := slices.Clone(m.Buttons)
	for _, s := range m.Sections {
		list = append(list, s.Rows...)
	}
	return list
}

func (p *play) end() {
	p.t.Helper()
	for _, text := range p.s.Hears {
		if !strings.Contains(strings.ToLower(p.last.Text), strings.ToLower(text)) {
			p.fail("the last reply has no %q", text)
		}
	}
	got, want := p.w.Rows(p.t), slices.Clone(p.s.Rows)
	for i := range want {
		if want[i].Status == "" {
			want[i].Status = "scheduled"
		}
		if i < len(got) && want[i].Staff == "" {
			got[i].Staff = ""
		}
	}
	if !slices.Equal(got, want) {
		p.fail("the rows are %v, want %v", got, want)
	}
	if why := p.w.Person(p.t); why != p.s.Person {
		p.fail("a person has it because of %q, want %q", why, p.s.Person)
	}
	if p.t.Failed() {
		p.t.Logf("%s\n%s", p.s.Name, strings.Join(p.log, "\n"))
	}
}

func (p *play) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Errorf(format, args...)
}
