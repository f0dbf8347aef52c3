package dispatch

import (
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// failed writes down what a provider's refusal calls for.
func (d *Dispatcher) failed(t *task, e *provider.SendError) {
	now := d.now()
	attempts := t.tries + 1
	switch e.Reason {
	case provider.Unreachable:
		if attempts >= d.config.MaxAttempts {
			t.out.settle = Settlement{Status: ingest.Failed, Errors: e.Errors()}
			return
		}
		t.again(wait{until: now.Add(retryDelay(attempts)), reason: "unreachable", attempts: attempts}, e)
	case provider.Throttled:
		delay := throttleDelay(e, attempts)
		t.again(wait{until: now.Add(delay), reason: "throttled", attempts: attempts}, e)
		if e.Scope != provider.ScopePair {
			t.out.stop = &outage{sender: t.sender, until: now.Add(delay), code: e.Code}
		}
	case provider.ChannelDown:
		t.again(wait{until: now, reason: string(ChannelDown), attempts: t.tries}, e)
		t.out.stop = &outage{
			sender: t.sender, until: now.Add(probeDelay(t.probes())), since: now, code: e.Code, probes: t.probes(),
			credentials: fingerprint(t.ch), provider: t.ch.Type, account: t.ch.Account,
		}
	case provider.OptedOut:
		t.out.settle = Settlement{Status: ingest.Failed, Errors: e.Errors()}
		t.out.preference = refusal(t.msg, e.Category, now)
	case provider.NeedsTemplate:
		errs := append([]ingest.ProviderError{{Code: string(WindowClosed), Title: "the contact's 24-hour window is closed; send a template"}}, e.Errors()...)
		t.out.settle = Settlement{Status: ingest.Failed, Errors: errs}
	case provider.Rejected, provider.Undeliverable:
		t.out.settle = Settlement{Status: ingest.Failed, Errors: e.Errors()}
	default: // Ambiguous, and whatever a later adapter may say: never again
		t.out.settle = Settlement{Status: ingest.Unknown, Errors: e.Errors()}
	}
}

// again gives the claim back and has the task wait.
func (t *task) again(w wait, e *provider.SendError) {
	t.out.settle = Settlement{Status: ingest.Queued, Errors: e.Errors()}
	t.out.wait = w
}

func (t *task) probes() int {
	if t.probe == nil {
		return 0
	}
	return t.probe.probes
}

// refusal is the preference of a contact of whom the provider says that they
// want nothing of category.
func refusal(m ingest.Message, category string, at time.Time) *ingest.Preference {
	if category == "" {
		category = "all"
	}
	return &ingest.Preference{
		Tenant: m.Tenant, Channel: m.Channel, Party: m.Party, Contact: m.Contact,
		Category: category, Allowed: false, Source: "provider", At: at.UTC(),
	}
}

// retryDelay doubles from a second to five minutes.
func retryDelay(attempt int) time.Duration { return doubled(time.Second, attempt, 5*time.Minute) }

// probeDelay doubles from half a minute to a quarter of an hour.
func probeDelay(probe int) time.Duration { return doubled(30*time.Second, probe+1, 15*time.Minute) }

// throttleDelay is what the provider asked for; without that, for a pair 4, 16,
// 64 … seconds as Meta's documents have it, for a channel 2, 4, 8 ….
func throttleDelay(e *provider.SendError, attempt int) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter
	case e.Scope == provider.ScopePair:
		return doubled(4*time.Second, 2*attempt-1, 5*time.Minute)
	default:
		return doubled(2*time.Second, attempt, time.Minute)
	}
}

// doubled returns base, twice base … for the first, second … time, at most most.
func doubled(base time.Duration, time int, most time.Duration) time.Duration {
	if time > 20 {
		return most
	}
	return min(base<<max(time-1, 0), most)
}
