package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
	"frontdesk/kb/embed"
)

// What is measured, and what it has to reach.
const (
	smallTenant = 1000
	largeTenant = 20000
	searchRound = 20 // questions a round
	maxRatio    = 1.5
	maxP99      = 40 * time.Millisecond
	largeWarm   = 3 * time.Second // of questions before those that are measured
)

// runSearch measures hybrid search: what other tenants' passages cost a tenant,
// whether the nearest are found, and how long a large tenant waits.
func runSearch(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	server := flags.String("postgres", "postgres://postgres@127.0.0.1:5432/postgres", "server with pgvector, as a user that may create databases")
	others := flags.Int("others", 99, "other tenants of 1,000 passages each")
	rounds := flags.Int("rounds", 30, "rounds of 20 questions, alone and among the others in turns")
	large := flags.Int("large", largeTenant, "passages of the large tenant, in thousands as 20000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	alone, dropAlone, err := newSearched(ctx, *server, "alone", 0)
	if err != nil {
		return err
	}
	defer dropAlone()
	among, dropAmong, err := newSearched(ctx, *server, "among", *others)
	if err != nil {
		return err
	}
	defer dropAmong()
	ratio, err := searchRatio(ctx, alone, among, *rounds)
	if err != nil {
		return err
	}
	recall, err := searchRecall(ctx, among)
	if err != nil {
		return err
	}
	p99, err := searchLarge(ctx, *server, alone, *large)
	if err != nil {
		return err
	}
	if ratio > maxRatio || recall < 1 || p99 > maxP99 {
		return fmt.Errorf("missed: ratio %.2f (at most %.1f), recall@5 %.3f (1), p99 %s (at most %s)", ratio, maxRatio, recall, p99, maxP99)
	}
	return nil
}

// searched is a database with the tenant that is measured.
type searched struct {
	db    *tenantdb.DB
	store *kb.Store
	rnd   *rand.Rand
}

const measured = ingest.TenantID("measured")

// newSearched fills a database: the measured tenant's articles come between the
// others', as they would over time.
func newSearched(ctx context.Context, server, name string, others int) (*searched, func(), error) {
	db, drop, err := scratchDatabase(ctx, server, name)
	if err != nil {
		return nil, nil, err
	}
	s := &searched{db, kb.NewStore(db, kb.Config{}), rand.New(rand.NewPCG(1, uint64(others)))}
	end := func() { s.store.Close(); drop() }
	const articles = 4
	for a := range articles {
		for t := range others + 1 {
			tenant := measured
			if t != others/2 {
				tenant = ingest.TenantID(fmt.Sprintf("other-%d", t))
			}
			if err := s.fill(ctx, tenant, a, smallTenant/articles); err != nil {
				end()
				return nil, nil, err
			}
		}
	}
	if err := settle(ctx, server, db); err != nil {
		end()
		return nil, nil, err
	}
	return s, end, nil
}

// fill puts an article of n passages.
func (s *searched) fill(ctx context.Context, tenant ingest.TenantID, article, n int) error {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "# Section %d\n\n%s\n\n", i, s.words(60))
	}
	a, _, err := s.store.Put(ctx, tenant, kb.Draft{Title: fmt.Sprintf("Article %d", article), Content: b.String(), Type: kb.Markdown, Language: "en"})
	if err == nil && a.Passages != n {
		err = fmt.Errorf("an article of %d passages, meant to be %d", a.Passages, n)
	}
	return err
}

// words returns n made-up words, common ones more often than rare ones.
func (s *searched) words(n int) string {
	const syllables = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu"
	parts := strings.Fields(syllables)
	out := make([]string, n)
	for i := range out {
		v := int(4000 * s.rnd.Float64() * s.rnd.Float64() * s.rnd.Float64())
		out[i] = parts[v%len(parts)] + parts[v/len(parts)%len(parts)] + parts[v/7%len(parts)]
	}
	return strings.Join(out, " ") + "."
}

