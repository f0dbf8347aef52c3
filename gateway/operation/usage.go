package operation

import (
	"context"
	"errors"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/gateway/usage"
	"frontdesk/ingest"
)

// meter is what operations need of *usage.Store.
type meter interface {
	Report(ctx context.Context, tenant ingest.TenantID, first, last time.Time) (usage.Report, error)
}

// usageDays is how many days a report has unless told.
const usageDays = 30

// Usage reports what the business used from one day to another, "2026-11-21" by
// its own clock. Left out, the last day is today and the first 29 before it.
func (o *Operations) Usage(ctx context.Context, caller tenant.Caller, from, to string) (usage.Report, error) {
	zone := caller.Business.Location()
	last, err := dayOf(to, "to", time.Now().In(zone))
	if err != nil {
		return usage.Report{}, err
	}
	first, err := dayOf(from, "from", last.AddDate(0, 0, 1-usageDays))
	if err != nil {
		return usage.Report{}, err
	}
	r, err := o.p.Usage.Report(ctx, caller.Tenant, first, last)
	if errors.Is(err, usage.ErrRange) {
		return r, &InvalidError{"from", err.Error()}
	}
	return r, err
}

// dayOf returns the midnight at which a day begins in the zone of unless.
func dayOf(s, field string, unless time.Time) (time.Time, error) {
	if s == "" {
		y, m, d := unless.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, unless.Location()), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, unless.Location())
	if err != nil {
		return t, &InvalidError{field, "a day such as 2026-11-21 is expected"}
	}
	return t, nil
}
