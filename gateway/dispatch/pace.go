package dispatch

import (
	"sync"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Pace of a channel whose RatePerSecond is not set.
const (
	whatsAppPerSecond = 80 // every number begins with this throughput
	twilioPerSecond   = 1  // a US long code; more for other kinds of number
)

// WhatsApp takes one message in six seconds to one person for good, and up to
// 45 at once that are made up for later.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
)

// held says which of a message's slots its due time already is.
type held int16

const (
	heldNone held = iota
	heldPair      // the pair's; the channel's is to be taken then
	heldAll       // both
)

// sender is one channel as pacing and outages see it: test traffic goes to the
// simulator and neither spends nor suffers what the live channel does.
type sender struct {
	tenant  ingest.TenantID
	channel ingest.ChannelID
	sandbox bool
}

// pacer hands out the moments at which messages may go. A moment once given is
// spent: who gets one later than it can wait for keeps it and comes back then.
// It is safe for concurrent use.
type pacer struct {
	mu       sync.Mutex
	channels map[sender]*meter
	pairs    map[string]*meter
	swept    time.Time
}

func newPacer() *pacer {
	return &pacer{channels: map[sender]*meter{}, pairs: map[string]*meter{}}
}

// reserve returns when a message of lane may go, at the earliest now, and which
// slots it holds by that. patience is how long the caller can wait in place: a
// pair that needs longer keeps its own slot and takes none of the channel's,
// which would lie idle until then.
func (p *pacer) reserve(now time.Time, s sender, ch provider.Channel, lane string, has held, patience time.Duration) (time.Time, held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	if has == heldAll {
		return now, heldAll
	}
	at := now
	if has == heldNone && isWhatsApp(ch) {
		if at = p.pair(lane).next(now); at.Sub(now) > patience {
			return at, heldPair
		}
	}
	return p.channel(s, ch).next(at), heldAll
}

// advance keeps the channel's next slot after at, up to which others have taken
// them: replicas, or this one before a restart.
func (p *pacer) advance(s sender, ch provider.Channel, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.channel(s, ch); at.After(m.full) {
		m.full = at.Add(m.interval)
	}
}

func (p *pacer) channel(s sender, ch provider.Channel) *meter {
	rate := rateOf(ch)
	m := p.channels[s]
	if m == nil {
		m = &meter{}
		p.channels[s] = m
	}
	m.interval = time.Second / time.Duration(rate) // may have been changed
	m.burst = max(rate/10, 1)                      // a tenth of a second's worth
	return m
}

func (p *pacer) pair(lane string) *meter {
	m := p.pairs[lane]
	if m == nil {
		m = &meter{interval: pairInterval, burst: pairBurst}
		p.pairs[lane] = m
	}
	return m
}

// sweep forgets, once a minute, what no longer limits anybody.
func (p *pacer) sweep(now time.Time) {
	if now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	for k, m := range p.pairs {
		if m.full.Before(now) {
			delete(p.pairs, k)
		}
	}
	for k, m := range p.channels {
		if m.full.Before(now) {
			delete(p.channels, k)
		}
	}
}

// meter lets one through per interval and burst at once after a rest (GCRA).
type meter struct {
	interval time.Duration
	burst    int
	full     time.Time // when all that was let through is made up for
}

// next takes the earliest slot that is not before t.
func (m *meter) next(t time.Time) time.Time {
	at := m.full.Add(-time.Duration(m.burst-1) * m.interval)
	if at.Before(t) {
		at = t
	}
	if m.full.Before(at) {
		m.full = at
	}
	m.full = m.full.Add(m.interval)
	return at
}

// rateOf returns how many messages ch may send a second.
func rateOf(ch provider.Channel) int {
	switch {
	case ch.RatePerSecond > 0:
		return ch.RatePerSecond
	case isWhatsApp(ch):
		return whatsAppPerSecond
	default:
		return twilioPerSecond
	}
}
