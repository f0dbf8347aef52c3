package api_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/deploy/schema"
	"frontdesk/gateway/api"
	"frontdesk/gateway/api/apitest"
	"frontdesk/gateway/edge"
)

// forgetful loses answers while it is told to, as a process does that dies
// between an effect and its answer.
type forgetful struct {
	apitest.Answers
	lose *atomic.Bool
}

func (f forgetful) Finish(ctx context.Context, scope edge.Scope, owner string, a edge.Answer) error {
	if f.lose.Load() {
		return nil
	}
	return f.Answers.Finish(ctx, scope, owner, a)
}

// counts are the rows of each table that a request may add to only once.
func (l *lab) counts() map[string]string {
	out := l.digest()
	for table, sum := range out {
		out[table], _, _ = strings.Cut(sum, " ")
		if strings.Contains(table, "audit") {
			delete(out, table) // the second attempt is told of, too
		}
	}
	return out
}

func (l *lab) expireLocks() {
	l.t.Helper()
	if _, err := l.conn.Exec(l.t.Context(), `UPDATE idempotency_keys SET locked_until = '-infinity'`); err != nil {
		l.t.Fatal(err)
	}
}

// again are routes whose purpose is that it happens again: what they send or
// make anew is asked for by whoever repeats them after a crash.
var again = []string{"testWebhook"}

// ends sorts what ends a thing behind what needs it.
func ends(r api.Route) int {
	if strings.HasPrefix(r.ID, "cancel") || strings.HasPrefix(r.ID, "close") {
		return 1
	}
	return 0
}

// TestRepeatsAfterALostAnswer sends every POST, loses its answer, and sends it
// again under its Idempotency-Key: nothing is made twice.
func TestRepeatsAfterALostAnswer(t *testing.T) {
	t.Parallel()
	lose := &atomic.Bool{}
	l := newLabKeeping(t, func(a apitest.Answers) apitest.Answers { return forgetful{a, lose} })
	own, key, done := l.furnish(l.Maya), l.Maya.Keys["all"], 0
	lose.Store(true)
	routes := l.native()
	slices.SortStableFunc(routes, func(a, b api.Route) int { return cmp.Compare(ends(a), ends(b)) })
	for _, r := range routes {
		if r.Method != http.MethodPost || slices.Contains(again, r.ID) {
			continue
		}
		s := l.sample(r, key, own)
		first := l.send(key, s, "Idempotency-Key", r.ID)
		if first.StatusCode >= 300 {
			t.Logf("%s: its example is not taken here: %s", r.ID, first.Text)
			continue
		}
		once := l.counts()
		l.expireLocks()
		second := l.send(key, s, "Idempotency-Key", r.ID)
		for table, n := range l.counts() {
			if n != once[table] {
				t.Errorf("%s: the repeat after a lost answer (%d %s) left %s rows in %s, want %s", r.ID, second.StatusCode, second.Text, n, table, once[table])
			}
		}
		done++
	}
	t.Logf("%d routes were repeated", done)
	if done < 15 {
		t.Errorf("only %d routes could be repeated", done)
	}
}

// serverOf names the database that a test's child process serves.
const serverOf = "FRONTDESK_TEST_API_SERVER"

// killing ends its own process where an answer is to be kept.
type killing struct{ apitest.Answers }

func (killing) Finish(context.Context, edge.Scope, string, edge.Answer) error {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// TestServerProcess is not a test: it is the server that dies in
// TestKilledBetweenEffectAndAnswer.
func TestServerProcess(t *testing.T) {
	url := os.Getenv(serverOf)
	if url == "" {
		t.Skip("runs as a child of TestKilledBetweenEffectAndAnswer")
	}
	db, shut, err := schema.OpenPostgres(t.Context(), schema.Config{URL: url, MaxConns: 4, MaxSystemConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer shut()
	w := apitest.NewKeeping(t, db, "unlimited", func(a apitest.Answers) apitest.Answers { return killing{a} })
	fmt.Println("serving " + w.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent goes
}

// TestKilledBetweenEffectAndAnswer is X23: the process is killed when the
// effect is in the database and the answer is not. Whoever repeats the request
// gets its answer, of the one effect.
func TestKilledBetweenEffectAndAnswer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own, key := l.furnish(l.Maya), l.Maya.Keys["all"]
	for _, id := range []string{"sendMessage", "bookAppointment", "createHold", "createWebhook"} {
		r := l.native()[slices.IndexFunc(l.native(), func(r api.Route) bool { return r.ID == id })]
		s := l.sample(r, key, own)
		before := l.counts()
		child, url := startServer(t, l.url)
		_, err := post(url+s.target(), key, id, s.text())
		if err == nil {
			t.Fatalf("%s: answered, want the server dead", id)
		}
		_ = child.Wait()
		after := l.counts()
		if maps.Equal(before, after) {
			t.Fatalf("%s: the server died before the effect", id)
		}
		if a := l.send(key, s, "Idempotency-Key", id); a.StatusCode != http.StatusConflict || code(a.JSON(t)) != "request_in_progress" {
			t.Errorf("%s at once: %d %s, want 409 request_in_progress", id, a.StatusCode, a.Text)
		}
		a := l.takenOver(key, s, id)
		if now := l.counts(); !maps.Equal(now, after) {
			t.Errorf("%s: the repeat (%d) left %v, want %v", id, a.StatusCode, now, after)
		}
		b := l.send(key, s, "Idempotency-Key", id)
		t.Logf("%s: %d, then %d replayed %s", id, a.StatusCode, b.StatusCode, b.Header.Get("Idempotency-Replayed"))
		if a.StatusCode < 300 && (string(a.Text) != string(b.Text) || b.Header.Get("Idempotency-Replayed") != "true") {
			t.Errorf("%s: %s, then %s; want the same again", id, a.Text, b.Text)
		}
	}
}

// takenOver repeats a request until it is no longer taken to be worked on: first
// for as long as it takes, then with the clock turned forward.
func (l *lab) takenOver(key string, s sample, id string) apitest.Answer {
	l.t.Helper()
	died := time.Now()
	for id == "sendMessage" {
		a := l.send(key, s, "Idempotency-Key", id)
		if took := time.Since(died); a.StatusCode != http.StatusConflict && took < 15*time.Second {
			return a
		} else if took > 15*time.Second {
			l.t.Fatalf("%s: %d %s after %v: the dead process's claim holds", id, a.StatusCode, a.Text, took)
		}
		time.Sleep(500 * time.Millisecond) // as Retry-After has it: there is no signal to wait on
	}
	l.expireLocks()
	return l.send(key, s, "Idempotency-Key", id)
}

func startServer(t *testing.T, database string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerProcess$")
	cmd.Env = append(os.Environ(), serverOf+"="+database)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "serving "); ok {
			return cmd, url
		}
	}
	t.Fatal("the server did not begin to serve")
	return nil, ""
}

func post(url, key, idempotency, body string) (*http.Response, error) {
	req, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", idempotency)
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}
