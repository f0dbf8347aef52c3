package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"frontdesk/ingest"
)

const (
	// senders is how many callbacks go out at once.
	senders = 16
	// callbackTimeout is what the gateway has to answer one: more than its own
	// deadline for making it durable.
	callbackTimeout = 10 * time.Second
	// pollEvery finds what another replica has stored, or what has fallen due;
	// pollQuiet does while nothing was there of late.
	pollEvery  = 100 * time.Millisecond
	pollQuiet  = time.Second
	quietAfter = 10 * time.Second
)

// Run delivers callbacks until ctx ends and those under way are over. Any
// number of replicas may run.
func (s *Simulator) Run(ctx context.Context) error {
	defer s.stop.Do(func() { close(s.stopped) })
	var under sync.WaitGroup
	defer under.Wait()
	free := make(chan struct{}, senders)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var busy time.Time
	for ctx.Err() == nil {
		if s.round(ctx, free, &under) {
			continue
		}
		wait := pollEvery
		if time.Since(busy) > quietAfter {
			wait = pollQuiet
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
			busy = time.Now()
		case <-timer.C:
		}
	}
	return nil
}

// round starts the delivery of what is due, and reports whether there may be
// more.
func (s *Simulator) round(ctx context.Context, free chan struct{}, under *sync.WaitGroup) bool {
	room := cap(free) - len(free)
	if room == 0 {
		return false
	}
	calls, err := s.store.lease(ctx, room, 2*callbackTimeout)
	if err != nil {
		s.warn(ctx, "look for callbacks", err)
		return false
	}
	for _, c := range calls {
		free <- struct{}{}
		under.Go(func() {
			defer func() { <-free; s.nudge() }()
			s.deliver(context.WithoutCancel(ctx), c)
		})
	}
	return len(calls) == room && room == cap(free)
}

// deliver posts a callback and writes down what came of it.
func (s *Simulator) deliver(ctx context.Context, c callback) {
	status, err := s.post(ctx, c)
	switch {
	case err == nil && status >= 200 && status < 300:
		err = s.store.finish(ctx, c, c.status, "")
	case err == nil && status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout,
		c.attempts >= s.config.Attempts:
		s.log.WarnContext(ctx, "the gateway refuses a callback of the simulator", "path", c.path, "status", status, "error", err)
		err = s.store.finish(ctx, c, s.givenUp(c), fmt.Sprintf("callback_%d", status))
	default:
		delay := min(250*time.Millisecond<<min(c.attempts, 9), 2*time.Minute)
		err = s.store.retry(ctx, c, s.now().Add(delay))
	}
	s.warn(ctx, "deliver a callback", err)
}

// givenUp is the status of a message whose callback is not taken: what the
// customer wrote has failed, what was sent to them stays as it is.
func (s *Simulator) givenUp(c callback) ingest.Status {
	if strings.HasPrefix(c.path, twilioStatusPath) || c.status != ingest.Delivered {
		return ingest.Queued
	}
	return ingest.Failed
}

func (s *Simulator) post(ctx context.Context, c callback) (int, error) {
	ch, err := s.directory.Channel(ctx, c.tenant, c.channel)
	if err != nil {
		return 0, fmt.Errorf("find the channel: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.CallbackURL+c.path, bytes.NewReader(c.body))
	if err != nil {
		return 0, fmt.Errorf("make a callback: %w", err)
	}
	req.Header.Set("Content-Type", c.contentType)
	req.Header.Set("User-Agent", "frontdesk-simulator")
	req.Header.Set(sign(ch, s.config.PublicURL, c))
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	return res.StatusCode, err
}

func (s *Simulator) warn(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		s.log.WarnContext(ctx, what, "error", err)
	}
}
