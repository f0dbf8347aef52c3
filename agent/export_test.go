package agent

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest/tenantdb"
)

// Waiting returns how many conversations wait for a turn.
func Waiting(t testing.TB, db *tenantdb.DB) (n int) {
	t.Helper()
	err := db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT count(*) FROM turns_due`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Lease claims what is due, most at most, and never comes back, like a worker
// that is killed.
func (t *Turns) Lease(ctx context.Context, most int) (int, error) {
	list, _, err := t.claim(ctx, most)
	return len(list), err
}

// ClaimPlan returns how the database would claim turns.
func ClaimPlan(t testing.TB, db *tenantdb.DB) string {
	t.Helper()
	var plan []string
	err := db.StagedAcross(context.Background(), func(b *pgx.Batch) {
		b.Queue("EXPLAIN "+claimSQL, 64, 1000).Query(func(rows pgx.Rows) (err error) {
			plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}

// KnownEmpty has the database know that no conversation waits.
func KnownEmpty(t testing.TB, db *tenantdb.DB) {
	t.Helper()
	err := db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `SET LOCAL ROLE NONE`)
		if err == nil {
			_, err = tx.Exec(context.Background(), `ANALYZE turns_due`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Expire ends all leases.
func Expire(t testing.TB, db *tenantdb.DB) {
	t.Helper()
	err := db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `UPDATE turns_due SET leased_until = '-infinity'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// DueIn returns how long until the only waiting conversation is due.
func DueIn(t testing.TB, db *tenantdb.DB) time.Duration {
	t.Helper()
	var ms int64
	err := db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT (extract(epoch FROM due_at - first_at) * 1000)::bigint FROM turns_due`).Scan(&ms)
	})
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(ms) * time.Millisecond
}

// Sentences returns all that the built-in brain can say by itself for a business.
func Sentences(business string) []string {
	var out []string
	for _, what := range []sentence{sayGreeting, sayWelcome, sayHelp, sayRephrase, sayUnknown, sayLost, saySorry, sayHandoff, sayUnreadable, sayOptedOut, sayOptedIn} {
		for lang := range what {
			out = append(out, say(State{Business: Business{Name: business}}, lang, what))
		}
	}
	return out
}

// Take has t taken over what is recorded, or not, without anybody to decide it,
// and returns what ends that.
func (t *Turns) Take(ctx context.Context, open bool) (stop func()) {
	t.takeOver(ctx, open)
	return func() { t.takeOver(ctx, false) }
}

// Opened returns once t takes over what is recorded.
func (t *Turns) Opened() {
	for open := false; !open; {
		t.mu.Lock()
		open = t.open
		t.mu.Unlock()
		runtime.Gosched()
	}
}

// Leased returns how many waiting conversations are leased.
func Leased(t testing.TB, db *tenantdb.DB) (n int) {
	t.Helper()
	err := db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT count(*) FROM turns_due WHERE leased_until > now()`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
