package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// errWire stands for what Postgres does not send.
var errWire = errors.New("index: a row is malformed")

// telling is what a word counts for in a title, a heading or a phrasing.
const telling = 3

// eachWord reads a tsvector as tsvectorsend writes it: a count, then words with
// a zero after, and their places; the two highest bits of a place say which
// weight the word has there.
func eachWord(b []byte, f func(word []byte, count float32)) error {
	if len(b) < 4 {
		return errWire
	}
	words := binary.BigEndian.Uint32(b)
	for b = b[4:]; words > 0; words-- {
		end := bytes.IndexByte(b, 0)
		if end < 0 || len(b) < end+3 {
			return errWire
		}
		word, places := b[:end], int(binary.BigEndian.Uint16(b[end+1:]))
		if b = b[end+3:]; len(b) < 2*places {
			return errWire
		}
		count := float32(0)
		for i := range places {
			if count++; b[2*i]>>6 == 3 {
				count += telling - 1
			}
		}
		b = b[2*places:]
		f(word, max(count, 1))
	}
	if len(b) > 0 {
		return errWire
	}
	return nil
}

// appendVector reads a vector as vector_send writes it: the number of its
// dimensions, two bytes of no use, the values. A nil b is a vector of zeros.
func appendVector(to []float32, b []byte, dims int) ([]float32, error) {
	if b == nil {
		return append(to, make([]float32, dims)...), nil
	}
	if len(b) != 4+4*dims || int(binary.BigEndian.Uint16(b)) != dims {
		return to, fmt.Errorf("%w: a vector is not of %d dimensions", errWire, dims)
	}
	for b = b[4:]; len(b) > 0; b = b[4:] {
		to = append(to, math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return to, nil
}
