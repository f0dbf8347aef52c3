package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Store keeps templates. It is safe for concurrent use.
type Store struct{ db *tenantdb.DB }

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db} }

const columns = `id, account, test, name, language, category, status, quality, reason, parameter_format, coalesce(components, 'null'), provider_id, created_at, updated_at`

func scan(row pgx.CollectableRow) (Template, error) { return scanMore(row) }

func scanNoted(row pgx.CollectableRow) (n noted, err error) {
	n.Template, err = scanMore(row, &n.statusAt, &n.categoryAt, &n.qualityAt)
	return n, err
}

func scanMore(row pgx.CollectableRow, more ...any) (Template, error) {
	var t Template
	var raw []byte
	err := row.Scan(append([]any{&t.ID, &t.Account, &t.Test, &t.Name, &t.Language, &t.Category, &t.Status, &t.Quality, &t.Reason, &t.ParameterFormat, &raw, &t.ProviderID, &t.CreatedAt, &t.UpdatedAt}, more...)...)
	if string(raw) != "null" {
		t.Components = raw
	}
	return t, err
}

func (s *Store) one(ctx context.Context, tenant ingest.TenantID, sql string, args ...any) (Template, error) {
	t, err := tenantdb.One(ctx, s.db, tenant, scan, sql, append([]any{tenant}, args...)...)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return t, ErrNotFound
	case tenantdb.Violates(err, "templates_name"):
		return t, ErrExists
	case err != nil:
		return t, fmt.Errorf("template: %w", err)
	}
	return t, nil
}

// Template returns a template, or ErrNotFound.
func (s *Store) Template(ctx context.Context, tenant ingest.TenantID, id string) (Template, error) {
	return s.one(ctx, tenant, `SELECT `+columns+` FROM templates WHERE tenant_id = $1 AND id = $2`, id)
}

// named returns the template that the provider knows by k, or ErrNotFound.
func (s *Store) named(ctx context.Context, tenant ingest.TenantID, k Key) (Template, error) {
	return s.one(ctx, tenant, `SELECT `+columns+` FROM templates WHERE (tenant_id, account, test, name, language) = ($1, $2, $3, $4, $5)`,
		k.Account, k.Test, k.Name, k.Language)
}

// Templates returns a page of templates, newest first, and the cursor of the next
// page, empty on the last.
func (s *Store) Templates(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Template, string, error) {
	size := tenantdb.PageSize(f.Limit)
	terms, args := []string{`tenant_id = $1`}, []any{tenant}
	for _, term := range []struct{ sql, value string }{{`account = $`, f.Account}, {`name = $`, f.Name}, {`language = $`, f.Language}, {`status = $`, f.Status}, {`id < $`, f.After}} {
		if term.value != "" {
			args = append(args, term.value)
			terms = append(terms, term.sql+strconv.Itoa(len(args)))
		}
	}
	list, err := tenantdb.List(ctx, s.db, tenant, scan,
		`SELECT `+columns+` FROM templates WHERE `+strings.Join(terms, " AND ")+` ORDER BY id DESC LIMIT `+strconv.Itoa(size+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list templates: %w", err)
	}
	list, next := tenantdb.Page(list, size, func(t Template) string { return t.ID })
	return list, next, nil
}

// Create keeps a new template, or reports ErrExists.
func (s *Store) Create(ctx context.Context, tenant ingest.TenantID, t Template) (Template, error) {
	return s.one(ctx, tenant, `
		INSERT INTO templates (tenant_id, id, account, test, name, language, category, status, parameter_format, components)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING `+columns,
		ingest.NewID(Prefix, time.Now()), t.Account, t.Test, t.Name, t.Language, t.Category, t.Status, t.ParameterFormat, []byte(t.Components))
}

// Submitted notes what the provider answered to a new template. What its notices
// told meanwhile stays.
func (s *Store) Submitted(ctx context.Context, tenant ingest.TenantID, id, providerID, status, category string) (Template, error) {
	return s.one(ctx, tenant, `
		UPDATE templates SET provider_id = $3, updated_at = now(),
			status = CASE WHEN status_at = 'epoch' THEN $4 ELSE status END,
			category = CASE WHEN $5 = '' OR category_at <> 'epoch' THEN category ELSE $5 END
		WHERE tenant_id = $1 AND id = $2 RETURNING `+columns, id, providerID, status, category)
}

// Delete removes a template, or reports ErrNotFound.
func (s *Store) Delete(ctx context.Context, tenant ingest.TenantID, id string) error {
	_, err := s.one(ctx, tenant, `DELETE FROM templates WHERE tenant_id = $1 AND id = $2 RETURNING `+columns, id)
	return err
}

// Fetched keeps templates as the provider lists them.
func (s *Store) Fetched(ctx context.Context, tenant ingest.TenantID, account string, list []Template) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, t := range list {
			batch.Queue(`
				INSERT INTO templates AS t (tenant_id, id, account, test, name, language, category, status, quality, reason, parameter_format, components, provider_id)
				VALUES ($1, $2, $3, false, $4, $5, $6, $7, $8, $9, $10, $11, $12)
				ON CONFLICT ON CONSTRAINT templates_name DO UPDATE SET category = excluded.category, status = excluded.status, quality = excluded.quality,
					reason = excluded.reason, parameter_format = excluded.parameter_format, components = excluded.components,
					provider_id = excluded.provider_id, updated_at = now()`,
				tenant, ingest.NewID(Prefix, time.Now()), account, t.Name, t.Language, t.Category, t.Status, t.Quality, t.Reason, t.ParameterFormat, []byte(t.Components), t.ProviderID)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("keep %d templates: %w", len(list), err)
	}
	return nil
}

