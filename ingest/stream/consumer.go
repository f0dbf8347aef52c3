package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest"
)

// ConsumerConfig says what a group reads and how patiently.
type ConsumerConfig struct {
	Config
	// Group names the readers that share the work. Required.
	Group string
	// Topics to read. At least one.
	Topics []ingest.Topic
	// MaxWait is how long a fetch waits for something to come. Default 5 s; it
	// costs nothing to wait, and what comes ends the wait.
	MaxWait time.Duration
	// Linger is the least time between two fetches: what comes meanwhile is
	// one batch. Default zero, at once.
	Linger time.Duration
	// CommitEvery is the least time between two commits; what is done meanwhile
	// is committed with the next, and at the end. It is what a crash repeats at
	// most, beside the batch in hand. Default 250 ms; zero commits each batch.
	CommitEvery time.Duration
	// MaxEvents bounds a batch. Default 512.
	MaxEvents int
	// MaxFetchBytes bounds what one fetch brings. Default 8 MiB, beyond which
	// only a single larger record goes.
	MaxFetchBytes int
	// Tries is how often an event is tried at once, with short pauses, before
	// its partition waits longer. An event that panics this often is a dead
	// letter. Default 3.
	Tries int
	// RetryLeast and RetryMost bound the pauses of a partition whose first
	// event keeps failing; the others go on. Defaults 1 s and 30 s.
	RetryLeast, RetryMost time.Duration
	// HandleTimeout bounds one call of the handler. Default 20 s, which is
	// less than RebalanceTimeout: who takes longer loses the partitions.
	HandleTimeout time.Duration
	// StopGrace is how long a call may go on after Run's context has ended.
	// Default 10 s.
	StopGrace time.Duration
	// SessionTimeout is how long a member may be silent before its partitions
	// go to others. Default 10 s; brokers refuse less than 6.
	SessionTimeout time.Duration
	// RebalanceTimeout is how long a member may finish what it has in hand
	// when the group changes. Default 30 s.
	RebalanceTimeout time.Duration
	// Stall is how long nothing may be fetched although there is something to
	// fetch, before the membership is built anew. Default 30 s.
	Stall time.Duration
	// Log gets what goes wrong and is tried again. Nil logs nothing.
	Log *slog.Logger
}

// DefaultConsumerConfig returns the defaults, which lack Brokers, Group and
// Topics.
func DefaultConsumerConfig() ConsumerConfig {
	return ConsumerConfig{
		Config: DefaultConfig(), MaxWait: 5 * time.Second, CommitEvery: 250 * time.Millisecond, MaxEvents: 512, MaxFetchBytes: 8 << 20, Tries: 3,
		RetryLeast: time.Second, RetryMost: 30 * time.Second, HandleTimeout: 20 * time.Second, StopGrace: 10 * time.Second,
		SessionTimeout: 10 * time.Second, RebalanceTimeout: 30 * time.Second, Stall: 30 * time.Second,
	}
}

// Validate reports what is missing or impossible.
func (c ConsumerConfig) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	switch {
	case c.Group == "" || len(c.Topics) == 0:
		return errors.New("consumer: group and topics must be given")
	case c.MaxWait <= 0 || c.HandleTimeout <= 0 || c.SessionTimeout <= 0 || c.RebalanceTimeout <= 0 || c.Stall <= 0:
		return errors.New("consumer: every timeout must be above zero")
	case c.MaxEvents < 1 || c.MaxFetchBytes < 1 || c.Tries < 1:
		return errors.New("consumer: max events, max fetch bytes and tries must be above zero")
	case c.RetryLeast <= 0 || c.RetryMost < c.RetryLeast:
		return errors.New("consumer: retry pauses must be above zero, the most not below the least")
	}
	return nil
}

// Status is how a consumer is doing, for metrics and readiness.
type Status struct {
	Generation  int32     // of the group's membership, 0 before the first
	Partitions  int       // owned
	Waiting     int       // partitions whose first event keeps failing
	Lag         int64     // records of the owned partitions not committed yet
	LastFetch   time.Time // that was answered, with news or without
	Handled     int64     // events done since the start, dead letters too
	DeadLetters int64     // of these
	Rebuilds    int64     // of the membership by the watchdog
}

// publisher is what dead letters are given to; *[Producer] is one.
type publisher interface {
	Publish(ctx context.Context, recs ...ingest.Record) error
}

// Consumer reads topics as a member of a group and hands their events to a
// [Handler]. Run one a group and process; more members share the partitions.
type Consumer struct {
	member
}

// NewConsumer returns a consumer that does nothing until [Consumer.Run]. dead
// takes the dead letters. It returns an error where cfg is invalid.
func NewConsumer(cfg ConsumerConfig, h Handler, dead publisher) (*Consumer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Consumer{newMember(cfg, dead)}
	c.desk = &handling{m: &c.member, h: h}
	return c, nil
}

