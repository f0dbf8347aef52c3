package kb

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/kb/embed"
	"frontdesk/kb/rank"
)

// Generation returns the state of a tenant's knowledge as tx sees it: 0 before
// the first article. Read in a transaction that is open anyway, it saves
// [Store.AnswerAt] a trip that [Store.Answer] makes.
func Generation(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID) (int64, error) {
	var g int64
	err := tx.QueryRow(ctx, generationQuery, tenant).Scan(&g)
	return g, err
}

// generationQuery is for those who put it into a batch of their own.
const generationQuery = `SELECT coalesce((SELECT generation FROM knowledge WHERE tenant_id = $1), 0)`

// QueueGeneration adds the reading of a tenant's generation to a batch that runs
// as the tenant; to gets it when the batch's results are read.
func QueueGeneration(b *pgx.Batch, tenant ingest.TenantID, to *int64) {
	b.Queue(generationQuery, tenant).QueryRow(func(row pgx.Row) error { return row.Scan(to) })
}

func (s *Store) generation(ctx context.Context, tenant ingest.TenantID) (int64, error) {
	var g int64
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) { QueueGeneration(b, tenant, &g) })
	if err != nil {
		return 0, fmt.Errorf("read the state of the knowledge: %w", err)
	}
	return g, nil
}

// current returns what a scope knows at a generation, learning it if that takes
// no more than a moment. Otherwise it starts the learning in the background and
// returns nil: the caller then searches in Postgres.
func (s *Store) current(ctx context.Context, sc scope, generation int64) (*snapshot, error) {
	if snap := s.memory.at(sc, generation); snap != nil {
		return snap, nil
	}
	mk, mine := s.memory.begin(sc, generation)
	if !mine {
		return nil, nil // another is at it
	}
	return s.make(ctx, sc, mk)
}

// make reads and learns. Rows are read after the generation: should they be
// newer, the snapshot lacks what was retracted, and the next look at the
// generation replaces it. It is never older than its generation says.
func (s *Store) make(ctx context.Context, sc scope, mk *making) (*snapshot, error) {
	size, err := s.size(ctx, sc)
	if err != nil || size > s.config.MemoryTexts {
		s.memory.end(sc, mk, nil)
		return nil, err
	}
	if size <= s.config.WaitTexts {
		articles, err := s.load(ctx, sc)
		if err != nil {
			s.memory.end(sc, mk, nil)
			return nil, err
		}
		snap := learn(ctx, mk.generation, articles, 0)
		s.memory.end(sc, mk, snap)
		return snap, ctx.Err()
	}
	s.busy.Go(func() {
		var snap *snapshot
		defer func() { s.memory.end(sc, mk, snap) }()
		articles, err := s.load(s.work, sc)
		if err != nil {
			if s.work.Err() == nil {
				s.config.Log.Warn("reading knowledge to learn from failed", "error", err)
			}
			return
		}
		snap = learn(s.work, mk.generation, articles, 1) // one processor is left to the turns
	})
	return nil, nil
}

// size is how many passages and phrasings a scope sees.
func (s *Store) size(ctx context.Context, sc scope) (int, error) {
	var n int
	err := s.db.Batch(ctx, sc.tenant, func(b *pgx.Batch) {
		b.Queue(`SELECT coalesce(sum(passages + cardinality(questions) + 1), 0) FROM articles WHERE tenant_id = $1 AND agent_id IN ('', $2)`,
			sc.tenant, sc.agent).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	})
	if err != nil {
		return 0, fmt.Errorf("count the knowledge: %w", err)
	}
	return n, nil
}

