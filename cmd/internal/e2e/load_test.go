package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"frontdesk/cmd/internal/ledger"
)

// patience is how long a system may take to work off what it has acknowledged
// after a fault.
const patience = 60 * time.Second

// span returns how long a fault test loads the system: 8 s, or
// FRONTDESK_CHAOS_SECONDS, which make chaos sets.
func span(t *testing.T) time.Duration {
	t.Helper()
	if v := os.Getenv("FRONTDESK_CHAOS_SECONDS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("FRONTDESK_CHAOS_SECONDS: %v", err)
		}
		return time.Duration(n) * time.Second
	}
	return 8 * time.Second
}

// load lets one new customer write each 1/rate second until ctx ends. Each asks
// one question; a callback that gets no 200 is delivered again as Meta would,
// with the same id, until it gets one. load returns the acknowledged texts
// once all are.
func (s *scene) load(ctx context.Context, t *testing.T, rate int) []ledger.Text {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		acked []ledger.Text
	)
	first := 1_000_000 + rand.IntN(8_000_000)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			wg.Wait()
			return acked
		case <-tick.C:
		}
		text := ledger.Text{From: fmt.Sprintf("1555%07d", first+n), ID: fmt.Sprintf("wamid.%d.%d", first, n), Body: "Do you have parking?", At: time.Now()}
		wg.Go(func() {
			if s.deliverUntilTaken(t.Context(), client, text) {
				mu.Lock()
				defer mu.Unlock()
				acked = append(acked, text)
			}
		})
	}
}

// deliverUntilTaken reports whether text got its 200 within patience.
func (s *scene) deliverUntilTaken(ctx context.Context, client *http.Client, text ledger.Text) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for ctx.Err() == nil {
		status, err := s.Deliver(ctx, client, s.URL(), text)
		if err == nil && status == http.StatusOK {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond): // Meta's first retry comes at once, the next ones later
		}
	}
	return false
}

// settle checks the books: within patience every customer of acked has one
// reply at the provider, or one that frontdesk itself calls unknown, and nobody
// has two.
func (s *scene) settle(t *testing.T, acked []ledger.Text) {
	t.Helper()
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged: the test shows nothing")
	}
	deadline := time.Now().Add(patience)
	var replies map[string]int
	var missing []string
	for {
		replies = map[string]int{}
		for _, send := range s.provider.Sends() {
			replies[send.To]++
		}
		missing = missing[:0]
		for _, text := range acked {
			if replies["+"+text.From] == 0 {
				missing = append(missing, text.From)
			}
		}
		if len(missing) == 0 || time.Now().After(deadline) {
			break
		}
		time.Sleep(200 * time.Millisecond) // the provider is another process's client: there is no signal to wait on
	}
	unknown := len(s.messages(t, url.Values{"status": {"unknown"}}))
	t.Logf("acknowledged %d, answered %d, unknown %d", len(acked), len(acked)-len(missing), unknown)
	if len(missing) > unknown {
		t.Errorf("%d customers have no reply and only %d messages are unknown; first: %s", len(missing), unknown, missing[0])
	}
	for to, n := range replies {
		if n > 1 {
			t.Errorf("customer %s got %d replies to one message", to, n)
		}
	}
	if stored := len(s.messages(t, url.Values{"direction": {"inbound"}})); stored != len(acked) {
		t.Errorf("%d inbound messages are stored, %d were acknowledged", stored, len(acked))
	}
}

// messages lists all messages that filter selects, page by page.
func (s *scene) messages(t *testing.T, filter url.Values) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	filter.Set("limit", "100")
	for {
		var page struct {
			Data []json.RawMessage
			Meta struct {
				Cursor  string
				HasMore bool `json:"has_more"`
			}
		}
		s.call(t, http.MethodGet, "/v1/messages?"+filter.Encode(), nil, &page)
		all = append(all, page.Data...)
		if !page.Meta.HasMore {
			return all
		}
		filter.Set("cursor", page.Meta.Cursor)
	}
}
