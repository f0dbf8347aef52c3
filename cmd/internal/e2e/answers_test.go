package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/internal/ledger"
)

// say delivers texts in one POST and wants a 200.
func (s *scene) say(t *testing.T, texts ...ledger.Text) {
	t.Helper()
	status, err := s.Deliver(t.Context(), &http.Client{Timeout: 30 * time.Second}, s.URL(), texts...)
	if err != nil || status != http.StatusOK {
		t.Fatalf("deliver: %d, %v", status, err)
	}
}

// eventually asks until ok, within patience.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
		time.Sleep(100 * time.Millisecond) // another process: there is no signal to wait on
	}
}

// replies returns what was sent to a customer.
func (s *scene) replies(from string) []string {
	var out []string
	for _, send := range s.provider.Sends() {
		if send.To == "+"+from {
			out = append(out, send.Text)
		}
	}
	return out
}

func TestACustomerIsAnswered(t *testing.T) {
	s := startWith(t, &ledger.Provider{}, func(b *ledger.Business) { b.MarkRead = true })
	const parking, pizza = "15555550301", "15555550302"
	s.say(t, ledger.Text{From: parking, ID: "wamid.parking", Body: "Hello! Do you have parking?", At: time.Now()},
		ledger.Text{From: pizza, ID: "wamid.pizza", Body: "Which of your elephants sings opera?", At: time.Now()})
	eventually(t, "two replies", func() bool { return len(s.replies(parking)) > 0 && len(s.replies(pizza)) > 0 })
	if got := s.replies(parking)[0]; !strings.Contains(got, "Free parking behind the building.") {
		t.Errorf("asked about parking, the customer reads %q", got)
	}
	if got := s.replies(pizza)[0]; strings.Contains(got, "parking") || strings.Contains(got, "8 to 17") {
		t.Errorf("asked what nothing answers, the customer reads %q", got)
	}
	var page struct{ Data []struct{ Owner string } }
	s.call(t, http.MethodGet, "/v1/conversations?owner=person", nil, &page)
	if len(page.Data) != 1 {
		t.Errorf("%d conversations are a person's, want the one that was declined", len(page.Data))
	}
	eventually(t, "two read marks", func() bool { return len(s.provider.Marks()) >= 2 })
	for _, m := range s.provider.Marks() {
		if !m.Typing || (m.ID != "wamid.parking" && m.ID != "wamid.pizza") {
			t.Errorf("read mark %+v", m)
		}
	}
}

// report asks for metrics, split by dimensions, and returns the rows by column.
func (s *scene) report(t *testing.T, query map[string]any) []map[string]any {
	t.Helper()
	var out struct {
		Data struct {
			Columns []struct{ Name string }
			Rows    [][]any
		}
	}
	s.call(t, http.MethodPost, "/v1/analytics/query", query, &out)
	var rows []map[string]any
	for _, values := range out.Data.Rows {
		row := map[string]any{}
		for i, v := range values {
			row[out.Data.Columns[i].Name] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// TestAnalyticsAreExact counts conversations, again after a kill and after the
// same callbacks came once more.
func TestAnalyticsAreExact(t *testing.T) {
	s := start(t)
	const n = 30
	var texts []ledger.Text
	for i := range n {
		texts = append(texts, ledger.Text{From: fmt.Sprintf("15555551%03d", i), ID: fmt.Sprintf("wamid.counted%d", i), Body: "Do you have parking?", At: time.Now()})
	}
	for part := range 3 {
		s.say(t, texts[part*10:part*10+10]...)
	}
	s.exactly(t, n)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.exactly(t, n)
	s.say(t, texts...)
	s.say(t, texts[:7]...)
	// One more that is new comes after the repeats of its contact in the log:
	// once it is counted, so would they have been.
	s.say(t, ledger.Text{From: texts[0].From, ID: "wamid.counted.last", Body: "Do you have parking?", At: time.Now()})
	s.exactly(t, n+1)
	if got := len(s.provider.Sends()); got != n+1 {
		t.Errorf("%d replies went out, want %d", got, n+1)
	}
}

// exactly waits until n turns are counted and wants n of all else.
func (s *scene) exactly(t *testing.T, n int) {
	t.Helper()
	want := float64(n)
	all := func() []map[string]any {
		return s.report(t, map[string]any{"metrics": []string{"inbound_messages", "outbound_messages", "turns", "answered", "first_response_seconds_p50"},
			"dimensions": []string{"channel"}, "interval": "day"})
	}
	var rows []map[string]any
	eventually(t, fmt.Sprintf("%d of each counted", n), func() bool {
		rows = all()
		return len(rows) == 1 && rows[0]["inbound_messages"] == want && rows[0]["outbound_messages"] == want && rows[0]["turns"] == want
	})
	if v, ok := rows[0]["first_response_seconds_p50"].(float64); rows[0]["answered"] != want || !ok || v < 0 {
		t.Errorf("figures %v, want %d answered, and a first response", rows[0], n)
	}
	by := s.report(t, map[string]any{"metrics": []string{"turns"}, "dimensions": []string{"outcome"}})
	if len(by) != 1 || by[0]["outcome"] != "answered" || by[0]["turns"] != want {
		t.Errorf("by outcome %v, want %d answered", by, n)
	}
}

// TestProviderFaults has the provider refuse, break, hang after it took a
// message and answer nonsense (X16): everyone has one reply, or one that is
// known to be unknown.
func TestProviderFaults(t *testing.T) {
	schedule := []ledger.Fault{ledger.None, ledger.TooFast, ledger.None, ledger.ServerError, ledger.Hang, ledger.None, ledger.Garbage, ledger.ServerError}
	s := startWith(t, &ledger.Provider{Fault: func(n int) ledger.Fault {
		if n > 32 {
			return ledger.None
		}
		return schedule[n%len(schedule)]
	}}, func(*ledger.Business) {})
	var texts []ledger.Text
	for i := range 24 {
		texts = append(texts, ledger.Text{From: fmt.Sprintf("15555552%03d", i), ID: fmt.Sprintf("wamid.faulty%d", i), Body: "Do you have parking?", At: time.Now()})
	}
	s.say(t, texts...)
	s.settle(t, texts)
	eventually(t, "all messages settled", func() bool {
		return len(s.messages(t, url.Values{"status": {"queued"}})) == 0 && len(s.messages(t, url.Values{"status": {"sending"}})) == 0
	})
	s.settle(t, texts) // and still none twice
	if unknown := len(s.messages(t, url.Values{"status": {"unknown"}})); unknown == 0 {
		t.Error("no message is unknown, though the provider hung after it had taken some")
	}
	if failed := len(s.messages(t, url.Values{"status": {"failed"}})); failed > 0 {
		t.Errorf("%d messages failed for what passes", failed)
	}
}
