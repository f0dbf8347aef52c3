package ledger

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Send is one message that the provider was handed.
type Send struct {
	To          string // as written in the request
	Text        string
	Correlation string // biz_opaque_callback_data: our message id
	At          time.Time
}

// Provider takes sends like Graph does and writes each down. It is safe for
// concurrent use.
type Provider struct {
	// OnSend, if set before Start, hears of each send as it arrives.
	OnSend func(Send)

	server *http.Server
	addr   string
	next   atomic.Int64
	mu     sync.Mutex
	sends  []Send
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

func (p *Provider) take(w http.ResponseWriter, r *http.Request) {
	var in struct {
		To, Recipient string
		Status        string
		Text          struct{ Body string }
		Interactive   struct{ Body struct{ Text string } }
		Correlation   string `json:"biz_opaque_callback_data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, `{"error":{"code":100,"message":"no JSON"}}`, http.StatusBadRequest)
		return
	}
	if in.Status != "" { // a read mark, no message
		fmt.Fprint(w, `{"success":true}`)
		return
	}
	send := Send{To: in.To + in.Recipient, Text: in.Text.Body + in.Interactive.Body.Text, Correlation: in.Correlation, At: time.Now()}
	p.mu.Lock()
	p.sends = append(p.sends, send)
	p.mu.Unlock()
	if p.OnSend != nil {
		p.OnSend(send)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":%q,"wa_id":%q}],"messages":[{"id":"wamid.LEDGER%d"}]}`,
		send.To, send.To, p.next.Add(1))
}
