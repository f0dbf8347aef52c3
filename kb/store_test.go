package kb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
	"frontdesk/kb/embed"
	"frontdesk/kb/extract"
)

// paths are the ways a question can be served: from memory, in Postgres because
// the knowledge is too large for it, and through an index of its own.
var paths = map[string]kb.Config{
	"in memory":   {},
	"in postgres": {MemoryTexts: -1},
	"by an index": {MemoryTexts: -1, IndexPassages: 1},
}

func open(t testing.TB, db *tenantdb.DB, c kb.Config) *kb.Store {
	t.Helper()
	s := kb.NewStore(db, c)
	t.Cleanup(s.Close)
	return s
}

func put(t testing.TB, s *kb.Store, tenant ingest.TenantID, d kb.Draft) kb.Article {
	t.Helper()
	a, _, err := s.Put(t.Context(), tenant, d)
	if err != nil {
		t.Fatalf("put %q: %v", d.Title, err)
	}
	return a
}

func answer(t testing.TB, s *kb.Store, tenant ingest.TenantID, q kb.Query) kb.Answer {
	t.Helper()
	a, err := s.Answer(t.Context(), tenant, q)
	if err != nil {
		t.Fatalf("answer %q: %v", q.Text, err)
	}
	return a
}

func everything(t testing.TB, s *kb.Store, tenant ingest.TenantID, q kb.Query) string {
	t.Helper()
	a := answer(t, s, tenant, q)
	hits, err := s.Search(t.Context(), tenant, q)
	if err != nil {
		t.Fatalf("search %q: %v", q.Text, err)
	}
	raw, err := s.Hybrid(t.Context(), tenant, q)
	if err != nil {
		t.Fatalf("hybrid search %q: %v", q.Text, err)
	}
	return fmt.Sprint(a, hits, raw)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	for name, config := range paths {
		t.Run(name, func(t *testing.T) {
			tenant := ingest.TenantID("acme " + name)
			s := open(t, db, config)
			put(t, s, tenant, kb.Draft{Title: "Parking", Content: "Free parking behind the building.", Type: kb.FAQ})
			put(t, s, tenant, kb.Draft{Title: "Price list", Content: "# Prices\n\n| What | BZD |\n|---|---|\n| Cleaning | 50 |\n| Crown | 950 |", Type: kb.Markdown})
			put(t, s, tenant, kb.Draft{Title: "Opening hours", Content: "<p>We are open from 8:00 to 17:00.</p>", Type: kb.HTML})
			put(t, s, tenant, kb.Draft{Title: "House rules", Content: "Be kind. " + strings.Repeat("Nobody minds a bit of noise before noon. ", 60) + "Dogs must stay on a leash in the garden. " + strings.Repeat("Towels are in the hall. ", 60)})
			tests := []struct {
				name, question, want string
			}{
				{"a FAQ", "do you have parking?", "Free parking behind the building."},
				{"a table", "how much is a crown", "What | BZD\nCleaning | 50\nCrown | 950"},
				{"HTML", "what are your opening hours", "We are open from 8:00 to 17:00."},
				{"nothing", "who won the football match", ""},
			}
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					a := answer(t, s, tenant, kb.Query{Text: tt.question, Language: "en"})
					if a.Supported != (tt.want != "") || a.Text != tt.want {
						t.Errorf("supported %v (%.2f) with %q, want %q", a.Supported, a.Confidence, a.Text, tt.want)
					}
				})
			}
			hits, err := s.Search(t.Context(), tenant, kb.Query{Text: "must dogs be on a leash", Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(hits) == 0 || hits[0].Title != "House rules" || !strings.Contains(hits[0].Text, "leash") {
				t.Errorf("hits %+v, want the passage of the house rules with the leash first", hits)
			}
		})
	}
}

