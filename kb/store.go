package kb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb/embed"
	"frontdesk/kb/extract"
	"frontdesk/kb/rank"
)

// embedder turns texts into vectors of length 1. Model names them.
type embedder interface {
	Model() string
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Config says how knowledge is kept and answers are found.
type Config struct {
	// Embedder makes the vectors; nil is the built-in one ([embed.Hashing]).
	Embedder embedder
	// Extract takes the text out of a file of kind "pdf" or "docx"; nil does it
	// in a limited child process ([extract.Extractor]).
	Extract func(ctx context.Context, kind string, file []byte) (string, error)
	// Threshold is the confidence from which a question is answered; 0 is
	// [rank.Threshold].
	Threshold float64
	// MemoryBytes bounds what is kept in memory of all tenants' knowledge; 0 is
	// 256 MiB.
	MemoryBytes int
	// MemoryTexts is the most passages and phrasings of a tenant that are kept
	// in memory; a larger one is searched in Postgres. 0 is 30,000.
	MemoryTexts int
	// IndexPassages is from how many passages on search keeps a tenant's vectors
	// and words in memory; smaller ones are as fast in Postgres. 0 is 2,000.
	IndexPassages int
	// IndexBytes bounds what search keeps in memory of all tenants; a tenant that
	// does not fit is searched in Postgres. 0 is 256 MiB.
	IndexBytes int
	// WaitTexts is up to how many passages and phrasings a question waits for
	// the ranking to be learnt; beyond, it is served by search meanwhile. 0 is
	// 1,500, some 50 ms.
	WaitTexts int
	// Log is told of endpoints that fail; nil is slog's default.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Embedder == nil {
		c.Embedder = embed.Hashing{}
	}
	if c.Extract == nil {
		c.Extract = extract.Extractor{}.Text
	}
	if c.Threshold == 0 {
		c.Threshold = rank.Threshold
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = 256 << 20
	}
	if c.MemoryTexts == 0 {
		c.MemoryTexts = 30000
	}
	if c.IndexPassages == 0 {
		c.IndexPassages = 2000
	}
	if c.IndexBytes == 0 {
		c.IndexBytes = 256 << 20
	}
	if c.WaitTexts == 0 {
		c.WaitTexts = 1500
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Store keeps the knowledge of all tenants. It is safe for concurrent use.
type Store struct {
	db     *tenantdb.DB
	config Config
	memory *memory
	shelf  *shelf
	stop   context.CancelFunc
	work   context.Context // of the learning and reading in the background
	busy   sync.WaitGroup
}

// NewStore returns a store on db. [Store.Close] ends its background work.
func NewStore(db *tenantdb.DB, config Config) *Store {
	config = config.withDefaults()
	s := &Store{db: db, config: config, memory: newMemory(config.MemoryBytes), shelf: newShelf(config.IndexBytes)}
	s.work, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the work in the background and waits for it.
func (s *Store) Close() {
	s.stop()
	s.busy.Wait()
}

// Put stores a draft, as a new article or as a new version of the one it
// replaces (see [Draft]); created tells which. A draft that changes nothing
// makes no version. Once it has returned, no replica answers with what was
// replaced. Errors wrap [ErrInvalid], [ErrUnreadable], or [ErrNotFound] for an
// ID that the tenant does not have.
func (s *Store) Put(ctx context.Context, tenant ingest.TenantID, d Draft) (article Article, created bool, err error) {
	p, err := s.prepare(ctx, d)
	if err != nil {
		return Article{}, false, err
	}
	var same bool
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		article, err = find(ctx, tx, tenant, p)
		same = err == nil && article.Hash == p.hash
		if errors.Is(err, ErrNotFound) && p.ID == "" {
			return nil
		}
		return err
	})
	if err != nil || same {
		return article, false, err
	}
	e := s.vectors(ctx, p)
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		article, created, err = s.write(ctx, tx, tenant, p, e)
		return err
	})
	if tenantdb.Violates(err, "articles_title") || tenantdb.Violates(err, "articles_untitled") {
		return Article{}, false, invalid("title", "another article of this agent has this title")
	}
	if err != nil {
		return Article{}, false, fmt.Errorf("put an article: %w", err)
	}
	return article, created, nil
}

