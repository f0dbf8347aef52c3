package main

import (
	"fmt"
	"slices"
)

// quartiles is a sample's spread.
type quartiles struct{ low, median, high float64 }

// quartilesOf returns zeros for an empty sample.
func quartilesOf(sample []float64) quartiles {
	if len(sample) == 0 {
		return quartiles{}
	}
	s := slices.Sorted(slices.Values(sample))
	at := func(q float64) float64 {
		x := q * float64(len(s)-1)
		i := int(x)
		if i+1 == len(s) {
			return s[i]
		}
		return s[i] + (x-float64(i))*(s[i+1]-s[i])
	}
	return quartiles{at(.25), at(.5), at(.75)}
}

func (q quartiles) String() string { return fmt.Sprintf("%.3f (%.3f–%.3f)", q.median, q.low, q.high) }
