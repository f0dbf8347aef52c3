package ingest

import "encoding/json"

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