func TestALongTextIsQuotedWhereItAnswers(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{})
	put(t, s, "acme", kb.Draft{Title: "Dogs and other house rules", Content: strings.Repeat("Nobody minds a bit of noise before noon. ", 20) + "Dogs must stay on a leash in the garden. " + strings.Repeat("Towels are in the hall. ", 10)})
	a := answer(t, s, "acme", kb.Query{Text: "must dogs be on a leash in the garden"})
	if !a.Supported || !strings.Contains(a.Text, "Dogs must stay on a leash in the garden.") || len(a.Text) > 600 {
		t.Errorf("supported %v (%.2f), %d bytes: %q", a.Supported, a.Confidence, len(a.Text), a.Text)
	}
}

func TestTenantsAndAgentsAreApart(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	for name, config := range paths {
		t.Run(name, func(t *testing.T) {
			s := open(t, db, config)
			acme, globex := ingest.TenantID("acme "+name), ingest.TenantID("globex "+name)
			put(t, s, acme, kb.Draft{Title: "Parking", Content: "CANARYACME parking is free."})
			put(t, s, globex, kb.Draft{Title: "Parking", Content: "CANARYGLOBEX parking costs 5 USD."})
			only := put(t, s, acme, kb.Draft{Agent: "agt_1", Title: "Parking for staff", Content: "CANARYAGENT staff parking is on level 2."})
			for _, tt := range []struct {
				tenant       ingest.TenantID
				agent        ingest.AgentID
				want, absent []string
			}{
				{acme, "", []string{"CANARYACME"}, []string{"CANARYGLOBEX", "CANARYAGENT"}},
				{acme, "agt_1", []string{"CANARYACME", "CANARYAGENT"}, []string{"CANARYGLOBEX"}},
				{acme, "agt_2", []string{"CANARYACME"}, []string{"CANARYGLOBEX", "CANARYAGENT"}},
				{globex, "agt_1", []string{"CANARYGLOBEX"}, []string{"CANARYACME", "CANARYAGENT"}},
				{ingest.TenantID("empty"), "", nil, []string{"CANARY"}},
			} {
				got := everything(t, s, tt.tenant, kb.Query{Text: "is there staff parking CANARYACME CANARYGLOBEX CANARYAGENT", Agent: tt.agent, Limit: 50})
				for _, w := range tt.want {
					if !strings.Contains(got, w) {
						t.Errorf("%s, agent %q: %s is missing", tt.tenant, tt.agent, w)
					}
				}
				for _, w := range tt.absent {
					if strings.Contains(got, w) {
						t.Errorf("%s, agent %q: saw %s", tt.tenant, tt.agent, w)
					}
				}
			}
			if _, err := s.Article(t.Context(), globex, only.ID); !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("article of another tenant: error %v, want ErrNotFound", err)
			}
			if _, err := s.Versions(t.Context(), globex, only.ID); !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("versions of another tenant: error %v, want ErrNotFound", err)
			}
			if err := s.Delete(t.Context(), globex, only.ID); !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("delete another tenant's: error %v, want ErrNotFound", err)
			}
			if _, _, err := s.Put(t.Context(), globex, kb.Draft{ID: only.ID, Title: "x", Content: "x"}); !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("replace another tenant's: error %v, want ErrNotFound", err)
			}
		})
	}
}