func (s *Store) load(ctx context.Context, sc scope) ([]known, error) {
	var out []known
	err := s.db.InTenant(ctx, sc.tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT a.id, a.title, a.language, a.questions, CASE a.type WHEN 'faq' THEN a.content ELSE '' END, p.id, p.heading, p.body
			FROM articles a JOIN passages p ON p.tenant_id = a.tenant_id AND p.article_id = a.id
			WHERE a.tenant_id = $1 AND a.agent_id IN ('', $2)
			ORDER BY a.number, p.position`, sc.tenant, sc.agent)
		if err != nil {
			return err
		}
		out, err = collect(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the knowledge: %w", err)
	}
	return out, nil
}

// collect gathers rows of passages, those of an article one after another.
func collect(rows pgx.Rows) ([]known, error) {
	var out []known
	var a known
	var p knownPassage
	_, err := pgx.ForEachRow(rows, []any{&a.id, &a.title, &a.language, &a.questions, &a.whole, &p.id, &p.heading, &p.text}, func() error {
		if len(out) == 0 || out[len(out)-1].id != a.id {
			a.passages = nil
			out = append(out, a)
		}
		last := &out[len(out)-1]
		last.passages = append(last.passages, p)
		a.questions = nil // the next row's must not be written over this one's
		return nil
	})
	return out, err
}

// Search returns the passages that may answer a question, the likeliest first,
// one an article. It is scored by the ranking that answers; with an embeddings
// endpoint, nearness of sense is fused in.
func (s *Store) Search(ctx context.Context, tenant ingest.TenantID, q Query) ([]Hit, error) {
	q = q.bounded()
	generation, err := s.generation(ctx, tenant)
	if err != nil {
		return nil, err
	}
	snap, err := s.current(ctx, scope{tenant, q.Agent}, generation)
	if err != nil {
		return nil, err
	}
	if snap == nil {
		if snap, err = s.candidates(ctx, tenant, q); err != nil {
			return nil, err
		}
		return snap.search(q), nil
	}
	hits := snap.search(q)
	if !s.semantic() {
		return hits, nil
	}
	near, err := s.Hybrid(ctx, tenant, q)
	if err != nil {
		return nil, err
	}
	return fuse(hits, near, q.Limit), nil
}

// Answer says what the tenant's knowledge has to say to a question: the words
// of an article, or that nothing supports an answer.
func (s *Store) Answer(ctx context.Context, tenant ingest.TenantID, q Query) (Answer, error) {
	generation, err := s.generation(ctx, tenant)
	if err != nil {
		return Answer{}, err
	}
	return s.AnswerAt(ctx, tenant, generation, q)
}

// AnswerAt is [Store.Answer] for one who has just read the [Generation] in a
// transaction of his own. Where that generation is in memory, it asks no
// database.
func (s *Store) AnswerAt(ctx context.Context, tenant ingest.TenantID, generation int64, q Query) (Answer, error) {
	q = q.bounded()
	snap, err := s.current(ctx, scope{tenant, q.Agent}, generation)
	if err == nil && snap == nil {
		snap, err = s.candidates(ctx, tenant, q)
	}
	if err != nil {
		return Answer{}, err
	}
	return snap.answer(q, s.config.Threshold), nil
}

// semantic reports whether vectors know more than the words do.
func (s *Store) semantic() bool { return s.config.Embedder.Model() != embed.Hashing{}.Model() }

// candidatesDepth is how many passages the ranking looks at where it has not
// learnt the whole.
const candidatesDepth = 50

// candidates learns from the passages that search finds for a question: the
// ranking where a tenant's whole knowledge is not, or not yet, in memory.
func (s *Store) candidates(ctx context.Context, tenant ingest.TenantID, q Query) (*snapshot, error) {
	articles, generation, err := s.hybrid(ctx, tenant, q, candidatesDepth)
	if err != nil {
		return nil, err
	}
	snap := learn(ctx, generation, grouped(articles), 1)
	if snap == nil {
		return nil, ctx.Err()
	}
	return snap, nil
}

// Hybrid returns passages by the exact scan over vectors and by full text,
// fused by their places in the two, without ranking. A large tenant's vectors
// and words are looked through in memory, once they are there; what is found is
// read from Postgres, so what was retracted is never returned.
func (s *Store) Hybrid(ctx context.Context, tenant ingest.TenantID, q Query) ([]Hit, error) {
	q = q.bounded()
	found, _, err := s.hybrid(ctx, tenant, q, max(q.Limit, candidatesDepth))
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, q.Limit)
	for _, f := range found[:min(len(found), q.Limit)] {
		p := f.passages[0]
		hits = append(hits, Hit{f.id, p.id, f.title, p.heading, p.text, f.score})
	}
	return hits, nil
}

// fused is a passage, with its article, and its fused score.
type fused struct {
	known
	score float64
}

// asked is a question as it is searched for.
type asked struct {
	Query
	vector []float32 // nil where the embeddings failed
	model  string
	words  []string // quoted for to_tsquery
	depth  int
}

// hybrid returns up to 2 × depth passages, best first, and the generation that
// was read before them.
func (s *Store) hybrid(ctx context.Context, tenant ingest.TenantID, q Query, depth int) ([]fused, int64, error) {
	a := asked{Query: q, model: s.config.Embedder.Model(), words: searchWords(q), depth: depth}
	vs, err := s.config.Embedder.Embed(ctx, []string{q.Text})
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case err != nil || len(vs) != 1:
		s.config.Log.Warn("embeddings failed, searching by words alone", "error", err)
	default:
		a.vector, a.model = vs[0], modelName(a.model, vs)
	}
	at := shelved{tenant, a.model}
	if a.vector != nil && s.shelf.has(at) {
		found, generation, err := s.fromShelf(ctx, at, a)
		if err != nil || found != nil {
			return found, generation, err
		}
	}
	found, generation, err := s.inPostgres(ctx, tenant, a)
	if err == nil && a.vector != nil {
		s.consider(at, len(a.vector), generation)
	}
	return found, generation, err
}

// inPostgres searches in one trip, and reads the generation before.
func (s *Store) inPostgres(ctx context.Context, tenant ingest.TenantID, a asked) ([]fused, int64, error) {
	var vector *string
	if a.vector != nil {
		text := vectorText(a.vector)
		vector = &text
	}
	var generation int64
	var out []fused
	err := s.db.Batch(ctx, tenant, func(b *pgx.Batch) {
		out = nil
		QueueGeneration(b, tenant, &generation)
		b.Queue(`
			SELECT a.id, a.title, a.language, a.questions, CASE a.type WHEN 'faq' THEN a.content ELSE '' END, p.id, p.heading, p.body,
				coalesce(1.0 / (60 + s.by_vector), 0)::float8 + coalesce(1.0 / (60 + s.by_words), 0)::float8 AS score
			FROM frontdesk_search_passages($2::text::vector, $3, ARRAY(
				SELECT to_tsquery('simple', unaccent(w)) || to_tsquery($5::text::regconfig, unaccent(w)) FROM unnest($4::text[]) w), $6, $7) s
			JOIN passages p ON p.tenant_id = $1 AND p.id = s.passage_id
			JOIN articles a ON a.tenant_id = p.tenant_id AND a.id = p.article_id
			ORDER BY score DESC, p.id`,
			tenant, vector, a.model, a.words, textConfig(a.language()), a.Agent, a.depth).Query(func(rows pgx.Rows) error {
			var err error
			out, err = pgx.CollectRows(rows, scanFused)
			return err
		})
	})
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	return out, generation, nil
}

func scanFused(row pgx.CollectableRow) (fused, error) {
	var f fused
	var p knownPassage
	err := row.Scan(&f.id, &f.title, &f.language, &f.questions, &f.whole, &p.id, &p.heading, &p.text, &f.score)
	f.passages = []knownPassage{p}
	return f, err
}

// maxTerms bounds the words that full text looks for.
const maxTerms = 8

// searchWords are q's telling words, each quoted for to_tsquery.
func searchWords(q Query) []string {
	parts := []string{}
	for _, t := range rank.Terms(q.Text, q.Language) {
		if t = strings.Map(dropMarks, t); t != "" && len(parts) < maxTerms {
			parts = append(parts, "'"+t+"'")
		}
	}
	return parts
}

func dropMarks(r rune) rune {
	if r == '\'' || r == '\\' || r == 0 {
		return -1
	}
	return r
}