// searchRatio compares the time per question in turns and returns the median of
// the rounds' ratios.
func searchRatio(ctx context.Context, alone, among *searched, rounds int) (float64, error) {
	var ratios, times []float64
	for round := range rounds + 3 {
		questions := make([]string, searchRound)
		for i := range questions {
			questions[i] = alone.words(6)
		}
		a, err := alone.ask(ctx, measured, questions)
		if err != nil {
			return 0, err
		}
		b, err := among.ask(ctx, measured, questions)
		if err != nil {
			return 0, err
		}
		if round < 3 {
			continue // warming up
		}
		ratios = append(ratios, float64(total(b))/float64(total(a)))
		times = append(times, float64(total(b).Microseconds())/searchRound)
	}
	slices.Sort(ratios)
	slices.Sort(times)
	n := len(ratios)
	fmt.Printf("hybrid search, %d passages inside others' over alone: median %.2f (quartiles %.2f, %.2f); %.0f µs a question\n",
		smallTenant, ratios[n/2], ratios[n/4], ratios[n*3/4], times[n/2])
	return ratios[n/2], nil
}

// ask searches for each question and returns the times.
func (s *searched) ask(ctx context.Context, tenant ingest.TenantID, questions []string) ([]time.Duration, error) {
	out := make([]time.Duration, len(questions))
	for i, q := range questions {
		start := time.Now()
		hits, err := s.store.Hybrid(ctx, tenant, kb.Query{Text: q, Language: "en", Limit: 10})
		if err != nil {
			return nil, err
		}
		if len(hits) == 0 {
			return nil, errors.New("a search found nothing")
		}
		out[i] = time.Since(start)
	}
	return out, nil
}

func total(ds []time.Duration) (sum time.Duration) {
	for _, d := range ds {
		sum += d
	}
	return sum
}

// searchRecall compares the five nearest with a scan in this program.
func searchRecall(ctx context.Context, s *searched) (float64, error) {
	vectors, err := vectorsOf(ctx, s.db, measured)
	if err != nil {
		return 0, err
	}
	const questions, wanted = 100, 5
	found := 0
	for range questions {
		asked, _ := embed.Hashing{}.Embed(ctx, []string{s.words(6)})
		got, err := nearestIn(ctx, s.db, measured, asked[0], wanted)
		if err != nil {
			return 0, err
		}
		least := exact(vectors, asked[0], wanted)
		for _, id := range got {
			if dot(vectors[id], asked[0]) >= least-1e-6 {
				found++
			}
		}
	}
	recall := float64(found) / (questions * wanted)
	fmt.Printf("recall@5 against an exact scan: %.3f over %d questions\n", recall, questions)
	return recall, nil
}

// exact returns the likeness of the nth nearest vector.
func exact(vectors map[string][]float32, asked []float32, n int) float64 {
	all := make([]float64, 0, len(vectors))
	for _, v := range vectors {
		all = append(all, dot(v, asked))
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all[n-1]
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// searchLarge measures a large tenant beside the small one: while its index is
// not there yet, and then.
func searchLarge(ctx context.Context, server string, s *searched, passages int) (time.Duration, error) {
	const tenant = ingest.TenantID("large")
	for a := range passages / smallTenant {
		if err := s.fill(ctx, tenant, a, smallTenant); err != nil {
			return 0, err
		}
	}
	if err := settle(ctx, server, s.db); err != nil {
		return 0, err
	}
	start := time.Now()
	cold, err := s.round(ctx, tenant)
	if err != nil {
		return 0, err
	}
	for time.Since(start) < largeWarm {
		if _, err := s.round(ctx, tenant); err != nil {
			return 0, err
		}
	}
	var times []time.Duration
	for range 20 {
		ts, err := s.round(ctx, tenant)
		if err != nil {
			return 0, err
		}
		times = append(times, ts...)
	}
	slices.Sort(cold)
	slices.Sort(times)
	p99 := times[len(times)*99/100]
	fmt.Printf("hybrid search, %d passages: p50 %s, p99 %s over %d questions; the first %d of a process p50 %s\n", passages,
		times[len(times)/2].Round(10*time.Microsecond), p99.Round(10*time.Microsecond), len(times), len(cold), cold[len(cold)/2].Round(10*time.Microsecond))
	return p99, nil
}

// round asks a round of questions.
func (s *searched) round(ctx context.Context, tenant ingest.TenantID) ([]time.Duration, error) {
	questions := make([]string, searchRound)
	for i := range questions {
		questions[i] = s.words(6)
	}
	return s.ask(ctx, tenant, questions)
}