// The search function reads past row-level security, so it has tests of its own.
func TestTheSearchFunctionKeepsToItsTenant(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	s := open(t, db, kb.Config{})
	put(t, s, "acme", kb.Draft{Title: "Parking", Content: "Parking is free."})
	put(t, s, "globex", kb.Draft{Title: "Parking", Content: "Parking costs 5 USD."})
	count := func(tx pgx.Tx) (n int) {
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM frontdesk_search_passages(
			(SELECT ('[' || string_agg('0.06', ',') || ']')::vector FROM generate_series(1, 256)), 'hashing-256-v1:256', ARRAY['park'::tsquery, 'parking'::tsquery], '', 100)`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, tt := range []struct {
		tenant ingest.TenantID
		want   int
	}{{"acme", 1}, {"globex", 1}, {"nobody", 0}} {
		if err := db.InTenant(t.Context(), tt.tenant, func(tx pgx.Tx) error {
			if n := count(tx); n != tt.want {
				t.Errorf("%s: %d passages, want %d", tt.tenant, n, tt.want)
			}
			_, err := tx.Exec(t.Context(), `SELECT set_config('app.tenant_id', '', true)`)
			if n := count(tx); n != 0 {
				t.Errorf("without a tenant: %d passages, want none", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT * FROM frontdesk_search_passages(NULL, '', ARRAY['park'::tsquery], '', 1)`)
		return err
	})
	if err == nil {
		t.Error("the role that works across tenants may call the search")
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{})
	ctx := t.Context()
	first := kb.Draft{Title: "Parking", Content: "Free."}
	a, created, err := s.Put(ctx, "acme", first)
	if err != nil || !created || a.Version != 1 || a.Number != 1 || a.Language != "" && a.Language != "en" {
		t.Fatalf("%+v created %v, %v", a, created, err)
	}
	same, created, err := s.Put(ctx, "acme", first)
	if err != nil || created || same.ID != a.ID || same.Version != 1 {
		t.Errorf("the same again: %+v created %v, %v; want the first version", same, created, err)
	}
	second, created, err := s.Put(ctx, "acme", kb.Draft{Title: "Parking", Content: "Now 5 USD.", Questions: []string{"where to park"}})
	if err != nil || created || second.ID != a.ID || second.Version != 2 {
		t.Errorf("another content: %+v created %v, %v; want version 2 of the same", second, created, err)
	}
	byID, _, err := s.Put(ctx, "acme", kb.Draft{ID: a.ID, Title: "Cars", Content: "Now 5 USD."})
	if err != nil || byID.ID != a.ID || byID.Version != 3 || byID.Title != "Cars" {
		t.Errorf("by id: %+v, %v; want version 3 under a new title", byID, err)
	}
	back, err := s.Restore(ctx, "acme", a.ID, 1)
	if err != nil || back.Version != 4 || back.Content != "Free." || back.Title != "Parking" {
		t.Errorf("restored: %+v, %v; want the first as version 4", back, err)
	}
	vs, err := s.Versions(ctx, "acme", a.ID)
	if err != nil || len(vs) != 4 || vs[0].Version != 4 || vs[3].Content != "Free." {
		t.Errorf("versions %+v, %v", vs, err)
	}
	if _, err := s.Restore(ctx, "acme", a.ID, 9); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("restoring a version that never was: %v", err)
	}
	put(t, s, "acme", kb.Draft{Title: "Other", Content: "x y z"})
	if _, _, err := s.Put(ctx, "acme", kb.Draft{ID: a.ID, Title: "Other", Content: "x"}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("a title that another has: %v, want ErrInvalid", err)
	}
	if err := s.Delete(ctx, "acme", a.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Versions(ctx, "acme", a.ID); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("versions of a deleted article: %v, want ErrNotFound", err)
	}
}

