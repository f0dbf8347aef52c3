package agent_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/agent/language"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// paper is the built-in brain alone, with a desk and a shelf in memory.
type paper struct {
	*dialoguetest.Paper
	business dialoguetest.Business
	medium   language.Medium
	state    agent.State
}

func newPaper(s dialoguetest.Script) *paper {
	b := dialoguetest.Businesses[s.Business]
	p := &paper{Paper: dialoguetest.NewPaper(b), business: b, medium: language.WhatsApp}
	if s.Channel == "sms" {
		p.medium = language.SMS
	}
	p.state = agent.State{
		Conversation: "cnv_here", State: conversation.Open, Owner: conversation.Bot, Catalogue: p.Catalogued,
		Business: agent.Business{Name: b.Name, Timezone: b.Zone, Languages: b.Languages, Hours: b.Hours, Closed: b.Closed},
	}
	return p
}

// counter is the tools of the brain: the desk and the shelf.
type counter struct {
	*dialoguetest.Paper
	articles map[string]string
}

func (c counter) Answer(_ context.Context, text, _ string) (kb.Answer, error) {
	for word, answer := range c.articles {
		if strings.Contains(strings.ToLower(text), word) {
			return kb.Answer{Supported: true, Confidence: 0.9, Text: answer, Article: "art_1"}, nil
		}
	}
	return kb.Answer{Confidence: 0.1}, nil
}

func (p *paper) SetNow(now time.Time) { p.Calendar.Now, p.state.Now = now, now }

func (p *paper) Say(t testing.TB, burst []dialoguetest.Message) dialoguetest.Reply {
	t.Helper()
	p.state.Turn++
	p.state.Messages = nil
	for _, m := range burst {
		p.state.Messages = append(p.state.Messages, agent.Prompt{Type: ingest.Text, Text: m.Text, Choice: m.Choice, At: m.At, Medium: p.medium})
	}
	d, err := agent.Builtin{}.Decide(t.Context(), p.state, counter{p.Paper, p.business.Articles})
	if err != nil {
		t.Fatal(err)
	}
	s := &p.state
	s.Draft, s.Language = d.Draft, d.Language
	s.Failures++
	if !d.Failed {
		s.Failures = 0
	}
	if d.HandOff {
		s.Owner, s.ClosedReason = conversation.Person, d.Reason
	}
	return dialoguetest.Reply{Text: d.Reply, Menu: d.Menu}
}

func (p *paper) Book(t testing.TB, row dialoguetest.Row, own bool) {
	t.Helper()
	if err := p.Put(p.business, row, own); err != nil {
		t.Fatal(err)
	}
}

func (p *paper) Rows(testing.TB) []dialoguetest.Row { return p.All() }

func (p *paper) Person(testing.TB) string {
	if p.state.Owner == conversation.Person {
		return p.state.ClosedReason
	}
	return ""
}

func TestScriptsOnPaper(t *testing.T) {
	t.Parallel()
	scripts, err := dialoguetest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			p := newPaper(s)
			dialoguetest.Run(t, s, p)
			if p.Holds() > 1 {
				t.Errorf("%d slots are held at the end", p.Holds())
			}
		})
	}
}
