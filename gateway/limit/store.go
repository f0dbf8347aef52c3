package limit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/edge"
	"frontdesk/ingest/tenantdb"
)

const (
	// seenFor is how long a gateway counts after it was last heard of.
	seenFor = 10 * time.Second
	// pruneAfter is when rows of gateways are removed, and of buckets that have
	// been full for as long.
	pruneAfter = time.Hour
)

// Store keeps the buckets in Postgres.
type Store struct{ db *tenantdb.DB }

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db} }

// Ask is a question for one bucket.
type Ask struct {
	Bucket string
	Rate   edge.Rate
	Want   int // at most so many
	Spent  int // was spent already without a lease; below zero: comes back

	credit int // of that, on credit
}

// Grant is its answer.
type Grant struct {
	Granted int
	FullIn  time.Duration // until the bucket is full again
}

// Lease answers asks, which are sorted by bucket and name each once, in one
// round trip.
func (s *Store) Lease(ctx context.Context, asks []Ask) ([]Grant, error) {
	buckets, wants, spent := make([]string, len(asks)), make([]int32, len(asks)), make([]int32, len(asks))
	counts, pers := make([]int32, len(asks)), make([]int64, len(asks))
	for i, a := range asks {
		buckets[i], wants[i], spent[i] = a.Bucket, int32(a.Want), int32(a.Spent)
		counts[i], pers[i] = int32(a.Rate.Count), a.Rate.Per.Microseconds()
	}
	var out []Grant
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT granted, full_in FROM frontdesk_lease($1, $2, $3, $4, $5)`, buckets, wants, spent, counts, pers).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, scanGrant)
			return err
		})
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	if len(out) != len(asks) {
		return nil, fmt.Errorf("lease: %d answers to %d questions", len(out), len(asks))
	}
	return out, nil
}

func scanGrant(row pgx.CollectableRow) (Grant, error) {
	var g Grant
	var micros int64
	err := row.Scan(&g.Granted, &micros)
	g.FullIn = time.Duration(micros) * time.Microsecond
	return g, err
}

// Beat notes that node is there, and returns how many are.
func (s *Store) Beat(ctx context.Context, node string) (int, error) {
	var nodes int
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO rate_nodes (node, seen) VALUES ($1, now()) ON CONFLICT (node) DO UPDATE SET seen = now()`, node)
		b.Queue(`SELECT count(*) FROM rate_nodes WHERE seen > now() - $1::interval`, seenFor).QueryRow(func(row pgx.Row) error { return row.Scan(&nodes) })
	}, nil)
	if err != nil {
		return 0, fmt.Errorf("count gateways: %w", err)
	}
	return nodes, nil
}

// Leave forgets node.
func (s *Store) Leave(ctx context.Context, node string) error {
	err := s.db.StagedAcross(ctx, func(b *pgx.Batch) { b.Queue(`DELETE FROM rate_nodes WHERE node = $1`, node) }, nil)
	if err != nil {
		return fmt.Errorf("leave the gateways: %w", err)
	}
	return nil
}

// Prune removes gateways that are gone and buckets that have long been full.
func (s *Store) Prune(ctx context.Context) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM rate_nodes WHERE seen < now() - $1::interval`, pruneAfter); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM rate_buckets WHERE full_at < (extract(epoch FROM now() - $1::interval) * 1000000)::bigint`, pruneAfter)
		return err
	})
	if err != nil {
		return fmt.Errorf("prune limits: %w", err)
	}
	return nil
}