func TestArticlesInPages(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{})
	for i := range 5 {
		put(t, s, "acme", kb.Draft{Title: fmt.Sprintf("Title %d", i), Content: "text", Type: map[bool]kb.Type{true: kb.FAQ, false: kb.Text}[i%2 == 0]})
	}
	put(t, s, "globex", kb.Draft{Title: "Title of another", Content: "text"})
	var titles []string
	for after, pages := "", 0; pages < 5; pages++ {
		got, next, err := s.Articles(t.Context(), "acme", kb.Filter{Limit: 2, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range got {
			titles = append(titles, a.Title)
		}
		if after = next; next == "" {
			break
		}
	}
	if got := strings.Join(titles, ","); got != "Title 4,Title 3,Title 2,Title 1,Title 0" {
		t.Errorf("pages held %s", got)
	}
	faq, _, err := s.Articles(t.Context(), "acme", kb.Filter{Type: kb.FAQ, Query: "TITLE 2"})
	if err != nil || len(faq) != 1 || faq[0].Title != "Title 2" {
		t.Errorf("filtered %+v, %v", faq, err)
	}
	if _, _, err := s.Articles(t.Context(), "acme", kb.Filter{After: "x"}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("a forged cursor: %v, want ErrInvalid", err)
	}
}

func TestDraftsThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{Extract: func(_ context.Context, kind string, file []byte) (string, error) {
		if string(file) == "bad" {
			return "", extract.ErrUnreadable
		}
		return string(file), nil
	}})
	tests := []struct {
		name  string
		draft kb.Draft
		err   error
		part  string
	}{
		{"no content", kb.Draft{Title: "x"}, kb.ErrInvalid, "content"},
		{"blanks for content", kb.Draft{Title: "x", Content: " \x00\n"}, kb.ErrInvalid, "content"},
		{"markup alone", kb.Draft{Title: "x", Content: "<br><hr>", Type: kb.HTML}, kb.ErrInvalid, "no text"},
		{"an unknown type", kb.Draft{Title: "x", Content: "x", Type: "video"}, kb.ErrInvalid, `type "video"`},
		{"a title too long", kb.Draft{Title: strings.Repeat("x", 501), Content: "x"}, kb.ErrInvalid, "title"},
		{"a FAQ without a question", kb.Draft{Content: "x", Type: kb.FAQ}, kb.ErrInvalid, "faq"},
		{"a file as text", kb.Draft{Title: "x", Data: []byte("x")}, kb.ErrInvalid, "file"},
		{"a file without text", kb.Draft{Title: "x", Data: []byte(" "), Type: kb.PDF}, kb.ErrUnreadable, "no text"},
		{"a broken file", kb.Draft{Title: "x", Data: []byte("bad"), Type: kb.DOCX}, kb.ErrUnreadable, ""},
		{"too much", kb.Draft{Title: "x", Content: strings.Repeat("x", 9<<20)}, kb.ErrInvalid, "content"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := s.Put(t.Context(), "acme", tt.draft)
			if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.part) {
				t.Errorf("error %v, want %v with %q", err, tt.err, tt.part)
			}
		})
	}
	a := put(t, s, "acme", kb.Draft{Title: "Menu", Data: []byte("# Soup\n\nSoup of the day 5 USD"), Type: kb.DOCX})
	if got := answer(t, s, "acme", kb.Query{Text: "what soup of the day do you have"}); got.Article != a.ID {
		t.Errorf("the text of a file is not answered from: %+v", got)
	}
}

// Whatever is put, replaced and deleted in whatever order, and asked before and
// after by another replica too: retracted text is in no result.
func TestRetractedTextIsNeverSeen(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		tenant := ingest.TenantID(fmt.Sprintf("acme-%d", run))
		replicas := []*kb.Store{open(t, db, kb.Config{}), open(t, db, kb.Config{}), open(t, db, kb.Config{MemoryTexts: -1}), open(t, db, kb.Config{WaitTexts: -1}), open(t, db, kb.Config{MemoryTexts: -1, IndexPassages: 1})}
		current, ids := map[string]string{}, map[string]ingest.ArticleID{}
		var gone []string
		for step := range rapid.IntRange(3, 8).Draw(r, "steps") {
			title := rapid.SampledFrom([]string{"Parking", "Prices", "Hours"}).Draw(r, "title")
			by := rapid.SampledFrom(replicas).Draw(r, "replica")
			if old, ok := current[title]; ok && rapid.Bool().Draw(r, "delete") {
				if err := by.Delete(t.Context(), tenant, ids[title]); err != nil {
					r.Fatal(err)
				}
				delete(current, title)
				gone = append(gone, old)
			} else {
				if ok {
					gone = append(gone, old)
				}
				canary := fmt.Sprintf("canary%dx%d", run, step)
				current[title] = canary
				ids[title] = put(t, by, tenant, kb.Draft{Title: title, Content: "Parking prices hours " + canary}).ID
			}
			for i, replica := range replicas {
				replica.Settle()
				got := everything(t, replica, tenant, kb.Query{Text: "parking prices hours " + strings.Join(gone, " "), Limit: 50})
				for _, g := range gone {
					if strings.Contains(got, g) {
						r.Fatalf("replica %d shows %s, which is gone", i, g)
					}
				}
				for title, c := range current {
					if !strings.Contains(got, c) {
						r.Fatalf("replica %d does not show %s of %s", i, c, title)
					}
				}
			}
		}
	})
}