// vectors embeds the passages. Where the endpoint fails they get the built-in
// vectors, until [Store.Run] has embedded them; they are found by words meanwhile.
func (s *Store) vectors(ctx context.Context, p prepared) embedded {
	texts := make([]string, len(p.passages))
	for i, g := range p.passages {
		texts[i] = embeddedText(p.Title, p.Questions, g.Heading, g.Text)
	}
	used := s.config.Embedder
	vs, err := used.Embed(ctx, texts)
	if err != nil || len(vs) != len(texts) {
		s.config.Log.Warn("embeddings failed, built-in ones are used", "error", err)
		used = embed.Hashing{}
		vs, _ = used.Embed(ctx, texts)
	}
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = vectorText(v)
	}
	return embedded{out, used.Model(), modelName(used.Model(), vs)}
}

// modelName tells vectors of different lengths apart too.
func modelName(model string, vs [][]float32) string {
	if len(vs) == 0 {
		return model
	}
	return model + ":" + strconv.Itoa(len(vs[0]))
}

func vectorText(v []float32) string {
	b := make([]byte, 0, 12*len(v))
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(x), 'g', 7, 32)
	}
	return string(append(b, ']'))
}

const articleColumns = `id, number, agent_id, title, content, type, questions, language, source, hash, version, passages, created_at, updated_at`

func scanArticle(row pgx.CollectableRow) (Article, error) {
	var a Article
	err := row.Scan(&a.ID, &a.Number, &a.Agent, &a.Title, &a.Content, &a.Type, &a.Questions, &a.Language, &a.Source, &a.Hash, &a.Version, &a.Passages, &a.CreatedAt, &a.UpdatedAt)
	return a, err
}

