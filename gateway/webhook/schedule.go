package webhook

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// DefaultSchedule is the pauses between attempts: eight in 27 and a half hours.
var DefaultSchedule = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}

// maxRetryAfter caps the wait that an endpoint may ask for.
const maxRetryAfter = time.Hour

// pause returns how long to wait after an attempt before which tries had been
// made, with jitter of a fifth either way; ok is false when it was the last.
func pause(schedule []time.Duration, tries int) (wait time.Duration, ok bool) {
	if len(schedule) == 0 {
		schedule = DefaultSchedule
	}
	if tries >= len(schedule) {
		return 0, false
	}
	return time.Duration(float64(schedule[tries]) * (0.8 + 0.4*rand.Float64())), true
}

// retryAfter returns the wait that an answer asks for, at most an hour; zero if
// it asks for none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if n, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// verdict is what an answer means for a delivery and its endpoint.
type verdict struct {
	status Status
	wait   time.Duration // until the next attempt
	hold   time.Duration // until anything may be sent to the endpoint
	gone   bool          // it wants nothing any more
}

// judge decides by the status alone: 2xx is success, 410 ends the endpoint, all
// else is tried again while the schedule lasts. Too many requests, and a server
// that says when it will be back, are left alone until then.
func judge(a answer, schedule []time.Duration, tries int, now time.Time) verdict {
	switch {
	case a.err == nil && a.status >= 200 && a.status < 300:
		return verdict{status: Delivered}
	case a.status == http.StatusGone:
		return verdict{status: Failed, gone: true}
	}
	asked := retryAfter(a.header, now)
	v := verdict{status: Failed}
	if a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable {
		v.hold = asked
	}
	if wait, ok := pause(schedule, tries); ok {
		v.status, v.wait = Pending, max(wait, asked)
	}
	return v
}
