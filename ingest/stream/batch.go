package stream

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"sync"
	"time"
)

// Where the fields of a record batch (format 2, the only one that Kafka 4
// takes) lie behind the four bytes that give its size.
const (
	atLength    = sizePrefix + 8
	atMagic     = sizePrefix + 16
	atCRC       = sizePrefix + 17
	atChecked   = sizePrefix + 21 // the checksum covers all from here on
	atLastDelta = sizePrefix + 23
	atFirstTime = sizePrefix + 27
	atMaxTime   = sizePrefix + 35
	atProducer  = sizePrefix + 43
	atCount     = sizePrefix + 57
	headerEnd   = sizePrefix + 61

	sizePrefix = 4
	// batchOverhead is what a batch of one record is larger than its key and
	// value, at most.
	batchOverhead = headerEnd + recordOverhead
	// recordOverhead is what a record takes beside its key and value, at most.
	recordOverhead = 32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// batch is records of one partition on their way. The records are written in
// Kafka's form as they are published, so nothing of the caller's is kept.
type batch struct {
	buf      []byte
	reader   bytes.Reader // over buf, for the request
	count    int
	weight   int       // of its records, see recordBytes
	waiters  []*waiter // one per record
	deadline time.Time // the latest of those waiting
}

// keepBytes is the largest buffer kept for another batch.
const keepBytes = 256 << 10

var batches = sync.Pool{New: func() any { return &batch{buf: make([]byte, 0, 4<<10)} }}

func newBatch() *batch {
	b := batches.Get().(*batch)
	b.buf = b.buf[:headerEnd]
	clear(b.buf)
	binary.BigEndian.PutUint32(b.buf[sizePrefix+12:], ^uint32(0)) // leader epoch: unknown
	b.buf[atMagic] = 2
	for i := atProducer; i < atCount; i++ {
		b.buf[i] = 0xff // no producer id, epoch and sequence
	}
	return b
}

// release gives b's memory to another batch.
func (b *batch) release() {
	if cap(b.buf) > keepBytes {
		return
	}
	clear(b.waiters)
	*b = batch{buf: b.buf[:0], waiters: b.waiters[:0]}
	batches.Put(b)
}

// add appends a record.
func (b *batch) add(key, value []byte, w *waiter) {
	b.weight += len(key) + len(value) + recordOverhead
	body := 1 + 1 + varintLen(int64(b.count)) + varintLen(int64(len(key))) + len(key) + varintLen(int64(len(value))) + len(value) + 1
	if value == nil {
		body = 1 + 1 + varintLen(int64(b.count)) + varintLen(int64(len(key))) + len(key) + 1 + 1
	}
	b.buf = binary.AppendVarint(b.buf, int64(body))
	b.buf = append(b.buf, 0, 0) // attributes, and the time since the batch's
	b.buf = binary.AppendVarint(b.buf, int64(b.count))
	b.buf = binary.AppendVarint(b.buf, int64(len(key)))
	b.buf = append(b.buf, key...)
	if value == nil {
		b.buf = binary.AppendVarint(b.buf, -1) // a tombstone
	} else {
		b.buf = binary.AppendVarint(b.buf, int64(len(value)))
		b.buf = append(b.buf, value...)
	}
	b.buf = append(b.buf, 0) // no headers
	b.count++
	b.waiters = append(b.waiters, w)
	b.deadline = w.deadline
}

// seal writes what is only known when b is sent. A batch sent again is sealed
// again: its time is that of the sending that succeeded.
func (b *batch) seal(now time.Time) {
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint32(b.buf, uint32(len(b.buf)-sizePrefix))
	binary.BigEndian.PutUint32(b.buf[atLength:], uint32(len(b.buf)-atLength-4))
	binary.BigEndian.PutUint32(b.buf[atLastDelta:], uint32(b.count-1))
	binary.BigEndian.PutUint64(b.buf[atFirstTime:], ms)
	binary.BigEndian.PutUint64(b.buf[atMaxTime:], ms)
	binary.BigEndian.PutUint32(b.buf[atCount:], uint32(b.count))
	binary.BigEndian.PutUint32(b.buf[atCRC:], crc32.Checksum(b.buf[atChecked:], castagnoli))
	b.reader.Reset(b.buf)
}

func varintLen(v int64) int {
	n := 1
	for u := uint64(v)<<1 ^ uint64(v>>63); u >= 0x80; u >>= 7 {
		n++
	}
	return n
}