func TestGaps(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{})
	for _, q := range []string{"Do you sell pizza?", "do you have pizzas", "pizza please", "is there a gym", "😀", ""} {
		if err := s.RecordGap(t.Context(), "acme", kb.Query{Text: q, Language: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.RecordGap(t.Context(), "globex", kb.Query{Text: "secret of globex"}); err != nil {
		t.Fatal(err)
	}
	gaps, next, err := s.Gaps(t.Context(), "acme", kb.GapFilter{})
	if err != nil || next != "" {
		t.Fatalf("Gaps(): cursor %q, %v, want one page", next, err)
	}
	var paged []kb.Gap
	for f := (kb.GapFilter{Limit: 1}); len(paged) <= len(gaps); f.After = next {
		var page []kb.Gap
		if page, next, err = s.Gaps(t.Context(), "acme", f); err != nil {
			t.Fatal(err)
		}
		if paged = append(paged, page...); next == "" {
			break
		}
	}
	if !reflect.DeepEqual(gaps, paged) {
		t.Errorf("page by page %+v, at once %+v", paged, gaps)
	}
	if _, _, err := s.Gaps(t.Context(), "acme", kb.GapFilter{After: "many"}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("Gaps() after nonsense: %v, want ErrInvalid", err)
	}
	if len(gaps) != 3 || gaps[0].Count != 2 || !strings.Contains(strings.ToLower(gaps[0].Question), "pizza") || len(gaps[0].Examples) != 1 {
		t.Errorf("gaps %+v, want pizza twice at first, selling it and the gym once", gaps)
	}
}

// sense is an embeddings endpoint for which what speaks of cars is one thing
// and all else another. While it is not up, it refuses.
type sense struct {
	up   atomic.Bool
	seen atomic.Int64 // requests
}

func (e *sense) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.seen.Add(1)
	var asked struct {
		Input []string `json:"input"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || !e.up.Load() {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	type item struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	}
	var answer struct {
		Data []item `json:"data"`
	}
	for i, text := range asked.Input {
		v := []float64{0, 1, 0}
		if strings.Contains(text, "automobile") || strings.Contains(text, "Parking") {
			v = []float64{1, 0, 0}
		}
		answer.Data = append(answer.Data, item{i, v})
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func startSense(t *testing.T, model string) (*sense, *embed.Remote) {
	t.Helper()
	e := &sense{}
	e.up.Store(true)
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	remote, err := embed.NewRemote(embed.Config{URL: srv.URL, Name: model, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return e, remote
}

func TestEmbeddingsEndpoint(t *testing.T) {
	t.Parallel()
	endpoint, remote := startSense(t, "m")
	s := open(t, schematest.Postgres(t), kb.Config{Embedder: remote})
	put(t, s, "acme", kb.Draft{Title: "Hours", Content: "Open all day."})
	put(t, s, "acme", kb.Draft{Title: "Parking", Content: "Behind the house."})
	near, err := s.Hybrid(t.Context(), "acme", kb.Query{Text: "automobile"})
	if err != nil || len(near) != 2 || near[0].Title != "Parking" {
		t.Errorf("near in sense: %+v, %v; want Parking first", near, err)
	}
	endpoint.up.Store(false)
	put(t, s, "acme", kb.Draft{Title: "Pets", Content: "Dogs are welcome."})
	hits, err := s.Search(t.Context(), "acme", kb.Query{Text: "are dogs welcome"})
	if err != nil || len(hits) == 0 || hits[0].Title != "Pets" {
		t.Errorf("with the endpoint down: %+v, %v; want Pets found by its words", hits, err)
	}
}

// What was pushed while the endpoint was away is found by its sense later, in
// Postgres and through an index, for each tenant; and after another model is
// configured too.
func TestEmbeddingLater(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	endpoint, remote := startSense(t, "m")
	s, indexed := open(t, db, kb.Config{Embedder: remote}), open(t, db, kb.Config{Embedder: remote, IndexPassages: 1})
	found := func(s *kb.Store, tenant ingest.TenantID) bool {
		t.Helper()
		hits, err := s.Hybrid(t.Context(), tenant, kb.Query{Text: "automobile"})
		if err != nil {
			t.Fatal(err)
		}
		s.Settle()
		for _, h := range hits {
			if h.Title == "Parking" {
				return true
			}
		}
		return false
	}
	later := func(s *kb.Store, want int) {
		t.Helper()
		if n, err := s.EmbedLate(t.Context()); n != want || err != nil {
			t.Errorf("EmbedLate() = %d, %v, want %d", n, err, want)
		}
	}
	put(t, s, "acme", kb.Draft{Title: "Hours", Content: "Open all day."})
	later(s, 0)
	found(indexed, "acme") // has it indexed
	endpoint.up.Store(false)
	gone := put(t, s, "acme", kb.Draft{Title: "Pets", Content: "Dogs are welcome."})
	for _, tenant := range []ingest.TenantID{"acme", "globex"} {
		put(t, s, tenant, kb.Draft{Title: "Parking", Content: "Behind the house."})
	}
	if err := s.Delete(t.Context(), "acme", gone.ID); err != nil {
		t.Fatal(err)
	}
	endpoint.up.Store(true)
	if found(s, "acme") || found(indexed, "acme") || found(s, "globex") {
		t.Fatal("found by a sense that nobody knows yet")
	}
	later(s, 2)
	if !found(s, "acme") || !found(indexed, "acme") || !found(s, "globex") {
		t.Error("not found by its sense although it was embedded later")
	}
	later(s, 0)
	_, other := startSense(t, "n")
	next := open(t, db, kb.Config{Embedder: other})
	later(next, 3)
	if !found(next, "acme") || !found(next, "globex") {
		t.Error("not found by its sense after another model was configured")
	}
}

// While the endpoint is away nothing is lost, and it is not asked over and over.
func TestEmbeddingLaterWaits(t *testing.T) {
	t.Parallel()
	endpoint, remote := startSense(t, "m")
	endpoint.up.Store(false)
	s := open(t, schematest.Postgres(t), kb.Config{Embedder: remote})
	put(t, s, "acme", kb.Draft{Title: "Parking", Content: "Behind the house."})
	if n, err := s.EmbedLate(t.Context()); n != 0 || !errors.Is(err, embed.ErrUnavailable) {
		t.Errorf("EmbedLate() = %d, %v, want the endpoint's failure", n, err)
	}
	asked := endpoint.seen.Load()
	if n, err := s.EmbedLate(t.Context()); n != 0 || err != nil || endpoint.seen.Load() != asked {
		t.Errorf("EmbedLate() again = %d, %v after %d more requests, want none", n, err, endpoint.seen.Load()-asked)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Errorf("Run() = %v after its context ended, want nil", err)
	}
}

func TestLearningInTheBackground(t *testing.T) {
	t.Parallel()
	s := open(t, schematest.Postgres(t), kb.Config{WaitTexts: -1})
	put(t, s, "acme", kb.Draft{Title: "Parking", Content: "Free parking behind the building."})
	for range 50 {
		if a := answer(t, s, "acme", kb.Query{Text: "is there parking"}); !a.Supported {
			t.Fatalf("not answered while the ranking is being learnt: %+v", a)
		}
	}
	s.Close()
	if a := answer(t, s, "acme", kb.Query{Text: "is there parking"}); !a.Supported {
		t.Errorf("not answered after: %+v", a)
	}
}

func BenchmarkAnswer(b *testing.B) {
	for _, n := range []int{30, 300} {
		b.Run(fmt.Sprintf("%d articles", n), func(b *testing.B) {
			s := open(b, schematest.Postgres(b), kb.Config{})
			for i := range n {
				put(b, s, "acme", kb.Draft{Title: fmt.Sprintf("Treatment %d", i), Content: fmt.Sprintf("Treatment %d takes %d minutes and costs %d USD. Ask for Ana.", i, 20+i, 40+i), Type: kb.FAQ})
			}
			generation := answer(b, s, "acme", kb.Query{Text: "how much is treatment 7"}).Generation
			b.Run("generation known", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.AnswerAt(b.Context(), "acme", generation, kb.Query{Text: "how much is treatment 7", Language: "en"}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("generation read", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Answer(b.Context(), "acme", kb.Query{Text: "how much is treatment 7", Language: "en"}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
