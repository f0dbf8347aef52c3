package rank

import "math"

// evidenceDepth is how many of the best articles the confidence looks at.
const evidenceDepth = 5

// evidence is what the decision to answer or decline rests on: of the best
// article its plane, nearest phrasing and text; its margin over the second and
// the mean of the best five; whether several planes claim the question; how much
// of the question the tenant ever speaks of, the article asks, the article says
// at all, each by rarity alone and by what words tell in general; the logarithms
// of the number of words and telling words; the best one's share of the scores
// and their entropy; whether the nearest phrasing agrees; the share of known words; the share of telling words that the article
// lacks, and whether it lacks none of several.
type evidence [evidenceKinds]float64

const evidenceKinds = 20

func (m *Model) evidence(s *scratch, tokens []token) evidence {
	best := s.scores[0]
	cov := m.book.coverage(s.words, int32(best.Article))
	depth := min(evidenceDepth, len(s.scores))
	mean, margin := 0.0, best.Score
	for _, c := range s.scores[:depth] {
		mean += c.Score / float64(depth)
	}
	if depth > 1 {
		margin -= s.scores[1].Score
	}
	share, entropy := spread(s.scores[:depth])
	return evidence{
		float64(s.plane[best.Article]), float64(s.near[best.Article]), float64(s.told[best.Article]), margin, mean, several(s.plane),
		cov.known, cov.asked, cov.any, cov.knownW, cov.askedW, cov.anyW,
		math.Log(float64(max(len(tokens), 1))), math.Log1p(cov.content), share, entropy, agree(s.near, best.Article), cov.knownN,
		cov.missing, whole(cov),
	}
}

// whole is 1 where two or more telling words were said and the article holds all.
func whole(c coverage) float64 {
	if c.content > 1 && c.missing == 0 {
		return 1
	}
	return 0
}

// several is 1 where more than one plane takes the question for its own or nearly so.
func several(plane []float32) float64 {
	n := 0
	for _, z := range plane {
		if z > -0.5 {
			n++
		}
	}
	if n > 1 {
		return 1
	}
	return 0
}

// spread is the best score's share, and the entropy, of a softmax over scores.
func spread(scores []Scored) (share, entropy float64) {
	const sharpness = 4
	var sum float64
	for _, c := range scores {
		sum += math.Exp(sharpness * (c.Score - scores[0].Score))
	}
	for _, c := range scores {
		p := math.Exp(sharpness*(c.Score-scores[0].Score)) / sum
		entropy -= p * math.Log(p+1e-9)
	}
	return 1 / sum, entropy
}

// agree is 1 where the nearest phrasing belongs to the best article.
func agree(near []float32, best int) float64 {
	for _, v := range near {
		if v > near[best] {
			return 0
		}
	}
	return 1
}

// confidence is a logistic regression over the evidence.
func (e evidence) confidence(taught bool) float64 {
	w := plainWeights
	if taught {
		w = taughtWeights
	}
	sum := w.bias
	for i, v := range e {
		sum += w.of[i] * v
	}
	return 1 / (1 + math.Exp(-sum))
}

type weights struct {
	bias float64
	of   evidence
}

// Fitted once, as a logistic regression of "answers it" against "out of scope",
// over development questions of several unrelated businesses, each weighing the
// same; a business left out of the fit was served as well. taughtWeights are for
// tenants with phrasings, plainWeights for those with titles and texts.
var (
	taughtWeights = weights{-5.843, evidence{
		1.4, 0.435, 0, 0.48, 2.697, 0.472, -0.395, 0.855, 0.855, 0.276,
		0.806, 0.806, 0.541, 0.443, 1.557, -0.354, -0.312, 2.097, 0.83, -0.423,
	}}
	plainWeights = weights{-10.386, evidence{
		0, 5.823, 0.731, -0.425, -2.707, 0, -0.735, 0.657, 0.387, 4.761,
		0.275, 4.888, 0.07, 1.175, 4.429, 2.053, 0.375, -1.31, -0.395, 0.726,
	}}
)
