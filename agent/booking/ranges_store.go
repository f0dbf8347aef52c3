package booking

import (
	"encoding/binary"
	"errors"
)

// errRange is given for bytes that range_send did not write.
var errRange = errors.New("a range of times is not as expected")

// A range of two times as range_send writes it: flags, then twice the length
// of a time and the time, in microseconds of the years from 2000 on.
const (
	rangeBytes = 1 + 2*(4+8)
	rangeOpen  = 0x01 | 0x08 | 0x10 // flags of one that is empty, or that never begins or ends
	timeBytes  = 8
	micros2000 = 946_684_800_000_000
)

// ranges reads the ranges of times in each part, one behind the other, and
// returns them apart. They are most of what a look reads.
func ranges(parts ...[]byte) ([]stretch, error) {
	n := 0
	for _, part := range parts {
		n += len(part) / rangeBytes
	}
	out := make([]stretch, 0, n)
	for _, part := range parts {
		for ; len(part) >= rangeBytes; part = part[rangeBytes:] {
			lower, upper := part[1:], part[1+4+timeBytes:]
			if part[0]&rangeOpen != 0 || binary.BigEndian.Uint32(lower) != timeBytes || binary.BigEndian.Uint32(upper) != timeBytes {
				return nil, errRange
			}
			out = append(out, stretch{floorDiv(rangeMicros(lower), 1e6), -floorDiv(-rangeMicros(upper), 1e6)})
		}
		if len(part) > 0 {
			return nil, errRange
		}
	}
	return apart(out), nil
}

// rangeMicros reads a time behind its length, as microseconds of Unix.
func rangeMicros(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(b[4:])) + micros2000
}
