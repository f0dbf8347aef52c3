package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// desk is who works on what a member has fetched.
type desk interface {
	// wants reports whether more of o may be fetched.
	wants(o *owned) bool
	// work does what can be done with what lies in the queues of all, commits
	// it and returns when it wants to be called again at the latest, zero for
	// no such time. An error ends the generation.
	work(ctx context.Context, g *generation, all []*owned) (time.Time, error)
}

// owned is a partition of this member's in this generation.
type owned struct {
	place
	next      int64 // to fetch
	end       int64 // of the log, as last heard
	committed int64
	asOf      time.Time // when the last fetch of it that was answered was sent
	queue     []*item   // fetched and not committed, in order

	tries   backoff   // of the queue's first
	retryAt time.Time // when it is tried again; zero: now
}

// item is a record on its way through the handler. What was read may be other
// groups' too.
type item struct {
	*read
	err    error // of the last try
	done   bool
	panics int
}

// generation is the time during which the group does not change. Whatever is
// committed in it is refused by the broker once another has begun.
type generation struct {
	m    *member
	gen  *kafka.Generation
	all  []*owned
	late context.Context // outlives the generation, for what is in hand

	mu          sync.Mutex // one reader at a time works
	committedAt time.Time
	owing       bool // something is done and not committed yet
	over        bool
	end         context.CancelCauseFunc // of the round, when a commit fails behind its back
}

// attend works in one generation: until ended or ctx do.
func (m *member) attend(ctx, late, ended context.Context, gen *kafka.Generation) {
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ended, cancel)()
	g := &generation{m: m, gen: gen, late: late}
	for topic, partitions := range gen.Assignments {
		for _, p := range partitions {
			g.all = append(g.all, &owned{
				place: place{ingest.Topic(topic), p.ID}, next: p.Offset, committed: p.Offset,
				tries: backoff{least: m.cfg.RetryLeast, most: m.cfg.RetryMost},
			})
		}
	}
	m.note(func(s *Status) { s.Generation, s.Partitions, s.Lag, s.Waiting = gen.ID, len(g.all), 0, 0 })
	if len(g.all) == 0 {
		m.note(func(s *Status) { s.LastFetch = time.Now() })
		<-both.Done()
		return
	}
	defer g.settleUp()
	pause := backoff{least: 50 * time.Millisecond, most: 2 * time.Second}
	for both.Err() == nil {
		err := g.round(both, &pause)
		if errors.Is(err, errCommit) {
			m.log.Info("kafka generation ended", "error", err)
			return
		}
		if err != nil && both.Err() == nil {
			m.log.Warn("kafka fetch", "error", err)
			pause.wait(both)
		}
	}
}

// errCommit means the group would not take our offsets: others own the
// partitions, or the coordinator is gone. The generation is over.
var errCommit = errors.New("offsets not committed")

