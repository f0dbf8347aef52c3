package dispatch

import (
	"context"
	"sync"
	"time"
)

const (
	// boardAge is for how long what was read of stopped channels is believed.
	// What this process stops itself it knows at once.
	boardAge = time.Second
	// boardPatience bounds the reading of it, which all that is to be sent waits
	// for.
	boardPatience = 2 * time.Second
)

// board is a view of the channels that may not send.
type board struct {
	store *Store

	mu      sync.Mutex // held for no longer than it takes to look
	read    time.Time
	known   *standstill
	reading *reading // under way; nil if none is
}

// standstill is which channels may not send. It is not changed once it is known.
type standstill struct {
	stop  map[sender]outage
	taken map[sender]time.Time // slots given away, by anybody, up to then
}

// reading is one look into the database, which all wait for who ask meanwhile.
type reading struct {
	done chan struct{} // closed when the rest stands
	standstill
	err error
}

func newBoard(store *Store) *board { return &board{store: store} }

// of returns s's outage, if it has one, and up to when its slots are taken.
func (b *board) of(ctx context.Context, s sender) (o outage, stopped bool, taken time.Time, err error) {
	known, err := b.look(ctx)
	if err != nil {
		return outage{}, false, time.Time{}, err
	}
	o, stopped = known.stop[s]
	return o, stopped, known.taken[s], nil
}

// down returns the outages of channels that are down.
func (b *board) down(ctx context.Context) ([]outage, error) {
	known, err := b.look(ctx)
	if err != nil {
		return nil, err
	}
	var down []outage
	for _, o := range known.stop {
		if o.down() {
			down = append(down, o)
		}
	}
	return down, nil
}

// look returns what is known, read anew if it is old. It waits for Postgres no
// longer than boardPatience, and for another one's reading no longer than ctx.
func (b *board) look(ctx context.Context) (*standstill, error) {
	b.mu.Lock()
	if time.Since(b.read) < boardAge {
		defer b.mu.Unlock()
		return b.known, nil
	}
	r := b.reading
	if r != nil {
		b.mu.Unlock()
		select {
		case <-r.done:
			return &r.standstill, r.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	r = &reading{done: make(chan struct{})}
	b.reading = r
	b.mu.Unlock()
	b.refresh(context.WithoutCancel(ctx), r) // others wait for it too
	return &r.standstill, r.err
}

func (b *board) refresh(ctx context.Context, r *reading) {
	ctx, cancel := context.WithTimeout(ctx, boardPatience)
	defer cancel()
	defer close(r.done)
	r.stop, r.taken, r.err = b.store.outages(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reading != r {
		return // forgotten meanwhile
	}
	if b.reading = nil; r.err == nil {
		b.known, b.read = &r.standstill, time.Now()
	}
}

// forget has the board read anew before it answers again.
func (b *board) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read, b.reading = time.Time{}, nil
}
