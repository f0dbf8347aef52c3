package rank

import "slices"

// Terms returns the words of a question that tell most, folded, each once: what
// a full-text search should look for. Where all words tell little, it returns
// them all.
func Terms(question, language string) []string {
	if language == "" {
		language = Detect(question, nil)
	}
	var telling, all []string
	seen := map[string]bool{}
	for _, t := range tokenize(question, language) {
		if seen[t.text] {
			continue
		}
		seen[t.text] = true
		all = append(all, t.text)
		if t.weight == 1 {
			telling = append(telling, t.text)
		}
	}
	if len(telling) == 0 {
		return all
	}
	return telling
}

// Key returns what groups questions that ask the same in other words: their
// telling stems, sorted, each once. It is empty for a question without words.
func Key(question, language string) []string {
	if language == "" {
		language = Detect(question, nil)
	}
	lx := lexiconOf(language)
	var telling, all []string
	for _, t := range tokenize(question, language) {
		stem := t.stem
		if c := lx.concept(stem); c != "" {
			stem = c
		}
		all = append(all, stem)
		if t.weight == 1 {
			telling = append(telling, stem)
		}
	}
	if len(telling) == 0 {
		telling = all
	}
	slices.Sort(telling)
	return slices.Compact(telling)
}

// Cover returns, for each text, the share of the question's words that it
// holds, 0 to 1, words weighed by what they tell in general.
func Cover(question, language string, texts []string) []float64 {
	if language == "" {
		language = Detect(question, nil)
	}
	lx := lexiconOf(language)
	asked := tokenize(question, language)
	out := make([]float64, len(texts))
	for i, text := range texts {
		tokens := tokenize(text, language)
		held := map[uint64]bool{}
		for _, h := range stemsOf(append(tokens, lx.tells(text, tokens)...), lx, nil) {
			held[h] = true
		}
		var all, got float64
		for _, t := range asked {
			w := float64(t.weight * t.weight)
			all += w
			if held[hashOf('w', t.stem, "")] || lx.concept(t.stem) != "" && held[hashOf('c', lx.concept(t.stem), "")] {
				got += w
			}
		}
		if all > 0 {
			out[i] = got / all
		}
	}
	return out
}
