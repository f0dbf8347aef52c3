package edge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest/tenantdb"
)

const (
	// KeepAnswers is how long an answer is replayed.
	KeepAnswers = 24 * time.Hour
	// claimFor is how long a claim is good after it was made or renewed: so long
	// a repeat waits where the process died that made it.
	claimFor = 10 * time.Second
	// pruneEvery is how often old answers are removed.
	pruneEvery = 10 * time.Minute
	// pruneBatch bounds one removal, so that no lock is held long.
	pruneBatch = 5000
)

// sealer keeps answers unreadable in the database, as they may bear a secret
// that is shown once; *tenant.Vault is one.
type sealer interface {
	Seal(scope string, plain []byte) []byte
	Open(scope string, sealed []byte) ([]byte, error)
}

// IdempotencyStore keeps answers in Postgres, so that every replica knows them.
type IdempotencyStore struct {
	db   *tenantdb.DB
	seal sealer
}

// NewIdempotencyStore returns a store on db.
func NewIdempotencyStore(db *tenantdb.DB, seal sealer) *IdempotencyStore {
	return &IdempotencyStore{db: db, seal: seal}
}

func sealScope(s Scope) string {
	return string(s.Tenant) + "|idempotency|" + s.Mode + "|" + s.Method + "|" + s.Route + "|" + s.Key
}

// Begin claims scope for the request owner, or says how another one stands.
// Of any number at once exactly one gets Ours.
func (s *IdempotencyStore) Begin(ctx context.Context, scope Scope, fingerprint []byte, owner string) (Standing, error) {
	var st Standing
	err := s.db.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
		st = Standing{Claim: Ours}
		err := tx.QueryRow(ctx, `
			INSERT INTO idempotency_keys AS k (tenant_id, mode, method, route, key, fingerprint, owner, effect, locked_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7, now() + $8::interval)
			ON CONFLICT (tenant_id, mode, method, route, key) DO UPDATE
				SET fingerprint = excluded.fingerprint, owner = excluded.owner, locked_until = excluded.locked_until,
					status = NULL, answer = NULL, created_at = now(),
					effect = CASE WHEN k.created_at < now() - $9::interval THEN excluded.effect ELSE k.effect END
				WHERE k.created_at < now() - $9::interval
					OR (k.status IS NULL AND k.locked_until < now() AND k.fingerprint = excluded.fingerprint)
			RETURNING effect`,
			scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key, fingerprint, owner, claimFor, KeepAnswers).Scan(&st.Effect)
		if errors.Is(err, pgx.ErrNoRows) {
			st, err = s.standing(ctx, tx, scope, fingerprint)
			return err
		}
		if err != nil {
			return fmt.Errorf("claim idempotency key: %w", err)
		}
		return nil
	})
	return st, err
}

func (s *IdempotencyStore) standing(ctx context.Context, tx pgx.Tx, scope Scope, fingerprint []byte) (Standing, error) {
	running := Standing{Claim: Running}
	var stored, sealed []byte
	var status *int
	err := tx.QueryRow(ctx, `
		SELECT fingerprint, status, answer FROM idempotency_keys
		WHERE tenant_id = $1 AND mode = $2 AND method = $3 AND route = $4 AND key = $5`,
		scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key).Scan(&stored, &status, &sealed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return running, nil // it was given up just now; the caller asks again
	case err != nil:
		return running, fmt.Errorf("read idempotency key: %w", err)
	case !bytes.Equal(stored, fingerprint):
		return Standing{Claim: Reused}, nil
	case status == nil:
		return running, nil
	}
	body, err := s.seal.Open(sealScope(scope), sealed)
	if err != nil {
		return running, fmt.Errorf("open kept answer: %w", err)
	}
	return Standing{Claim: Replayed, Answer: Answer{Status: *status, Body: body}}, nil
}

// Renew makes the claim of the request owner good for as long as a new one, and
// reports whether it is still its own.
func (s *IdempotencyStore) Renew(ctx context.Context, scope Scope, owner string) (bool, error) {
	held := false
	err := s.db.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE idempotency_keys SET locked_until = now() + $7::interval
			WHERE tenant_id = $1 AND mode = $2 AND method = $3 AND route = $4 AND key = $5 AND owner = $6 AND status IS NULL`,
			scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key, owner, claimFor)
		if err != nil {
			return fmt.Errorf("renew idempotency key: %w", err)
		}
		held = tag.RowsAffected() == 1
		return nil
	})
	return held, err
}

// Finish keeps the answer of the request owner, unless another took over.
func (s *IdempotencyStore) Finish(ctx context.Context, scope Scope, owner string, a Answer) error {
	return s.db.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE idempotency_keys SET status = $7, answer = $8
			WHERE tenant_id = $1 AND mode = $2 AND method = $3 AND route = $4 AND key = $5 AND owner = $6`,
			scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key, owner, a.Status, s.seal.Seal(sealScope(scope), a.Body))
		if err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		return nil
	})
}

// Abandon forgets the request owner: it was refused before it had an effect.
func (s *IdempotencyStore) Abandon(ctx context.Context, scope Scope, owner string) error {
	return s.db.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			DELETE FROM idempotency_keys
			WHERE tenant_id = $1 AND mode = $2 AND method = $3 AND route = $4 AND key = $5 AND owner = $6`,
			scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key, owner)
		if err != nil {
			return fmt.Errorf("abandon idempotency key: %w", err)
		}
		return nil
	})
}

// Release lets a repeat of the request owner run at once, under the same
// effect: what became of this one is not known.
func (s *IdempotencyStore) Release(ctx context.Context, scope Scope, owner string) error {
	return s.db.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE idempotency_keys SET locked_until = '-infinity'
			WHERE tenant_id = $1 AND mode = $2 AND method = $3 AND route = $4 AND key = $5 AND owner = $6 AND status IS NULL`,
			scope.Tenant, scope.Mode, scope.Method, scope.Route, scope.Key, owner)
		if err != nil {
			return fmt.Errorf("release idempotency key: %w", err)
		}
		return nil
	})
}

// Prune removes answers that are no longer replayed and returns how many.
func (s *IdempotencyStore) Prune(ctx context.Context) (int64, error) {
	var total int64
	for {
		var n int64
		err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `
				DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
					SELECT ctid FROM idempotency_keys WHERE created_at < now() - $1::interval LIMIT $2))`, KeepAnswers, pruneBatch)
			n = tag.RowsAffected()
			return err
		})
		total += n
		if err != nil || n < pruneBatch {
			return total, err
		}
	}
}

// Run prunes until ctx ends.
func (s *IdempotencyStore) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			round, cancel := context.WithTimeout(ctx, pruneEvery) // Postgres may be gone without a word
			_, _ = s.Prune(round)                                 // what is left is taken next time
			cancel()
		}
	}
}
