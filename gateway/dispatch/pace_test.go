package dispatch

import (
	"testing"
	"time"

	"frontdesk/gateway/provider"
)

func TestPace(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	whatsApp := provider.Channel{Type: provider.WhatsApp}
	fast := provider.Channel{Type: provider.WhatsApp, RatePerSecond: 10_000}
	sms := provider.Channel{Type: provider.Twilio, Ref: "+15555550101"}
	slow := provider.Channel{Type: provider.Twilio, Ref: "+15555550101", RatePerSecond: 5}
	overTwilio := provider.Channel{Type: provider.Twilio, Ref: "whatsapp:+15555550101", RatePerSecond: 10_000}
	tests := []struct {
		name  string
		ch    provider.Channel
		lanes int // messages go round these
		n     int
		last  time.Duration // when the n-th may go
		held  held
	}{
		{"a long code sends its first at once", sms, 9, 1, 0, heldAll},
		{"a long code sends one a second", sms, 9, 4, 3 * time.Second, heldAll},
		{"a set rate holds", slow, 9, 6, time.Second, heldAll},
		{"WhatsApp sends 80 a second after a burst of 8", whatsApp, 1000, 88, time.Second, heldAll},
		{"a person gets 45 at once", fast, 1, 45, 0, heldAll},
		{"the 46th to a person waits six seconds", fast, 1, 46, 6 * time.Second, heldPair},
		{"the 47th waits twelve", fast, 1, 47, 12 * time.Second, heldPair},
		{"two people wait apart", fast, 2, 90, 0, heldAll},
		{"WhatsApp by way of Twilio paces pairs too", overTwilio, 1, 46, 6 * time.Second, heldPair},
		{"SMS has no pairs", provider.Channel{Type: provider.Twilio, RatePerSecond: 10_000}, 1, 46, 0, heldAll},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPacer()
			var at time.Time
			var h held
			for i := range tt.n {
				at, h = p.reserve(start, sender{channel: "c"}, tt.ch, string(rune('a'+i%tt.lanes)), heldNone, 0)
			}
			if got := at.Sub(start).Round(100 * time.Millisecond); got != tt.last || h != tt.held {
				t.Errorf("message %d goes after %v holding %d, want %v holding %d", tt.n, got, h, tt.last, tt.held)
			}
		})
	}
}

func TestPaceGivesASlotOnce(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	sms := provider.Channel{Type: provider.Twilio}
	p := newPacer()
	s := sender{channel: "c"}
	p.reserve(start, s, sms, "a", heldNone, 0)
	at, h := p.reserve(start, s, sms, "b", heldNone, 0)
	if again, _ := p.reserve(at, s, sms, "b", h, 0); !again.Equal(at) {
		t.Errorf("a message that comes back for its slot at %v goes at %v", at, again)
	}
	if next, _ := p.reserve(at, s, sms, "c", heldNone, 0); next.Sub(at) != time.Second {
		t.Errorf("the next goes %v later, want a second: the slot was given twice", next.Sub(at))
	}
	p.advance(s, sms, at.Add(time.Minute))
	if next, _ := p.reserve(at, s, sms, "d", heldNone, 0); next.Sub(at) != time.Minute+time.Second {
		t.Errorf("the next goes after %v, want to stand behind slots that others took", next.Sub(at))
	}
}

func TestPaceKeepsTestAndLiveApart(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	p := newPacer()
	for _, s := range []sender{{channel: "c"}, {channel: "c", sandbox: true}, {tenant: "other", channel: "c"}} {
		if at, _ := p.reserve(start, s, provider.Channel{Type: provider.Twilio}, "a", heldNone, 0); !at.Equal(start) {
			t.Errorf("%+v waits for another sender", s)
		}
	}
}

func TestPaceForgetsWhatLimitsNobody(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	p := newPacer()
	for i := range 1000 {
		p.reserve(start, sender{channel: "c"}, provider.Channel{Type: provider.WhatsApp, RatePerSecond: 5000}, string(rune(i)), heldNone, 0)
	}
	p.reserve(start.Add(10*time.Minute), sender{channel: "d"}, provider.Channel{Type: provider.WhatsApp}, "x", heldNone, 0)
	if len(p.pairs) != 1 || len(p.channels) != 1 {
		t.Errorf("%d pairs and %d channels are kept, want 1 and 1", len(p.pairs), len(p.channels))
	}
}
