package outbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"

	"frontdesk/ingest"
)

// packed is what a row holds: the form's number, and then, compressed, the
// topic, key and value of each record, each after its length. Events of one
// transaction are much alike, so they take a fifth of their length.
const packedForm = 1

// rowBytes is how much goes into one row, unless a single record is larger.
const rowBytes = 256 << 10

// mostUnpacked bounds what a row is taken to hold; it is far above what fits
// into a record of the log.
const mostUnpacked = 64 << 20

var errPacked = errors.New("a row of the outbox cannot be read")

// spare is memory for what is packed, which lives until it is compressed.
var spare = sync.Pool{New: func() any { return new(scratch) }}

type scratch struct{ plain, value []byte }

// pack returns records of entries as rows, in their order.
func pack(list []Entry) ([][]byte, error) {
	s := spare.Get().(*scratch)
	defer spare.Put(s)
	var rows [][]byte
	plain := s.plain[:0]
	defer func() { s.plain = plain }()
	for _, e := range list {
		value, err := ingest.AppendEvent(s.value[:0], e.Event)
		if err != nil {
			return nil, err
		}
		s.value = value
		if len(plain) > 0 && len(plain)+len(value) > rowBytes {
			rows, plain = append(rows, seal(plain)), plain[:0]
		}
		plain = appendPart(plain, string(e.Topic))
		plain = appendPart(plain, e.Event.Key)
		plain = appendPart(plain, value)
	}
	return append(rows, seal(plain)), nil
}

func seal(plain []byte) []byte {
	s := spare.Get().(*scratch)
	defer spare.Put(s)
	s.plain = slices.Grow(s.plain[:0], s2.MaxEncodedLen(len(plain)))
	packed := s2.Encode(s.plain[:cap(s.plain)], plain)
	return append(append(make([]byte, 0, 1+len(packed)), packedForm), packed...)
}

func appendPart[T string | []byte](b []byte, part T) []byte {
	b = binary.AppendUvarint(b, uint64(len(part)))
	return append(b, part...)
}

// unpack appends the records of a row.
func unpack(to []ingest.Record, row []byte) ([]ingest.Record, error) {
	if len(row) == 0 || row[0] != packedForm {
		return to, fmt.Errorf("%w: it is of another form than %d", errPacked, packedForm)
	}
	if n, err := s2.DecodedLen(row[1:]); err == nil && n > mostUnpacked {
		return to, fmt.Errorf("%w: it holds %d bytes", errPacked, n)
	}
	plain, err := s2.Decode(nil, row[1:])
	if err != nil {
		return to, fmt.Errorf("%w: %w", errPacked, err)
	}
	for len(plain) > 0 {
		var parts [3][]byte
		for i := range parts {
			n, used := binary.Uvarint(plain)
			if used <= 0 || n > uint64(len(plain)-used) {
				return to, fmt.Errorf("%w: it ends within a record", errPacked)
			}
			parts[i], plain = plain[used:used+int(n):used+int(n)], plain[used+int(n):]
		}
		to = append(to, ingest.Record{Topic: ingest.Topic(parts[0]), Key: parts[1], Value: parts[2]})
	}
	return to, nil
}
