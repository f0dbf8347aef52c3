package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest/tenantdb"
)

// Spool keeps callbacks in Postgres. Bodies hold updates of several tenants, so
// its table belongs to none and only the system role sees it.
type Spool struct{ db *tenantdb.DB }

// NewSpool returns the spool in db.
func NewSpool(db *tenantdb.DB) *Spool { return &Spool{db} }

// Put returns nil once e is committed.
func (s *Spool) Put(ctx context.Context, e Entry) error {
	routes, err := json.Marshal(e.Routes)
	if err != nil {
		return fmt.Errorf("spool a callback: %w", err)
	}
	err = s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO callback_spool (provider, body, routes, correlation, received_at, parked)
			VALUES ($1, $2, $3, $4, $5, NULLIF($6, ''))`,
			e.Provider, e.Body, routes, string(e.Correlation), e.ReceivedAt, e.Parked)
		return err
	})
	if err != nil {
		return fmt.Errorf("spool a callback: %w", err)
	}
	return nil
}

// Parked returns up to limit of the entries that people must look at, the
// oldest first.
func (s *Spool) Parked(ctx context.Context, limit int) ([]Entry, error) {
	var entries []Entry
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, provider, body, routes, correlation, received_at, parked
			FROM callback_spool WHERE parked IS NOT NULL ORDER BY id LIMIT $1`, limit)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, scanEntry)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list parked callbacks: %w", err)
	}
	return entries, nil
}

// Unpark has a parked entry published again, once what stopped it is mended.
// An entry that is not there or not parked is left alone.
func (s *Spool) Unpark(ctx context.Context, id int64) error {
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE callback_spool SET parked = NULL WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("unpark callback %d: %w", id, err)
	}
	return nil
}

// drainBytes bounds the bodies that are handed over at once, but for a single
// one that is larger.
const drainBytes = 8 << 20

// Drain hands up to limit of the oldest entries that are not parked to work,
// deletes those whose error is nil and parks those whose error can never go
// away; the others stay. Deleting is committed after work has returned, so that
// a crash in between publishes twice and loses nothing.
func (s *Spool) Drain(ctx context.Context, limit int, work func(context.Context, []Entry) []error) (done, left int, err error) {
	err = s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		done, left = 0, 0
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtext('frontdesk.callback_spool'))`).Scan(&mine); err != nil || !mine {
			return err
		}
		entries, err := oldest(ctx, tx, limit)
		if err != nil || len(entries) == 0 {
			return err
		}
		errs := work(ctx, entries)
		if done, err = settle(ctx, tx, entries, errs); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM callback_spool WHERE parked IS NULL`).Scan(&left)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("drain the spool: %w", err)
	}
	return done, left, nil
}

func oldest(ctx context.Context, tx pgx.Tx, limit int) ([]Entry, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, provider, body, routes, correlation, received_at, ''
		FROM (
			SELECT *, sum(length(body)) OVER (ORDER BY id) - length(body) AS before
			FROM (SELECT * FROM callback_spool WHERE parked IS NULL ORDER BY id LIMIT $1) AS first
		) AS counted
		WHERE before < $2
		ORDER BY id`, limit, drainBytes)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

func scanEntry(row pgx.CollectableRow) (Entry, error) {
	var e Entry
	var routes []byte
	if err := row.Scan(&e.ID, &e.Provider, &e.Body, &routes, &e.Correlation, &e.ReceivedAt, &e.Parked); err != nil {
		return e, err
	}
	e.ReceivedAt = e.ReceivedAt.UTC()
	return e, json.Unmarshal(routes, &e.Routes)
}

// settle takes away what is published and parks what never can be.
func settle(ctx context.Context, tx pgx.Tx, entries []Entry, errs []error) (done int, _ error) {
	var published []int64
	for i, e := range entries {
		switch {
		case errs[i] == nil:
			published = append(published, e.ID)
		case errors.Is(errs[i], errNever):
			done++
			if _, err := tx.Exec(ctx, `UPDATE callback_spool SET parked = $2 WHERE id = $1`, e.ID, errs[i].Error()); err != nil {
				return 0, fmt.Errorf("park: %w", err)
			}
		}
	}
	if len(published) > 0 {
		if _, err := tx.Exec(ctx, `DELETE FROM callback_spool WHERE id = ANY($1)`, published); err != nil {
			return 0, fmt.Errorf("delete: %w", err)
		}
	}
	return done + len(published), nil
}
