package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Config bounds a Dispatcher's waits. The zero value of a field means its
// default.
type Config struct {
	Patience    time.Duration // how long a batch waits for slow providers before the next one is taken; 250 ms
	InPlace     time.Duration // a pace to wait for in place rather than parked; 100 ms
	SendTimeout time.Duration // of one call to a provider; 20 s
	MaxInFlight int           // calls to providers at once, over all channels; 512
	MaxAttempts int           // calls for one message whose provider cannot be reached; 12, some 18 minutes
	MaxWait     time.Duration // a message parked for longer has failed; 24 h
	Poll        time.Duration // how often parked messages are looked for; 200 ms
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Patience: 250 * time.Millisecond, InPlace: 100 * time.Millisecond, SendTimeout: 20 * time.Second,
		MaxInFlight: 512, MaxAttempts: 12, MaxWait: 24 * time.Hour, Poll: 200 * time.Millisecond,
	}
}

// Validate reports the first field that is out of range.
func (c Config) Validate() error {
	for _, d := range []time.Duration{c.Patience, c.InPlace, c.SendTimeout, c.MaxWait, c.Poll} {
		if d < 0 {
			return errors.New("dispatch: a duration is negative")
		}
	}
	if c.MaxInFlight < 0 || c.MaxAttempts < 0 {
		return errors.New("dispatch: MaxInFlight or MaxAttempts is negative")
	}
	return nil
}

func (c Config) orDefaults() Config {
	d := DefaultConfig()
	pick(&c.Patience, d.Patience)
	pick(&c.InPlace, d.InPlace)
	pick(&c.SendTimeout, d.SendTimeout)
	pick(&c.MaxInFlight, d.MaxInFlight)
	pick(&c.MaxAttempts, d.MaxAttempts)
	pick(&c.MaxWait, d.MaxWait)
	pick(&c.Poll, d.Poll)
	return c
}

func pick[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Settlement is what became of a claimed message. Queued gives the claim back.
type Settlement struct {
	Message    ingest.MessageID
	Status     ingest.Status
	ProviderID string
	Errors     []ingest.ProviderError
	At         time.Time
}

// ledger is where messages and their statuses are kept.
//
// Claim commits before it returns. A message that somebody else has claimed is
// not among claimed; with an error, those that are among them are claimed
// nevertheless. Settle takes the same settlement again. Load leaves out messages
// that are no more.
type ledger interface {
	Load(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]ingest.Message, error)
	Claim(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) (claimed map[ingest.MessageID]bool, err error)
	Settle(ctx context.Context, tenant ingest.TenantID, settlements []Settlement) error
}

// preferences keeps what contacts want.
type preferences interface {
	SetPreference(ctx context.Context, tenant ingest.TenantID, p ingest.Preference) error
}

// directory is what dispatch needs of *tenant.Directory. It answers from memory.
type directory interface {
	Channel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (provider.Channel, error)
	Simulated(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (bool, error)
}

// Parts is what a Dispatcher works with. All of it is required, except
// Simulate.
type Parts struct {
	Store       *Store
	Ledger      ledger
	Standings   standings
	Policies    policies
	Preferences preferences
	Directory   directory
	Senders     map[string]provider.Sender              // by channel type
	Simulate    func(provider.Channel) provider.Channel // how test messages go; nil refuses them
	Log         *slog.Logger
}

// Dispatcher sends. It is safe for concurrent use.
type Dispatcher struct {
	Parts
	config Config
	board  *board
	pace   *pacer
	room   *semaphore.Weighted
	wake   chan struct{}
	now    func() time.Time
	round  time.Duration

	running    context.Context // ends when Run is told to
	end        context.CancelFunc
	background sync.WaitGroup
	mu         sync.Mutex
	busy       map[sender]int
	flying     map[ingest.MessageID]bool

	counts counts
}

// New returns an inert Dispatcher; its Run must be running for parked messages
// to move.
func New(config Config, parts Parts) *Dispatcher {
	config = config.orDefaults()
	running, end := context.WithCancel(context.Background())
	return &Dispatcher{
		running: running, end: end, round: roundTime,
		Parts: parts, config: config, board: newBoard(parts.Store), pace: newPacer(),
		room: semaphore.NewWeighted(int64(config.MaxInFlight)), wake: make(chan struct{}, 1), now: time.Now,
		busy: map[sender]int{}, flying: map[ingest.MessageID]bool{},
	}
}

// Counts is what a Dispatcher has done since it was made.
type Counts struct {
	Sent, Failed, Unknown, Parked, Refused int64
}

type counts struct {
	sent, failed, unknown, parked, refused atomic.Int64
}

// Counts returns what d has done so far.
func (d *Dispatcher) Counts() Counts {
	return Counts{
		Sent: d.counts.sent.Load(), Failed: d.counts.failed.Load(), Unknown: d.counts.unknown.Load(),
		Parked: d.counts.parked.Load(), Refused: d.counts.refused.Load(),
	}
}

// MarkRead shows a contact that their message providerID was read and, with
// typing, that an answer is being written. Test traffic is marked in the
// simulator. It is a courtesy: an error is for the log alone.
func (d *Dispatcher) MarkRead(ctx context.Context, m ingest.Message, typing bool) error {
	ch, _, err := d.route(ctx, m.Tenant, m.Channel, m.Test)
	if err != nil {
		return err
	}
	if sender := d.Senders[ch.Type]; sender != nil {
		return sender.MarkRead(ctx, ch, m.ProviderID, typing)
	}
	return nil
}

// errNoSimulator is given for a message that only the simulator may get.
var errNoSimulator = errors.New("the simulator is off")

// route returns a channel as messages reach it: live ones at the provider, test
// ones, and all of a channel with made-up credentials, in the simulator. The
// error is tenant.ErrNotFound for a channel that is no more.
func (d *Dispatcher) route(ctx context.Context, of ingest.TenantID, id ingest.ChannelID, test bool) (ch provider.Channel, sandbox bool, err error) {
	if ch, err = d.Directory.Channel(ctx, of, id); err != nil {
		return ch, false, err
	}
	if sandbox = test; !sandbox {
		sandbox, err = d.Directory.Simulated(ctx, of, id)
	}
	switch {
	case err != nil || !sandbox:
		return ch, false, err
	case d.Simulate == nil:
		return ch, true, errNoSimulator
	default:
		return d.Simulate(ch), true, nil
	}
}

// laneOf returns the lane of m: all that passes to one person on one channel,
// which is a conversation. It names no phone number.
func laneOf(m ingest.Message) lane {
	if m.Conversation != "" {
		return lane{m.Tenant, string(m.Conversation)}
	}
	return lane{m.Tenant, ingest.DerivedID(ingest.PrefixConversation, time.Time{}, string(m.Channel), m.Party.Address())}
}

func isWhatsApp(ch provider.Channel) bool {
	const prefix = "whatsapp:"
	return ch.Type == provider.WhatsApp || len(ch.Ref) > len(prefix) && ch.Ref[:len(prefix)] == prefix
}

// fingerprint tells one set of credentials from another.
func fingerprint(ch provider.Channel) string {
	h := sha256.New()
	for _, s := range []string{ch.Ref, ch.Account, ch.BaseURL, string(ch.AccessToken), string(ch.AuthToken)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
