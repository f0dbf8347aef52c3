package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// ComposeForTest returns the standard body of an event that is no message's.
func ComposeForTest(e ingest.Event) ([]byte, error) {
	s, ok, err := read(e)
	if err != nil && !errors.Is(err, ingest.ErrMalformed) {
		panic(fmt.Sprintf("refused otherwise than as malformed: %v", err))
	}
	if err != nil || !ok || s.message != "" {
		return nil, err
	}
	n, err := s.notice()
	if err != nil {
		return nil, err
	}
	_, body, ok := Standard{}.Compose(n)
	if !ok {
		panic("no body for " + s.name)
	}
	return body, nil
}

// RetryAfterForTest is what an answer's header asks for.
func RetryAfterForTest(v string, now time.Time) time.Duration {
	return retryAfter(http.Header{"Retry-After": {v}}, now)
}

// ClaimForTest claims for most endpoints, and returns which got something.
func (s *Store) ClaimForTest(ctx context.Context, most int) ([]string, error) {
	letters, _, err := s.claim(ctx, claims{each: 1, total: most, lease: time.Minute, probe: 100})
	var endpoints []string
	for _, l := range letters {
		endpoints = append(endpoints, l.endpoint)
	}
	return endpoints, err
}

// SettlePlanForTest returns how the database would settle deliveries.
func (s *Store) SettlePlanForTest(ctx context.Context) (string, error) {
	var plan []string
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		none, no := []string{}, []int{}
		b.Queue("EXPLAIN "+settleSQL, none, none, none, none, no, no, []bool{}, []float64{}, none, keptAttempts).Query(func(rows pgx.Rows) (err error) {
			plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	}, nil)
	return strings.Join(plan, "\n"), err
}
