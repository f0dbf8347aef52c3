package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/ingest"
)

// ErrNoDeadLetter means there is no dead letter of that id, or no more.
var ErrNoDeadLetter = errors.New("no such dead letter")

// ErrNoTopic means a dead letter was refused at the edge, before it had a
// topic that it could be published to again.
var ErrNoTopic = errors.New("refused at the edge: it can be looked at and discarded, not replayed")

// Dead is the dead letters of all groups and of the edge.
//
// They lie on [ingest.TopicDead], which is compacted: a dead letter stays, for
// years if need be, until a record without value under its id is written
// behind it. That record is what Discard and Replay leave, so both outlive any
// restart, and there is no other place where it is kept which are dealt with.
type Dead struct {
	cfg Config
	pub publisher
}

// NewDead returns the dead letters of the Kafka that cfg names. Replayed ones
// are published through pub.
func NewDead(cfg Config, pub publisher) *Dead { return &Dead{cfg, pub} }

// List returns all that are not dealt with, the oldest first.
func (d *Dead) List(ctx context.Context) ([]ingest.DeadLetter, error) {
	kept := map[string]ingest.DeadLetter{}
	err := Scan(ctx, d.cfg, ingest.TopicDead, func(e Entry) error {
		id := string(e.Key)
		if e.Value == nil {
			delete(kept, id)
			return nil
		}
		l, err := ingest.DecodeDeadLetter(e.Value)
		if err != nil { // somebody else's: shown whole, so that it can be discarded
			l = ingest.NewDeadLetter("unknown", ingest.TopicDead, e.Partition, e.Offset, e.Key, e.Value)
			l.ID, l.Class, l.Error, l.At, l.Topic = id, ingest.DeadMalformed, err.Error(), e.At, ""
		}
		kept[id] = l
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	letters := make([]ingest.DeadLetter, 0, len(kept))
	for _, l := range kept {
		letters = append(letters, l)
	}
	slices.SortFunc(letters, func(a, b ingest.DeadLetter) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return letters, nil
}

// Find returns the dead letters of ids, in that order, or [ErrNoDeadLetter]
// where one of them is not there.
func (d *Dead) Find(ctx context.Context, ids ...string) ([]ingest.DeadLetter, error) {
	all, err := d.List(ctx)
	if err != nil {
		return nil, err
	}
	found := make([]ingest.DeadLetter, 0, len(ids))
	for _, id := range ids {
		i := slices.IndexFunc(all, func(l ingest.DeadLetter) bool { return l.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("%s: %w", id, ErrNoDeadLetter)
		}
		found = append(found, all[i])
	}
	return found, nil
}

// Replay publishes the original record to its topic again and takes the dead
// letter away. All groups of the topic see it; those that had taken it know the
// repeat. Where the process ends between the two, it is replayed again the next
// time, which is a repeat too.
func (d *Dead) Replay(ctx context.Context, l ingest.DeadLetter) error {
	if l.Topic == "" {
		return fmt.Errorf("replay %s: %w", l.ID, ErrNoTopic)
	}
	if err := d.pub.Publish(ctx, ingest.Record{Topic: l.Topic, Key: l.Key, Value: l.Value}); err != nil {
		return fmt.Errorf("replay %s: %w", l.ID, err)
	}
	return d.Discard(ctx, l)
}

// Discard takes a dead letter away. Safe to call again.
func (d *Dead) Discard(ctx context.Context, l ingest.DeadLetter) error {
	if err := d.pub.Publish(ctx, ingest.Record{Topic: ingest.TopicDead, Key: []byte(l.ID)}); err != nil {
		return fmt.Errorf("discard %s: %w", l.ID, err)
	}
	return nil
}
