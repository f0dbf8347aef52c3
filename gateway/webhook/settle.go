package webhook

import (
	"context"
	"time"
)

const (
	// settleAtOnce is how many attempts are settled together.
	settleAtOnce = 256
	// settleGather is how long those that are over wait for more.
	settleGather = 3 * time.Millisecond
	// settleTimeout bounds one write.
	settleTimeout = 5 * time.Second
)

// settleAll writes down how attempts ended, until there are no more to come.
func (s *Sender) settleAll(ctx context.Context) {
	for first := range s.ended {
		list := s.gather(first)
		s.settle(ctx, list)
		for _, e := range list {
			e.place.settled()
		}
		s.Wake()
	}
}

func (s *Sender) gather(first ending) []ending {
	list := []ending{first}
	wait := time.After(settleGather)
	for len(list) < settleAtOnce {
		select {
		case e, open := <-s.ended:
			if !open {
				return list
			}
			list = append(list, e)
		case <-wait:
			return list
		}
	}
	return list
}

// settle writes list, again and again while the leases last. After that the
// attempts will be made anew, by whoever leases them.
func (s *Sender) settle(ctx context.Context, list []ending) {
	rows := make([]settlement, len(list))
	for i, e := range list {
		rows[i] = e.settlement
	}
	healths := learned(list)
	for {
		once, cancel := context.WithTimeout(ctx, settleTimeout)
		failing, err := s.store.settle(once, rows, healths, s.cfg.Breaker, s.cfg.GiveUp)
		cancel()
		if err == nil {
			s.end(ctx, list, failing)
			return
		}
		s.log.Warn("deliveries are not settled yet", "error", err, "count", len(list))
		if time.Since(list[0].began) > list[0].timeout+s.cfg.Lease {
			return
		}
		time.Sleep(s.cfg.Poll)
	}
}

// learned sums up what list teaches of endpoints, leaving out what is known.
func learned(list []ending) []health {
	at := map[ref]int{}
	var out []health
	for _, e := range list {
		well := e.settlement.status == Delivered
		if !e.tried || !e.place.learn(well) {
			continue
		}
		k := ref{e.tenant, e.endpoint}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, health{tenant: e.tenant, endpoint: e.endpoint})
		}
		h := &out[i]
		h.well = h.well || well
		h.hold = max(h.hold, e.verdict.hold)
		if !well {
			h.failures++
		}
	}
	return out
}

// end disables the endpoints that are gone, and those that failed for too long.
func (s *Sender) end(ctx context.Context, list []ending, failing []health) {
	reasons := map[ref]string{}
	for _, h := range failing {
		reasons[ref{h.tenant, h.endpoint}] = ReasonFailing
	}
	for _, e := range list {
		if e.gone {
			reasons[ref{e.tenant, e.endpoint}] = ReasonGone
		}
	}
	for r, why := range reasons {
		once, cancel := context.WithTimeout(ctx, settleTimeout)
		done, err := s.store.disable(once, r.tenant, r.id, why)
		cancel()
		switch {
		case err != nil: // its next failure tries again
			s.log.Error("a webhook should be disabled", "webhook", r.id, "reason", why, "error", err)
		case done:
			s.log.Warn("a webhook was disabled", "webhook", r.id, "reason", why)
		}
	}
}
