package ledger

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/ingest"
)

// Send is one message that the provider was handed.
type Send struct {
	To          string // as written in the request
	Text        string
	Choices     []ingest.Choice // buttons, or the rows of a list
	Correlation string          // biz_opaque_callback_data: our message id
	At          time.Time
}

// Mark shows an inbound message as read.
type Mark struct {
	ID     string // provider's id of the message
	Typing bool
}

// Fault is how a send goes wrong.
type Fault int

// Faults. A message that was accepted is in the book.
const (
	None        Fault = iota
	TooFast           // 429 with Retry-After; not accepted
	ServerError       // 500; not accepted
	Hang              // accepted, and never answered
	Garbage           // accepted, and answered 200 with what is no JSON
)

// Provider takes sends like Graph does and writes each down. It is safe for
// concurrent use.
type Provider struct {
	// OnSend, if set before Start, hears of each send as it arrives.
	OnSend func(Send)
	// Fault, if set before Start, decides what becomes of the n-th attempt to
	// send, counted from 1.
	Fault func(n int) Fault

	server *http.Server
	addr   string
	next   atomic.Int64
	mu     sync.Mutex
	sends  []Send
	marks  []Mark
	tries  int
}

// Start listens on a free loopback port until Close.
func (p *Provider) Start() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for sends: %w", err)
	}
	p.addr = ln.Addr().String()
	p.server = &http.Server{Handler: http.HandlerFunc(p.take), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(ln) }() // ends with Close
	return nil
}

// Close stops listening and cuts what is open.
func (p *Provider) Close() error { return p.server.Close() }

// URL is the base URL for a channel's base_url.
func (p *Provider) URL() string { return "http://" + p.addr }

// Sends returns a copy of the book so far.
func (p *Provider) Sends() []Send {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Send(nil), p.sends...)
}

// Marks returns a copy of the read marks so far.
func (p *Provider) Marks() []Mark {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Mark(nil), p.marks...)
}

func (p *Provider) take(w http.ResponseWriter, r *http.Request) {
	var in struct {
		To, Recipient string
		Status        string
		Text          struct{ Body string }
		Interactive   menu
		Correlation   string    `json:"biz_opaque_callback_data"`
		MessageID     string    `json:"message_id"`
		Typing        *struct{} `json:"typing_indicator"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, `{"error":{"code":100,"message":"no JSON"}}`, http.StatusBadRequest)
		return
	}
	if in.Status != "" { // a read mark, no message
		p.mu.Lock()
		p.marks = append(p.marks, Mark{in.MessageID, in.Typing != nil})
		p.mu.Unlock()
		fmt.Fprint(w, `{"success":true}`)
		return
	}
	send := Send{To: in.To + in.Recipient, Text: in.Text.Body + in.Interactive.Body.Text, Choices: in.Interactive.choices(), Correlation: in.Correlation, At: time.Now()}
	fault := p.book(send)
	if fault == TooFast || fault == ServerError {
		refuse(w, fault)
		return
	}
	if p.OnSend != nil {
		p.OnSend(send)
	}
	switch fault {
	case Hang:
		<-r.Context().Done()
		return
	case Garbage:
		fmt.Fprint(w, "<html>OK</html>")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":%q,"wa_id":%q}],"messages":[{"id":"wamid.LEDGER%d"}]}`,
		send.To, send.To, p.next.Add(1))
}

// menu is what Graph is given of buttons or a list.
type menu struct {
	Body   struct{ Text string }
	Action struct {
		Buttons  []struct{ Reply ingest.Choice }
		Sections []struct{ Rows []ingest.Choice }
	}
}

func (m menu) choices() []ingest.Choice {
	var list []ingest.Choice
	for _, b := range m.Action.Buttons {
		list = append(list, b.Reply)
	}
	for _, s := range m.Action.Sections {
		list = append(list, s.Rows...)
	}
	return list
}

// book decides upon a send and writes it down if it is accepted.
func (p *Provider) book(send Send) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries++
	fault := None
	if p.Fault != nil {
		fault = p.Fault(p.tries)
	}
	if fault != TooFast && fault != ServerError {
		p.sends = append(p.sends, send)
	}
	return fault
}

func refuse(w http.ResponseWriter, fault Fault) {
	w.Header().Set("Content-Type", "application/json")
	if fault == TooFast {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"error":{"code":130429,"message":"Rate limit hit"}}`)
		return
	}
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprint(w, `{"error":{"code":131000,"message":"Something went wrong"}}`)
}
