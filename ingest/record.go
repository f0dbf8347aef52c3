package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Record is one entry of a topic as it is written. Records of one Key keep
// their order.
type Record struct {
	Topic Topic
	Key   []byte
	Value []byte
}

// NewRecord returns e as a record of topic. It returns an error only where e's
// data is no JSON.
func NewRecord(topic Topic, e Event) (Record, error) {
	value, err := json.Marshal(e)
	return Record{Topic: topic, Key: []byte(e.Key), Value: value}, err
}

// PrefixDead starts the id of a dead letter.
const PrefixDead = "ded_"

// Classes of dead letters: why a thing could never be taken.
const (
	DeadMalformed = "malformed" // it cannot be read
	DeadRefused   = "refused"   // a reader can never accept it
	DeadPanic     = "panic"     // it broke its reader each time
)

// DeadLetter is something that could never be taken, whole and with the
// reason. It lies on [TopicDead] under its ID until it is discarded.
type DeadLetter struct {
	Version   int       `json:"v"`
	ID        string    `json:"id"`
	Source    string    `json:"source"`              // the reader's group ("frontdesk.agent"), or the edge ("callback/whatsapp")
	Tenant    TenantID  `json:"tenant_id,omitempty"` // where it could be read
	Topic     Topic     `json:"topic,omitempty"`     // empty: refused at the edge, before it had one
	Partition int       `json:"partition"`
	Offset    int64     `json:"offset"`
	Key       []byte    `json:"key,omitempty"`
	Value     []byte    `json:"value"` // the original bytes
	Class     string    `json:"class"` // malformed, refused or panic
	Error     string    `json:"error"` // no phone number and no text of a message
	At        time.Time `json:"at"`    // when it was given up
}

// NewDeadLetter returns the dead letter of a record read from topic. Its id
// depends on source and place alone, so that giving it up twice leaves one.
func NewDeadLetter(source string, topic Topic, partition int, offset int64, key, value []byte) DeadLetter {
	id := DerivedID(PrefixDead, time.Time{}, source, string(topic), strconv.Itoa(partition), strconv.FormatInt(offset, 10))
	return DeadLetter{
		Version: EventVersion, ID: id, Source: source, Topic: topic,
		Partition: partition, Offset: offset, Key: key, Value: value,
	}
}

// NewDeadBody returns the dead letter of a body that was refused at the edge
// although its signature was good. The same body from the same source has the
// same id. It has no topic, so it can be looked at and discarded, not replayed.
func NewDeadBody(source string, body []byte, class, reason string, at time.Time) DeadLetter {
	return DeadLetter{
		Version: EventVersion, ID: DerivedID(PrefixDead, time.Time{}, source, string(body)), Source: source,
		Value: body, Class: class, Error: reason, At: at.UTC(),
	}
}

// Record returns d as it lies on [TopicDead].
func (d DeadLetter) Record() (Record, error) {
	value, err := json.Marshal(d)
	return Record{Topic: TopicDead, Key: []byte(d.ID), Value: value}, err
}

// DecodeDeadLetter reads what [DeadLetter.Record] wrote. Every error is
// [ErrMalformed].
func DecodeDeadLetter(b []byte) (DeadLetter, error) {
	var d DeadLetter
	if err := json.Unmarshal(b, &d); err != nil {
		return DeadLetter{}, errors.Join(ErrMalformed, err)
	}
	if d.Version < 1 || d.Version > EventVersion || d.ID == "" {
		return DeadLetter{}, fmt.Errorf("%w: no dead letter of a known version", ErrMalformed)
	}
	return d, nil
}
