package kb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Article returns an article, or [ErrNotFound].
func (s *Store) Article(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) (Article, error) {
	a, err := tenantdb.One(ctx, s.db, tenant, scanArticle, `SELECT `+articleColumns+` FROM articles WHERE tenant_id = $1 AND id = $2`, tenant, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return a, ErrNotFound
	case err != nil:
		return a, fmt.Errorf("read an article: %w", err)
	}
	return a, nil
}

// Articles returns a page of articles, the newest first, and the cursor of the
// next page; empty on the last.
func (s *Store) Articles(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Article, string, error) {
	size := tenantdb.PageSize(f.Limit)
	where, args, err := f.where(tenant)
	if err != nil {
		return nil, "", err
	}
	out, err := tenantdb.List(ctx, s.db, tenant, scanArticle,
		`SELECT `+articleColumns+` FROM articles WHERE `+where+` ORDER BY number DESC LIMIT `+strconv.Itoa(size+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list articles: %w", err)
	}
	out, next := tenantdb.Page(out, size, func(a Article) string { return strconv.FormatInt(a.Number, 10) })
	return out, next, nil
}

// where is the condition of a filter with its arguments.
func (f Filter) where(tenant ingest.TenantID) (string, []any, error) {
	parts, args := []string{`tenant_id = $1`}, []any{tenant}
	add := func(format string, v any) {
		args = append(args, v)
		parts = append(parts, fmt.Sprintf(format, len(args)))
	}
	if f.After != "" {
		n, err := strconv.ParseInt(f.After, 10, 64)
		if err != nil {
			return "", nil, invalid("cursor", "the cursor is not one that a page gave")
		}
		add(`number < $%d`, n)
	}
	if f.Agent != "" {
		add(`agent_id IN ('', $%d)`, f.Agent)
	}
	if f.Type != "" {
		add(`type = $%d`, f.Type)
	}
	if q := clean(f.Query); q != "" {
		add(`strpos(lower(title), lower($%d)) > 0`, q)
	}
	return strings.Join(parts, ` AND `), args, nil
}

// Versions returns an article's versions, the newest first, or [ErrNotFound].
func (s *Store) Versions(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) ([]Version, error) {
	var out []Version
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT version, hash, title, content, type, questions, language, source, created_at
			FROM article_versions WHERE tenant_id = $1 AND article_id = $2 ORDER BY version DESC`, tenant, id)
		if err != nil {
			return fmt.Errorf("list versions: %w", err)
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Version, error) {
			var v Version
			err := row.Scan(&v.Version, &v.Hash, &v.Title, &v.Content, &v.Type, &v.Questions, &v.Language, &v.Source, &v.CreatedAt)
			return v, err
		})
		if err == nil && len(out) == 0 {
			return ErrNotFound
		}
		return err
	})
	return out, err
}

// Restore makes an earlier version of an article the current one, as a new
// version. Errors are those of [Store.Put], or [ErrNotFound].
func (s *Store) Restore(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID, version int) (Article, error) {
	current, err := s.Article(ctx, tenant, id)
	if err != nil {
		return Article{}, err
	}
	versions, err := s.Versions(ctx, tenant, id)
	if err != nil {
		return Article{}, err
	}
	for _, v := range versions {
		if v.Version == version {
			a, _, err := s.Put(ctx, tenant, Draft{ID: id, Agent: current.Agent, Title: v.Title, Content: v.Content, Type: v.Type, Questions: v.Questions, Language: v.Language, Source: v.Source})
			return a, err
		}
	}
	return Article{}, ErrNotFound
}

// Gaps returns a page of the questions nobody could answer, the most asked
// first, and the cursor of the next page; empty on the last. A gap that is
// asked again between two pages may be missed by them or stand on both.
func (s *Store) Gaps(ctx context.Context, tenant ingest.TenantID, f GapFilter) ([]Gap, string, error) {
	size := tenantdb.PageSize(f.Limit)
	count, id, err := f.after()
	if err != nil {
		return nil, "", err
	}
	out, err := tenantdb.List(ctx, s.db, tenant, scanGap, `
		SELECT id, question, examples, language, count, first_at, last_at
		FROM knowledge_gaps WHERE tenant_id = $1 AND (-count, id) > (-$2::bigint, $3)
		ORDER BY count DESC, id LIMIT $4`, tenant, count, id, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list gaps: %w", err)
	}
	out, next := tenantdb.Page(out, size, func(g Gap) string { return strconv.FormatInt(g.Count, 10) + "," + g.ID })
	return out, next, nil
}

func scanGap(row pgx.CollectableRow) (Gap, error) {
	var g Gap
	err := row.Scan(&g.ID, &g.Question, &g.Examples, &g.Language, &g.Count, &g.FirstAt, &g.LastAt)
	return g, err
}

// after is where a page begins: before the first gap, or after the one that
// the cursor names.
func (f GapFilter) after() (count int64, id string, err error) {
	if f.After == "" {
		return math.MaxInt64, "", nil
	}
	n, id, ok := strings.Cut(f.After, ",")
	if count, err = strconv.ParseInt(n, 10, 64); err != nil || !ok || count < 0 {
		return 0, "", invalid("cursor", "the cursor is not one that a page gave")
	}
	return count, id, nil
}