// round reads from all leaders until one of them fails or leads no more.
func (g *generation) round(ctx context.Context, pause *backoff) error {
	l, err := learn(ctx, g.m.cfg.Config, nil, g.m.cfg.Topics)
	if err != nil {
		return err
	}
	if err := g.settleStarts(ctx, l); err != nil {
		return err
	}
	led := map[int32][]*owned{}
	for _, o := range g.all {
		id := l.leader(o.topic, o.partition)
		if id == noLeader {
			return fmt.Errorf("%s/%d has no leader", o.topic, o.partition)
		}
		led[id] = append(led[id], o)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	g.mu.Lock()
	g.end = cancel
	g.mu.Unlock()
	var readers sync.WaitGroup
	for id, own := range led {
		r := &reader{g: g, own: own, f: &fetcher{
			cfg: g.m.cfg.Config, addr: l.brokers[id], partBytes: min(1<<20, g.m.cfg.MaxFetchBytes), allBytes: g.m.cfg.MaxFetchBytes,
		}}
		readers.Go(func() { cancel(r.run(ctx, pause)) })
	}
	readers.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// settleStarts finds the oldest record of partitions that nothing was ever
// committed of.
func (g *generation) settleStarts(ctx context.Context, l *layout) error {
	var fresh []place
	for _, o := range g.all {
		if o.next < 0 {
			fresh = append(fresh, o.place)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	starts, err := offsetsAt(ctx, g.m.cfg.Config, l, fresh, atStart)
	if err != nil {
		return err
	}
	for _, o := range g.all {
		if o.next < 0 {
			o.next, o.committed = starts[o.place], starts[o.place]
		}
	}
	return nil
}

// reader fetches what one broker leads.
type reader struct {
	g    *generation
	own  []*owned
	f    *fetcher
	due  time.Time // when the desk wants to be called at the latest
	last time.Time // of the last fetch
}

// run fetches and lets the desk work, in turns, until ctx ends or it fails.
func (r *reader) run(ctx context.Context, pause *backoff) error {
	defer r.f.close()
	if err := r.work(ctx); err != nil { // what a reader before this one left
		return err
	}
	for ctx.Err() == nil {
		if !sleepUntil(ctx, r.last.Add(r.g.m.cfg.Linger)) {
			break
		}
		r.last = time.Now()
		if err := r.fetch(ctx); err != nil {
			return err
		}
		pause.reset()
		if err := r.work(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fetch brings what is new into the queues.
func (r *reader) fetch(ctx context.Context) error {
	now := time.Now()
	from := map[place]int64{}
	at := map[place]*owned{}
	for _, o := range r.own {
		if r.g.m.desk.wants(o) {
			from[o.place], at[o.place] = o.next, o
		}
	}
	wait := r.g.m.cfg.MaxWait
	if !r.due.IsZero() {
		wait = max(min(wait, time.Until(r.due)), 0)
	}
	if len(from) == 0 { // all wait for another try, which is no stall
		r.g.m.note(func(s *Status) { s.LastFetch = now })
		sleepUntil(ctx, now.Add(wait))
		return nil
	}
	if r.follow(from, at) {
		wait = 0 // there is something to do; what is behind it is asked for all the same
	}
	r.f.maxWait = wait
	news, err := r.g.m.read(ctx, r.f, from)
	if err != nil {
		return err
	}
	r.g.m.note(func(s *Status) { s.LastFetch = time.Now() })
	r.g.mu.Lock() // another reader may commit for all
	defer r.g.mu.Unlock()
	for i := range news {
		if err := r.take(at[news[i].place], &news[i]); err != nil {
			return err
		}
	}
	for _, o := range at {
		o.asOf = now
	}
	return nil
}

// follow queues what other readers of this process have fetched already, and
// moves from behind it. It reports whether there was any.
func (r *reader) follow(from map[place]int64, at map[place]*owned) bool {
	tail := r.g.m.cfg.Tail
	if tail == nil {
		return false
	}
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	found := false
	for pl, o := range at {
		items, next, end, ok := tail.after(pl, o.next)
		if !ok {
			continue
		}
		found = true
		o.queueUp(items)
		o.next, o.end = next, max(o.end, end)
		from[pl] = next
	}
	return found
}

// seenUntil returns the time up to which all that was in the log of o is
// known; zero where more is known to be there than was fetched.
func (o *owned) seenUntil() time.Time {
	if o.next < o.end {
		return time.Time{}
	}
	return o.asOf
}

// take queues what came of one partition.
func (r *reader) take(o *owned, n *portion) error {
	o.end = n.end
	switch {
	case errors.Is(n.err, kafka.OffsetOutOfRange):
		// What was to be read is gone: expired, or lost with the machine. The
		// oldest that is left repeats some, and repeats are known.
		r.g.m.log.Error("kafka log lacks the offset to read, reading from its start", "topic", o.topic, "partition", o.partition, "offset", o.next)
		o.next = atStart
		return n.err
	case n.err != nil:
		return fmt.Errorf("fetch %s/%d: %w", o.topic, o.partition, n.err)
	}
	items := decode(n.records)
	r.g.m.cfg.Tail.add(o.place, o.next, n.next, n.end, items)
	o.next = n.next
	o.queueUp(items)
	return nil
}

func (o *owned) queueUp(items []*read) {
	fresh := make([]item, len(items))
	for i := range items {
		fresh[i].read = items[i]
		o.queue = append(o.queue, &fresh[i])
	}
}

// work gives the desk the word.
func (r *reader) work(ctx context.Context) error {
	g := r.g
	g.mu.Lock()
	defer g.mu.Unlock()
	g.m.mu.Lock()
	g.m.working = true
	g.m.mu.Unlock()
	due, err := g.m.desk.work(ctx, g, r.own)
	r.due = due
	var lag int64
	waiting := 0
	for _, o := range g.all {
		lag += max(o.end-o.committed, 0)
		if !o.retryAt.IsZero() {
			waiting++
		}
	}
	g.m.mu.Lock()
	g.m.working = false
	g.m.status.Lag, g.m.status.Waiting = lag, waiting
	g.m.mu.Unlock()
	return err
}

// commit tells the group what is done, unless it was told just now; then it is
// told when CommitEvery has passed, or at the end.
func (g *generation) commit() error {
	wait := g.m.cfg.CommitEvery - time.Since(g.committedAt)
	if wait <= 0 {
		return g.tell()
	}
	if !g.owing {
		g.owing = true
		time.AfterFunc(wait, g.tellLater)
	}
	return nil
}

// tellLater is a commit that was put off, unless another took it along. Where it
// fails the round ends, and with it the generation.
func (g *generation) tellLater() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over || !g.owing {
		return
	}
	if err := g.tell(); err != nil {
		g.end(err)
	}
}

// settleUp commits what is done at the end of the generation, while the group
// still takes it.
func (g *generation) settleUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over = true; !g.owing {
		return
	}
	if err := g.tell(); err != nil {
		g.m.log.Info("kafka generation ended", "error", err)
	}
}

// tell commits how far the partitions are done: to the first record that is
// not. It is the only place where offsets are committed.
func (g *generation) tell() error {
	g.committedAt, g.owing = time.Now(), false
	offsets := map[string]map[int]int64{}
	var news []*owned
	for _, o := range g.all {
		done := o.next
		if len(o.queue) > 0 {
			done = o.queue[0].offset
		}
		if done <= o.committed {
			continue
		}
		t := offsets[string(o.topic)]
		if t == nil {
			t = map[int]int64{}
			offsets[string(o.topic)] = t
		}
		t[o.partition] = done
		news = append(news, o)
	}
	if len(news) == 0 {
		return nil
	}
	if err := g.gen.CommitOffsets(offsets); err != nil {
		return fmt.Errorf("%w: %w", errCommit, err)
	}
	for _, o := range news {
		o.committed = offsets[string(o.topic)][o.partition]
	}
	return nil
}

// sleepUntil reports false when ctx ended first.
func sleepUntil(ctx context.Context, t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
