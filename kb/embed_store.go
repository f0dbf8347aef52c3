package kb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

const (
	embedEvery = 30 * time.Second // between two looks for articles to embed
	embedLease = 2 * time.Minute  // how long an article is one replica's, and how long after a failure it is tried again
	embedBatch = 20               // articles at once
)

// Run embeds, until ctx ends, what the configured embedder has not embedded:
// articles pushed while its endpoint was away, or before it was configured. It
// returns nil. Any number of replicas may run it.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(embedEvery)
	defer tick.Stop()
	for {
		round, cancel := context.WithTimeout(ctx, 5*embedLease) // Postgres may be gone without a word
		n, err := s.EmbedLate(round)
		cancel()
		if err != nil && ctx.Err() == nil {
			s.config.Log.Warn("embedding articles later failed, it is tried again", "error", err)
		}
		if n == embedBatch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// late is an article whose vectors are of another model.
type late struct {
	tenant  ingest.TenantID
	article ingest.ArticleID
}

// EmbedLate embeds some of the articles of all tenants that have vectors of
// another model than the configured one, and returns how many it did. It stops
// at the first that fails.
func (s *Store) EmbedLate(ctx context.Context) (int, error) {
	list, err := s.claimLate(ctx)
	if err != nil {
		return 0, fmt.Errorf("find articles to embed: %w", err)
	}
	for i, l := range list {
		if err := s.embedLate(ctx, l); err != nil {
			return i, fmt.Errorf("embed an article: %w", err)
		}
	}
	return len(list), nil
}

// claimLate keeps other replicas from what it returns, for a while.
func (s *Store) claimLate(ctx context.Context) ([]late, error) {
	var out []late
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH l AS (
				SELECT tenant_id, article_id FROM article_vectors
				WHERE (model < $1 OR model > $1) AND retry_at <= now() ORDER BY retry_at LIMIT $3 FOR UPDATE SKIP LOCKED)
			UPDATE article_vectors v SET retry_at = now() + $2::interval
			FROM l WHERE v.tenant_id = l.tenant_id AND v.article_id = l.article_id
			RETURNING v.tenant_id, v.article_id`, s.config.Embedder.Model(), embedLease, embedBatch)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (late, error) {
			var l late
			err := row.Scan(&l.tenant, &l.article)
			return l, err
		})
		return err
	})
	return out, err
}

// errOvertaken means that an article was replaced or deleted meanwhile: who
// replaced it has embedded it.
var errOvertaken = errors.New("the article has changed meanwhile")

func (s *Store) embedLate(ctx context.Context, l late) error {
	version, ids, texts, err := s.lateTexts(ctx, l)
	if err != nil || len(ids) == 0 {
		return err
	}
	vs, err := s.config.Embedder.Embed(ctx, texts)
	if err != nil {
		return err
	}
	vectors := make([]string, len(vs))
	for i, v := range vs {
		vectors[i] = vectorText(v)
	}
	err = s.db.InTenant(ctx, l.tenant, func(tx pgx.Tx) error {
		generation, err := nextGeneration(ctx, tx, l.tenant)
		if err != nil {
			return err
		}
		var now int
		err = tx.QueryRow(ctx, `SELECT version FROM articles WHERE tenant_id = $1 AND id = $2`, l.tenant, l.article).Scan(&now)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && now != version {
			return errOvertaken
		}
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(`
			UPDATE passage_vectors v SET model = $2, embedding = g.embedding::vector
			FROM unnest($3::text[], $4::text[]) AS g (id, embedding) WHERE v.tenant_id = $1 AND v.passage_id = g.id`,
			l.tenant, modelName(s.config.Embedder.Model(), vs), ids, vectors)
		b.Queue(`UPDATE passages SET generation = $3 WHERE tenant_id = $1 AND article_id = $2`, l.tenant, l.article, generation)
		b.Queue(embeddedBy, l.tenant, l.article, s.config.Embedder.Model())
		return tx.SendBatch(ctx, b).Close()
	})
	if errors.Is(err, errOvertaken) {
		return nil
	}
	return err
}

// embeddedBy notes by what model an article is embedded.
const embeddedBy = `
	INSERT INTO article_vectors (tenant_id, article_id, model) VALUES ($1, $2, $3)
	ON CONFLICT (tenant_id, article_id) DO UPDATE SET model = excluded.model, retry_at = now()`

// lateTexts reads what is to be embedded.
func (s *Store) lateTexts(ctx context.Context, l late) (version int, ids, texts []string, err error) {
	err = s.db.InTenant(ctx, l.tenant, func(tx pgx.Tx) error {
		ids, texts = nil, nil
		rows, err := tx.Query(ctx, `
			SELECT a.version, a.title, a.questions, p.id, p.heading, p.body
			FROM articles a JOIN passages p ON p.tenant_id = a.tenant_id AND p.article_id = a.id
			WHERE a.tenant_id = $1 AND a.id = $2 ORDER BY p.position`, l.tenant, l.article)
		if err != nil {
			return err
		}
		var title, id, heading, body string
		var questions []string
		_, err = pgx.ForEachRow(rows, []any{&version, &title, &questions, &id, &heading, &body}, func() error {
			ids, texts = append(ids, id), append(texts, embeddedText(title, questions, heading, body))
			return nil
		})
		return err
	})
	return version, ids, texts, err
}

// embeddedText is what a passage's vector is made of.
func embeddedText(title string, questions []string, heading, body string) string {
	return strings.Join([]string{title, strings.Join(questions[:min(len(questions), 5)], "\n"), heading, body}, "\n")
}
