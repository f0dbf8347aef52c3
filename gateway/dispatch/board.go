package dispatch

import (
	"context"
	"sync"
	"time"
)

// boardAge is for how long what was read of stopped channels is believed. What
// this process stops itself it knows at once.
const boardAge = time.Second

// board is a view of the channels that may not send.
type board struct {
	store *Store
	mu    sync.Mutex
	read  time.Time
	stop  map[sender]outage
	taken map[sender]time.Time // slots given away, by anybody, up to then
}

func newBoard(store *Store) *board { return &board{store: store} }

// of returns s's outage, if it has one, and up to when its slots are taken.
func (b *board) of(ctx context.Context, s sender) (o outage, stopped bool, taken time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refresh(ctx); err != nil {
		return outage{}, false, time.Time{}, err
	}
	o, stopped = b.stop[s]
	return o, stopped, b.taken[s], nil
}

// all returns the outages of channels that are down.
func (b *board) down(ctx context.Context) ([]outage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refresh(ctx); err != nil {
		return nil, err
	}
	var down []outage
	for _, o := range b.stop {
		if o.down() {
			down = append(down, o)
		}
	}
	return down, nil
}

func (b *board) refresh(ctx context.Context) error {
	if time.Since(b.read) < boardAge {
		return nil
	}
	stop, taken, err := b.store.outages(ctx)
	if err != nil {
		return err
	}
	b.stop, b.taken, b.read = stop, taken, time.Now()
	return nil
}

// forget has the board read anew before it answers again.
func (b *board) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = time.Time{}
}