// note applies a notice and announces what it changed. A template that nobody
// knew of is kept too. What an older notice tells changes nothing: notices of
// status, category and quality come apart, and several in one second.
func (s *Store) note(ctx context.Context, tenant ingest.TenantID, account string, c change, at time.Time) error {
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		key := []any{tenant, account, c.name, c.language}
		_, err := tx.Exec(ctx, `
			INSERT INTO templates (tenant_id, account, test, name, language, id, status)
			VALUES ($1, $2, false, $3, $4, $5, $6) ON CONFLICT ON CONSTRAINT templates_name DO NOTHING`, append(key, ingest.NewID(Prefix, at), unheard)...)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+columns+`, status_at, category_at, quality_at FROM templates
			WHERE (tenant_id, account, name, language) = ($1, $2, $3, $4) AND NOT test FOR UPDATE`, key...)
		if err != nil {
			return err
		}
		was, err := pgx.CollectExactlyOneRow(rows, scanNoted)
		if err != nil {
			return err
		}
		now := was.after(c, at)
		if now.same(was) {
			return nil
		}
		rows, err = tx.Query(ctx, `
			UPDATE templates SET status = $3, reason = $4, category = $5, quality = $6, provider_id = $7, status_at = $8, category_at = $9, quality_at = $10, updated_at = now()
			WHERE tenant_id = $1 AND id = $2 RETURNING `+columns,
			tenant, now.ID, now.Status, now.Reason, now.Category, now.Quality, now.ProviderID, now.statusAt, now.categoryAt, now.qualityAt)
		if err != nil {
			return err
		}
		t, err := pgx.CollectExactlyOneRow(rows, scan)
		if err != nil || !now.tells(was) {
			return err
		}
		return announce(ctx, tx, tenant, t, at)
	})
	if err != nil {
		return fmt.Errorf("a notice of a template: %w", err)
	}
	return nil
}

// updated is the data of an event template.updated.
type updated struct {
	Tenant   ingest.TenantID `json:"tenant_id"`
	Template string          `json:"template_id"`
	Name     string          `json:"name"`
	Language string          `json:"language"`
	Category string          `json:"category,omitempty"`
	Status   string          `json:"status"`
	Quality  string          `json:"quality,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	At       time.Time       `json:"at"`
}

func announce(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t Template, at time.Time) error {
	data := updated{tenant, t.ID, t.Name, t.Language, t.Category, t.Status, t.Quality, t.Reason, at.UTC()}
	source, err := json.Marshal(data) // two notices of one moment may differ
	if err != nil {
		return err
	}
	e, err := ingest.NewEvent(ingest.TemplateUpdated, tenant, string(tenant)+"|"+t.ID, at, string(source), data)
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, e)
}
