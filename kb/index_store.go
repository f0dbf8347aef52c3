package kb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/kb/index"
)

// consider has a large tenant's passages read into an index, in the background.
func (s *Store) consider(at shelved, dims int, generation int64) {
	if !s.shelf.begin(at, generation) {
		return
	}
	s.busy.Go(func() {
		x, generation, err := s.readIndex(s.work, at, dims)
		if err != nil && s.work.Err() == nil {
			s.config.Log.Warn("reading passages into memory failed, they are searched in the database", "error", err)
		}
		if x != nil && err == nil {
			s.shelf.put(at, x, generation)
		}
	})
}

// readIndex reads all passages of a tenant, or returns nil where they are few, or do
// not fit into memory.
// The generation is read before them: what is written meanwhile is read again.
func (s *Store) readIndex(ctx context.Context, at shelved, dims int) (x *index.Index, generation int64, err error) {
	err = s.db.InTenant(ctx, at.tenant, func(tx pgx.Tx) error {
		x = nil
		if generation, err = Generation(ctx, tx, at.tenant); err != nil {
			return err
		}
		var n int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM passages WHERE tenant_id = $1`, at.tenant).Scan(&n)
		if err != nil || n < s.config.IndexPassages || 4*dims*n > s.config.IndexBytes {
			return err
		}
		x, n = index.New(dims), 0
		return eachRow(ctx, tx, at, 0, func(r *index.Row) error {
			if n++; n%1024 == 0 && x.Bytes() > s.config.IndexBytes {
				return errTooMuch
			}
			return x.Add(r)
		})
	})
	if errors.Is(err, errTooMuch) {
		return nil, 0, nil
	}
	return x, generation, err
}

var errTooMuch = errors.New("more passages than are taken at once")

// eachRow reads the passages that were written after a generation.
func eachRow(ctx context.Context, tx pgx.Tx, at shelved, after int64, f func(*index.Row) error) error {
	rows, err := tx.Query(ctx, `
		SELECT p.id, p.article_id, p.agent_id, tsvectorsend(p.words), vector_send(v.embedding)
		FROM passages p LEFT JOIN passage_vectors v ON v.tenant_id = p.tenant_id AND v.passage_id = p.id AND v.model = $2
		WHERE p.tenant_id = $1 AND ($3 = 0 OR p.generation > $3)`, at.tenant, at.model, after)
	if err != nil {
		return err
	}
	var r index.Row
	_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.Article, &r.Agent, &r.Words, &r.Vector}, func() error { return f(&r) })
	return err
}

// maxCatchUp is how many passages of a change a question waits for; after a
// larger one the index is made anew, in the background.
const maxCatchUp = 2000

// fromShelf searches a tenant's index; nil where there is none after all.
func (s *Store) fromShelf(ctx context.Context, at shelved, a asked) ([]fused, int64, error) {
	v := s.shelf.take(at)
	if v == nil {
		return nil, 0, nil
	}
	var generation int64
	q := index.Query{Vector: a.vector, Agent: string(a.Agent), Depth: a.depth}
	err := s.db.Batch(ctx, at.tenant, func(b *pgx.Batch) {
		QueueGeneration(b, at.tenant, &generation)
		b.Queue(`
			SELECT coalesce(array_agg(DISTINCT l), '{}') FROM unnest($1::text[]) w,
				unnest(tsvector_to_array(to_tsvector('simple', unaccent(w)) || to_tsvector($2::text::regconfig, unaccent(w)))) l`,
			a.words, textConfig(a.language())).QueryRow(func(row pgx.Row) error { return row.Scan(&q.Words) })
	})
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	current, err := s.catchUp(ctx, v, generation)
	if err != nil {
		return nil, 0, err
	}
	if !current {
		s.shelf.remove(v)
		return nil, 0, nil
	}
	found, err := s.look(ctx, v, q)
	return found, generation, err
}

// catchUp brings v to a generation at least, or reports that too much has
// changed since.
func (s *Store) catchUp(ctx context.Context, v *volume, generation int64) (bool, error) {
	select {
	case <-v.turn:
		defer func() { v.turn <- struct{}{} }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if v.generation >= generation {
		return true, nil
	}
	var rows []index.Row
	err := s.db.InTenant(ctx, v.at.tenant, func(tx pgx.Tx) error {
		rows = nil
		var err error
		if generation, err = Generation(ctx, tx, v.at.tenant); err != nil {
			return err
		}
		return eachRow(ctx, tx, v.at, v.generation, func(r *index.Row) error {
			if rows = append(rows, *r); len(rows) > maxCatchUp {
				return errTooMuch
			}
			r.Words, r.Vector = nil, nil // the next row's have memory of their own
			return nil
		})
	})
	switch {
	case errors.Is(err, errTooMuch):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("search: %w", err)
	}
	if err := v.index.Replace(rows); err != nil {
		s.shelf.remove(v)
		return false, err
	}
	v.generation = generation
	s.shelf.grown(v)
	return true, nil
}

// look searches v, and reads what it found. A passage that is not there any
// more was retracted with its article: that is forgotten, and looked again.
func (s *Store) look(ctx context.Context, v *volume, q index.Query) ([]fused, error) {
	for {
		found := v.index.Search(q)
		out, err := s.read(ctx, v.at.tenant, found)
		if err != nil || len(out) == len(found) {
			return out, err
		}
		lost := make(map[string]bool, len(found))
		for _, f := range found {
			lost[f.ID] = true
		}
		for _, f := range out {
			delete(lost, string(f.passages[0].id))
		}
		if v.index.Forget(lost); v.index.Worn() {
			s.shelf.remove(v)
		}
	}
}

// read returns what was found as it stands in the database, in the same order.
func (s *Store) read(ctx context.Context, tenant ingest.TenantID, found []index.Found) ([]fused, error) {
	ids, scores := make([]string, len(found)), make([]float64, len(found))
	for i, f := range found {
		ids[i], scores[i] = f.ID, f.Score()
	}
	out := []fused{}
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		b.Queue(`
			SELECT a.id, a.title, a.language, a.questions, CASE a.type WHEN 'faq' THEN a.content ELSE '' END, p.id, p.heading, p.body, s.score
			FROM unnest($2::text[], $3::float8[]) WITH ORDINALITY AS s (passage_id, score, place)
			JOIN passages p ON p.tenant_id = $1 AND p.id = s.passage_id
			JOIN articles a ON a.tenant_id = p.tenant_id AND a.id = p.article_id
			ORDER BY s.place`, tenant, ids, scores).Query(func(rows pgx.Rows) error {
			var err error
			out, err = pgx.CollectRows(rows, scanFused)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return out, nil
}