// find returns the article that p replaces, or ErrNotFound.
func find(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, p prepared) (Article, error) {
	where, args := `id = $2`, []any{tenant, p.ID}
	switch {
	case p.ID != "":
	case p.Title != "":
		where, args = `agent_id = $2 AND md5(title) = md5($3) AND title = $3`, []any{tenant, p.Agent, p.Title}
	default:
		where, args = `agent_id = $2 AND title = '' AND hash = $3`, []any{tenant, p.Agent, p.hash}
	}
	rows, err := tx.Query(ctx, `SELECT `+articleColumns+` FROM articles WHERE tenant_id = $1 AND `+where, args...)
	if err != nil {
		return Article{}, fmt.Errorf("find the article: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanArticle)
	if errors.Is(err, pgx.ErrNoRows) {
		return Article{}, ErrNotFound
	}
	return a, err
}

// write stores p in tx. It takes the tenant's generation first, so that changes
// of one tenant's knowledge come one after another.
func (s *Store) write(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, p prepared, e embedded) (Article, bool, error) {
	generation, err := nextGeneration(ctx, tx, tenant)
	if err != nil {
		return Article{}, false, err
	}
	old, err := find(ctx, tx, tenant, p)
	switch {
	case err == nil && old.Hash == p.hash:
		return old, false, nil
	case err == nil:
		p.ID = old.ID
	case errors.Is(err, ErrNotFound) && p.ID == "":
		p.ID = ingest.ArticleID(ingest.NewID(ingest.PrefixArticle, time.Now()))
	default:
		return Article{}, false, err
	}
	a, err := s.writeArticle(ctx, tx, tenant, p, old)
	if err != nil {
		return Article{}, false, err
	}
	return a, old.ID == "", writePassages(ctx, tx, tenant, p, e, generation)
}

// nextGeneration counts the tenant's generation up and holds it until tx ends.
func nextGeneration(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) (generation int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO knowledge AS k (tenant_id, generation) VALUES ($1, 1)
		ON CONFLICT (tenant_id) DO UPDATE SET generation = k.generation + 1 RETURNING generation`, tenant).Scan(&generation)
	return generation, err
}

func (s *Store) writeArticle(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, p prepared, old Article) (Article, error) {
	if p.Questions == nil {
		p.Questions = []string{}
	}
	values := []any{tenant, p.ID, p.Agent, p.Title, p.Content, p.Type, p.Questions, p.Language, p.Source, p.hash, old.Version + 1, len(p.passages)}
	statement := `
		UPDATE articles SET agent_id = $3, title = $4, content = $5, type = $6, questions = $7, language = $8, source = $9,
			hash = $10, version = $11, passages = $12, updated_at = now()
		WHERE tenant_id = $1 AND id = $2 RETURNING ` + articleColumns
	if old.ID == "" {
		statement = `
		INSERT INTO articles (tenant_id, id, number, agent_id, title, content, type, questions, language, source, hash, version, passages)
		VALUES ($1, $2, frontdesk_next_number($1, 'article'), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ` + articleColumns
	}
	rows, err := tx.Query(ctx, statement, values...)
	if err != nil {
		return Article{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanArticle)
	if err != nil {
		return Article{}, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO article_versions (tenant_id, article_id, version, hash, title, content, type, questions, language, source)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		tenant, a.ID, a.Version, a.Hash, a.Title, a.Content, a.Type, p.Questions, a.Language, a.Source)
	return a, err
}

// embedded is the vectors of an article's passages.
type embedded struct {
	vectors []string
	by      string // who made them
	model   string // and of how many dimensions: only those alike are compared
}

func writePassages(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, p prepared, e embedded, generation int64) error {
	ids, headings, bodies := make([]string, len(p.passages)), make([]string, len(p.passages)), make([]string, len(p.passages))
	for i, g := range p.passages {
		ids[i] = ingest.NewID(ingest.PrefixPassage, time.Now())
		headings[i], bodies[i] = g.Heading, g.Text
	}
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM passages WHERE tenant_id = $1 AND article_id = $2`, tenant, p.ID)
	batch.Queue(`
		INSERT INTO passages (tenant_id, id, article_id, agent_id, position, heading, body, generation, words)
		SELECT $1, g.id, $2, $3, g.position, g.heading, g.body, $9,
			setweight(to_tsvector($4::regconfig, unaccent(left($5 || ' ' || g.heading, 20000))), 'A') || to_tsvector($4::regconfig, unaccent(g.body))
		FROM unnest($6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS g (id, heading, body, position)`,
		tenant, p.ID, p.Agent, textConfig(p.Language), p.Title+" "+strings.Join(p.Questions, " "), ids, headings, bodies, generation)
	batch.Queue(`
		INSERT INTO passage_vectors (tenant_id, passage_id, agent_id, model, embedding)
		SELECT $1, g.id, $2, $3, g.embedding::vector FROM unnest($4::text[], $5::text[]) AS g (id, embedding)`,
		tenant, p.Agent, e.model, ids, e.vectors)
	batch.Queue(embeddedBy, tenant, p.ID, e.by)
	return tx.SendBatch(ctx, batch).Close()
}

// textConfig is Postgres's name for how a language's words are stemmed.
func textConfig(language string) string {
	switch language {
	case "en":
		return "english"
	case "es":
		return "spanish"
	case "pt":
		return "portuguese"
	case "fr":
		return "french"
	case "de":
		return "german"
	case "it":
		return "italian"
	case "nl":
		return "dutch"
	}
	return "simple"
}

// Delete removes an article with its versions and passages, or reports
// [ErrNotFound]. Once it has returned, no replica answers with it.
func (s *Store) Delete(ctx context.Context, tenant ingest.TenantID, id ingest.ArticleID) error {
	return s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if _, err := nextGeneration(ctx, tx, tenant); err != nil {
			return fmt.Errorf("delete an article: %w", err)
		}
		tag, err := tx.Exec(ctx, `DELETE FROM articles WHERE tenant_id = $1 AND id = $2`, tenant, id)
		if err != nil {
			return fmt.Errorf("delete an article: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return nil
	})
}
