package simulator

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Errors that callers branch on.
var (
	// ErrNotFound is given for a customer, message or file there is not.
	ErrNotFound = errors.New("not found in the simulator")
	// ErrInvalid is given for what cannot be written as a customer; the text
	// around it says what was expected.
	ErrInvalid = errors.New("cannot be written as a customer")
)

// Config says where things are. The URLs have no slash at the end.
type Config struct {
	CallbackURL string        // where the gateway's /callbacks are reached from here ("http://127.0.0.1:8080"); required
	PublicURL   string        // what Twilio's signatures are made over; empty: CallbackURL
	Hang        time.Duration // how long 0003 keeps a request waiting; zero: 45 s
	Sent        time.Duration // from taking a message to its receipt sent; zero: 150 ms
	Delivered   time.Duration // to delivered; zero: 500 ms
	Read        time.Duration // to read; zero: 1.5 s
	Attempts    int           // to deliver a callback; zero: 12, some ten minutes
}

func (c Config) orDefaults() Config {
	c.CallbackURL = strings.TrimRight(c.CallbackURL, "/")
	if c.PublicURL = strings.TrimRight(c.PublicURL, "/"); c.PublicURL == "" {
		c.PublicURL = c.CallbackURL
	}
	for _, d := range []struct {
		v         *time.Duration
		otherwise time.Duration
	}{{&c.Hang, 45 * time.Second}, {&c.Sent, 150 * time.Millisecond}, {&c.Delivered, 500 * time.Millisecond}, {&c.Read, 1500 * time.Millisecond}} {
		if *d.v == 0 {
			*d.v = d.otherwise
		}
	}
	if c.Attempts == 0 {
		c.Attempts = 12
	}
	return c
}

// Validate reports what is missing.
func (c Config) Validate() error {
	if c.CallbackURL == "" {
		return errors.New("simulator: CallbackURL is empty; give the address that the gateway listens on")
	}
	return nil
}

// Paths under which the handlers are mounted.
const (
	GraphPath  = "/simulator/graph"  // ServeGraph, and all below it
	TwilioPath = "/simulator/twilio" // ServeTwilio, and all below it
)

// Rewriter returns how a channel is to be used so that its messages reach the
// simulator at base ("http://127.0.0.1:8080") instead of the provider.
func Rewriter(base string) func(provider.Channel) provider.Channel {
	base = strings.TrimRight(base, "/")
	return func(ch provider.Channel) provider.Channel {
		if ch.Type == provider.WhatsApp {
			ch.BaseURL = base + GraphPath
		} else {
			ch.BaseURL = base + TwilioPath
		}
		return ch
	}
}

// directory is what the simulator needs of *tenant.Directory.
type directory interface {
	Channel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (provider.Channel, error)
	ByRef(ctx context.Context, typ, ref string) (provider.Channel, bool, error)
	ByAccount(ctx context.Context, typ, account string) ([]provider.Channel, error)
}

// Simulator is the provider and the customers' phones. It is safe for
// concurrent use.
type Simulator struct {
	config    Config
	directory directory
	store     *Store
	client    *http.Client
	log       *slog.Logger
	now       func() time.Time
	wake      chan struct{}
	stopped   chan struct{}
	stop      sync.Once
	throttled *throttle
}

// New returns an inert Simulator; its Run must be running for callbacks to go
// out.
func New(config Config, directory directory, store *Store, log *slog.Logger) *Simulator {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = senders
	return &Simulator{
		config: config.orDefaults(), directory: directory, store: store, log: log, now: time.Now,
		client: &http.Client{Transport: transport, Timeout: callbackTimeout},
		wake:   make(chan struct{}, 1), stopped: make(chan struct{}), throttled: newThrottle(),
	}
}

// Customer is a made-up person at the other end of a channel.
type Customer struct {
	ID        string
	Channel   ingest.ChannelID
	Phone     string // in E.164
	Name      string
	UserID    string // as Meta would name them
	CreatedAt time.Time
	SeenAt    time.Time // of the last message, either way
}

// Message is one thing said, as the customer's phone shows it.
type Message struct {
	ID         string
	ProviderID string
	Inbound    bool // written by the customer
	Content    ingest.Content
	ReplyTo    string // ProviderID of the message answered
	// Status is how far the provider has taken it. The customer's own are
	// queued, then sent or failed, by what the gateway answered to the callback.
	Status  ingest.Status
	Code    string // why it failed: the provider's code, or the gateway's answer
	At      time.Time
	Version int64
}