// member is a membership in a group, whoever handles what it reads.
type member struct {
	cfg  ConsumerConfig
	log  *slog.Logger
	dead publisher
	desk desk
	// read is fetcher.fetch, but in the watchdog's test.
	read func(context.Context, *fetcher, map[place]int64) ([]portion, error)

	attends atomic.Bool // a generation is worked in

	mu      sync.Mutex
	status  Status
	working bool // the handler has the word, so that no fetch is no stall
}

func newMember(cfg ConsumerConfig, dead publisher) member {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return member{
		cfg: cfg, dead: dead, log: log.With("group", cfg.Group),
		read: func(ctx context.Context, f *fetcher, from map[place]int64) ([]portion, error) {
			return f.fetch(ctx, from)
		},
	}
}

// Status returns how m is doing.
func (m *member) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

func (m *member) note(f func(*Status)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.status)
}

// Run reads and hands over until ctx ends, finishes the batch in hand, commits
// it, leaves the group and returns nil. Trouble with Kafka is logged and tried
// again for ever.
func (m *member) Run(ctx context.Context) error {
	// What a handler gets ends later than ctx, so that it can finish.
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(m.cfg.StopGrace, cancel) })
	defer stop()
	pause := backoff{least: 100 * time.Millisecond, most: 5 * time.Second}
	for ctx.Err() == nil {
		if err := m.join(ctx, late); err != nil && ctx.Err() == nil {
			m.log.Warn("kafka membership ended, joining anew", "error", err)
			if !pause.wait(ctx) {
				return nil
			}
			continue
		}
		pause.reset()
	}
	return nil
}

// errStalled ends a membership that the watchdog gave up.
var errStalled = errors.New("nothing was fetched although there is something to fetch")

// join is one life of a membership: until ctx ends or the watchdog bites.
func (m *member) join(ctx, late context.Context) error {
	dials := newDials(m.cfg.Config)
	group, err := kafka.NewConsumerGroup(m.groupConfig(dials))
	if err != nil {
		return fmt.Errorf("join group %s: %w", m.cfg.Group, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var watch sync.WaitGroup
	watch.Go(func() { m.watchdog(ctx, cancel) })
	for {
		gen, err := group.Next(ctx)
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			break
		}
		if err != nil { // the group tries again by itself
			m.log.Warn("kafka group", "error", err)
			continue
		}
		m.attends.Store(true)
		gen.Start(func(ended context.Context) {
			defer m.attends.Store(false)
			m.attend(ctx, late, ended, gen)
		})
	}
	cancel(nil)
	hangUp := time.AfterFunc(leaveGrace, func() {
		if !m.attends.Load() { // else there is a batch in hand, and it is to be committed
			dials.hangUp()
		}
	})
	err = errors.Join(context.Cause(ctx), group.Close()) // waits for the batch in hand
	hangUp.Stop()
	watch.Wait()
	return err
}

// leaveGrace is how long a member that stops waits for an answer of the group.
const leaveGrace = time.Second

func (m *member) groupConfig(dials *dials) kafka.ConsumerGroupConfig {
	topics := make([]string, len(m.cfg.Topics))
	for i, t := range m.cfg.Topics {
		topics[i] = string(t)
	}
	return kafka.ConsumerGroupConfig{
		ID: m.cfg.Group, Brokers: m.cfg.Brokers, Topics: topics,
		Dialer:            &kafka.Dialer{ClientID: m.cfg.ClientID, Timeout: m.cfg.DialTimeout, DialFunc: dials.place},
		HeartbeatInterval: min(m.cfg.SessionTimeout/5, 2*time.Second), SessionTimeout: m.cfg.SessionTimeout,
		RebalanceTimeout: m.cfg.RebalanceTimeout, JoinGroupBackoff: 500 * time.Millisecond,
		WatchPartitionChanges: true, PartitionWatchInterval: 30 * time.Second,
		StartOffset: kafka.FirstOffset,
		ErrorLogger: kafka.LoggerFunc(func(format string, args ...any) {
			m.log.Debug("kafka group: " + fmt.Sprintf(format, args...))
		}),
	}
}

// watchdog ends the membership when nothing is fetched although there is
// something to fetch: readers have been seen to stall for good after a broker's
// restart.
func (m *member) watchdog(ctx context.Context, bite context.CancelCauseFunc) {
	tick := time.NewTicker(m.cfg.Stall / 3)
	defer tick.Stop()
	since := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m.mu.Lock()
		last, working := m.status.LastFetch, m.working
		m.mu.Unlock()
		if last.After(since) || working {
			since = time.Now()
		}
		if time.Since(since) < m.cfg.Stall {
			continue
		}
		lag, err := GroupLag(ctx, m.cfg.Config, m.cfg.Group, m.cfg.Topics...)
		if err != nil || lag.Total() == 0 {
			continue // Kafka is away, or there is nothing to do
		}
		m.note(func(s *Status) { s.Rebuilds++ })
		bite(errStalled)
		return
	}
}
