package booking

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// request is a keyed request: what it asks for, as a hash.
type request struct {
	key  string
	hash []byte
}

// longestKey bounds the key of a request.
const longestKey = 300

// newRequest returns the request that kind and its fields make. Fields must be
// such that the same request gives the same JSON.
func newRequest(key, kind string, fields any) (request, error) {
	if len(key) > longestKey || badText(key) {
		return request{}, invalid("", "a key has at most %d bytes", longestKey)
	}
	if key == "" {
		return request{}, nil
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return request{}, invalid("", "%v", err)
	}
	sum := sha256.Sum256(append([]byte(kind+" "), raw...))
	return request{key, sum[:]}, nil
}

// answered returns true and reads the answer that r was given before, or
// ErrKeyReused where the key was another's.
func (s *Store) answered(ctx context.Context, tenant ingest.TenantID, r request, answer any) (bool, error) {
	if r.key == "" {
		return false, nil
	}
	var hash, raw []byte
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT hash, answer FROM booking_requests WHERE tenant_id = $1 AND key = $2`, tenant, r.key).QueryRow(func(row pgx.Row) error {
			return row.Scan(&hash, &raw)
		})
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look up the request: %w", err)
	case !bytes.Equal(hash, r.hash):
		return false, ErrKeyReused
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return false, fmt.Errorf("read the answer kept: %w", err)
	}
	return true, nil
}

// keep queues r with its answer. Where the key has been used meanwhile the
// transaction fails, as repeated sees.
func (r request) keep(b *pgx.Batch, tenant ingest.TenantID, answer any) error {
	if r.key == "" {
		return nil
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	b.Queue(`INSERT INTO booking_requests (tenant_id, key, hash, answer) VALUES ($1, $2, $3, $4)`, tenant, r.key, r.hash, raw)
	return nil
}

// repeated reports that the request's key was used by a transaction that
// committed while this one was under way.
func repeated(err error) bool { return tenantdb.Violates(err, "booking_requests_pkey") }