// Thread is the news of one customer's conversation.
type Thread struct {
	Customer Customer
	Messages []Message // that changed, oldest first
	Version  int64     // to ask with for what comes next
	Typing   bool      // the business is writing
}

// Customers returns the channel's made-up customers, the last seen first.
func (s *Simulator) Customers(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID) ([]Customer, error) {
	return s.store.customers(ctx, tenant, channel)
}

// Join returns the customer with that number on the channel, who is made if
// there is none. A name that is not empty becomes theirs.
func (s *Simulator) Join(ctx context.Context, tenant ingest.TenantID, channel ingest.ChannelID, phone, name string) (Customer, error) {
	if !e164(phone) {
		return Customer{}, invalid("phone: want + and 7 to 15 digits, like +15555550142")
	}
	if len(name) > 200 || strings.ContainsRune(name, 0) {
		return Customer{}, invalid("name: want at most 200 bytes")
	}
	if _, err := s.directory.Channel(ctx, tenant, channel); err != nil {
		return Customer{}, err
	}
	return s.store.join(ctx, tenant, channel, phone, name)
}

// Thread returns what changed in a customer's conversation since version, zero
// for all of it, at most the last 500 messages.
func (s *Simulator) Thread(ctx context.Context, tenant ingest.TenantID, customer string, since int64) (Thread, error) {
	return s.store.thread(ctx, tenant, customer, since)
}

// Forget removes a customer with all that was said, here alone: what the
// business knows of them stays.
func (s *Simulator) Forget(ctx context.Context, tenant ingest.TenantID, customer string) error {
	return s.store.forget(ctx, tenant, customer)
}

// Write sends content to the business as the customer does: text, a choice
// from a menu, a file that was uploaded, a location, a reaction. It returns once
// the callback is stored; Run delivers it.
func (s *Simulator) Write(ctx context.Context, tenant ingest.TenantID, customer string, content ingest.Content, replyTo string) (Message, error) {
	c, err := s.store.customer(ctx, tenant, customer)
	if err != nil {
		return Message{}, err
	}
	ch, err := s.directory.Channel(ctx, tenant, c.Channel)
	if err != nil {
		return Message{}, err
	}
	if err := allowed(ch, content); err != nil {
		return Message{}, err
	}
	m := Message{
		ID: ingest.NewID(ingest.PrefixMessage, s.now()), ProviderID: newProviderID(ch), Inbound: true,
		Content: content, ReplyTo: replyTo, Status: ingest.Queued, At: s.now().UTC(),
	}
	call, err := inboundCall(ch, c, m)
	if err != nil {
		return Message{}, err
	}
	call.due = m.At
	if m, err = s.store.add(ctx, tenant, c, m, "", []callback{call}); err == nil {
		s.nudge()
	}
	return m, err
}

// allowed reports what a customer cannot send on the channel.
func allowed(ch provider.Channel, c ingest.Content) error {
	switch {
	case len(c.Text) > 65536:
		return invalid("text: want at most 65,536 bytes")
	case strings.ContainsRune(c.Text, 0):
		return invalid("text: want no NUL character")
	case c.Type == ingest.Text && c.Text == "":
		return invalid("text: want at least one character")
	case c.Type == ingest.Text, c.Type == ingest.Image && len(c.Media) == 1:
		return nil
	case isSMS(ch):
		return invalid("type: an SMS channel takes text and image")
	case c.Type == ingest.LocationPin && c.Location != nil,
		c.Type == ingest.Interactive && c.Selection != nil && (c.Selection.Kind == "button" || c.Selection.Kind == "list"),
		c.Type == ingest.Reacted && c.Reaction != nil && ch.Type == provider.WhatsApp:
		return nil
	}
	return invalid("type: want text, interactive with a selection, image, location or reaction (WhatsApp alone)")
}

func invalid(what string) error { return &invalidError{what} }

// invalidError is an ErrInvalid that says what was expected.
type invalidError struct{ what string }

func (e *invalidError) Error() string        { return e.what }
func (e *invalidError) Is(target error) bool { return target == ErrInvalid }

func e164(s string) bool {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	return strings.Trim(s[1:], "0123456789") == ""
}

func isSMS(ch provider.Channel) bool {
	return ch.Type != provider.WhatsApp && !strings.HasPrefix(ch.Ref, "whatsapp:")
}

func (s *Simulator) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
