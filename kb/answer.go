package kb

import (
	"cmp"
	"slices"
	"strings"

	"frontdesk/kb/rank"
)

// maxAsked is how many bytes of a question are read.
const maxAsked = 4000

// bounded returns q with a limit and a text that can be worked with.
func (q Query) bounded() Query {
	if q.Limit <= 0 {
		q.Limit = 5
	}
	q.Limit = min(q.Limit, 50)
	q.Text = clean(q.Text[:min(len(q.Text), maxAsked)])
	q.Language = strings.ToLower(q.Language)
	return q
}

// language is the question's, found out if it was not told.
func (q Query) language() string {
	if q.Language != "" {
		return q.Language
	}
	return rank.Detect(q.Text, nil)
}

// search ranks the articles of a snapshot and returns the best passage of each.
func (s *snapshot) search(q Query) []Hit {
	return s.hits(s.model.Rank(q.Text, q.Language, q.Limit))
}

func (s *snapshot) hits(r rank.Result) []Hit {
	out := make([]Hit, 0, len(r.Ranked))
	for _, found := range r.Ranked {
		a := &s.articles[found.Article]
		p := a.passages[found.Passage]
		out = append(out, Hit{a.id, p.id, a.title, p.heading, p.text, found.Score})
	}
	return out
}

// answer quotes the best article, if it is good enough.
func (s *snapshot) answer(q Query, threshold float64) Answer {
	r := s.model.Rank(q.Text, q.Language, q.Limit)
	out := Answer{Confidence: r.Confidence, Hits: s.hits(r), Generation: s.generation}
	if len(out.Hits) == 0 || r.Confidence < threshold {
		return out
	}
	a := &s.articles[r.Ranked[0].Article]
	text := a.whole
	if text == "" {
		text = out.Hits[0].Text
	}
	out.Supported, out.Article = true, a.id
	out.Text = quote(q.Text, q.Language, text)
	return out
}

// grouped puts passages of the same article together, the article at the place
// of its best one.
func grouped(found []fused) []known {
	at := map[string]int{}
	var out []known
	for _, f := range found {
		i, ok := at[string(f.id)]
		if !ok {
			at[string(f.id)] = len(out)
			out = append(out, f.known)
			continue
		}
		out[i].passages = append(out[i].passages, f.passages...)
	}
	return out
}

// fuse joins two rankings by place (RRF, k = 60), one hit an article.
func fuse(a, b []Hit, limit int) []Hit {
	score := map[string]float64{}
	var all []Hit
	for _, hits := range [][]Hit{a, b} {
		place := 0
		seen := map[string]bool{}
		for _, h := range hits {
			id := string(h.Article)
			if seen[id] {
				continue
			}
			seen[id] = true
			place++
			if _, known := score[id]; !known {
				all = append(all, h)
			}
			score[id] += 1 / float64(60+place)
		}
	}
	for i := range all {
		all[i].Score = score[string(all[i].Article)]
	}
	slices.SortStableFunc(all, func(x, y Hit) int { return cmp.Compare(y.Score, x.Score) })
	return all[:min(limit, len(all))]
}
