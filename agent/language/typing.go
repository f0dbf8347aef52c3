package language

import "math/bits"

// maskOf returns the letters and digits of word as bits.
func maskOf(word []byte) uint64 {
	var mask uint64
	for _, c := range word {
		mask |= 1 << (c & 63)
	}
	return mask
}

// distance returns how many letters were typed wrong, left out, added or
// swapped between a and b, or -1 if more than their length allows.
func distance(a []byte, b string, am, bm uint64) int {
	most := 1
	if len(a) >= 8 && len(b) >= 8 {
		most = 2
	}
	if len(a) < 4 || len(b) < 4 || len(a) > longestName || len(b) > longestName || len(a)-len(b) > most || len(b)-len(a) > most || bits.OnesCount64(am^bm) > 2*most {
		return -1
	}
	if len(a) < 6 && a[0] != b[0] {
		return -1
	}
	if d := edits(a, b); d <= most {
		return d
	}
	return -1
}

// longestName is how long a word of a name may be to be looked for with errors.
const longestName = 30

// edits is the Damerau-Levenshtein distance of two words up to longestName.
func edits(a []byte, b string) int {
	var rows [3][longestName + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, prev, row := &rows[(i+1)%3], &rows[(i+2)%3], &rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
