package operation_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/media"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// one is a message that is due, and notes how it ended.
type one struct {
	attempts int
	failed   string
}

func (o *one) DueMessages(context.Context, int, time.Duration) ([]conversation.Due, error) {
	return []conversation.Due{{Tenant: "ten_1", ID: "msg_1", Attempts: o.attempts}}, nil
}

func (o *one) FailScheduled(_ context.Context, _ conversation.Due, why ingest.ProviderError) error {
	o.failed = why.Code
	return nil
}

// broken is where every message fails with err.
type broken struct{ err error }

func (b broken) Tenant(context.Context, ingest.TenantID) (tenant.Tenant, error) {
	return tenant.Tenant{}, b.err
}

func TestSchedulerGivesUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err      error
		attempts int
		want     string
	}{
		"media that is gone":        {fmt.Errorf("media: %w", media.ErrNotFound), 1, "not_found"},
		"a key that is taken":       {conversation.ErrKeyReused, 1, "idempotency_key_reused"},
		"something else, at first":  {errors.New("away"), 119, ""},
		"something else, for hours": {errors.New("away"), 120, "internal_error"},
		"handed over by another":    {conversation.ErrNotScheduled, 500, ""},
	} {
		due := &one{attempts: tt.attempts}
		s := operation.NewScheduler(nil, due, broken{tt.err}, slog.New(slog.DiscardHandler))
		if _, err := s.Step(t.Context()); due.failed != tt.want || (err == nil) != (tt.want != "" || errors.Is(tt.err, conversation.ErrNotScheduled)) {
			t.Errorf("%s: failed as %q, %v; want %q", name, due.failed, err, tt.want)
		}
	}
}
