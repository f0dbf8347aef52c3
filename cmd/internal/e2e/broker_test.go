package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/ledger"
)

// brokerChild is this test binary as a Kafka broker on dir: it says its address
// and serves until its input ends.
func brokerChild(dir string) int {
	k, err := embedded.OpenKafka(context.Background(), embedded.KafkaConfig{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(k.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = k.Close()
	return 0
}

// broker is a Kafka of a process of its own, which may be frozen and killed. It
// keeps its address.
type broker struct {
	dir  string
	addr string
	cmd  *exec.Cmd
}

func startBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{dir: t.TempDir()}
	b.start(t)
	t.Cleanup(func() { b.signal(syscall.SIGCONT); b.kill() })
	return b
}

func (b *broker) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b.cmd = exec.Command(self)
	b.cmd.Env = append(os.Environ(), "FRONTDESK_TEST_BROKER_DIR="+b.dir)
	b.cmd.Stderr = os.Stderr
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.cmd.StdinPipe(); err != nil { // ends with this process
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the broker does not start: %v", err)
	}
	addr := strings.TrimSpace(line)
	if b.addr != "" && b.addr != addr {
		t.Fatalf("the broker came back at %s, was at %s", addr, b.addr)
	}
	b.addr = addr
}

func (b *broker) signal(sig syscall.Signal) { _ = b.cmd.Process.Signal(sig) }

func (b *broker) kill() {
	b.signal(syscall.SIGKILL)
	_ = b.cmd.Wait()
}

// TestKillBroker kills the broker for a while (X5): callbacks are still taken,
// into the spool, and all is answered once it is back.
func TestKillBroker(t *testing.T) {
	b := startBroker(t)
	s := start(t, "FRONTDESK_KAFKA_BROKERS="+b.addr)
	acked := s.under(t, func() {
		time.Sleep(span(t) / 4)
		b.kill()
		s.takenIn(t, "15555550401")
		time.Sleep(span(t) / 4)
		b.start(t)
	})
	s.settle(t, append(acked, ledger.Text{From: "15555550401"}))
}

// TestFrozenBroker stops the broker for a while (X6).
func TestFrozenBroker(t *testing.T) {
	b := startBroker(t)
	s := start(t, "FRONTDESK_KAFKA_BROKERS="+b.addr)
	acked := s.under(t, func() {
		time.Sleep(span(t) / 4)
		b.signal(syscall.SIGSTOP)
		s.takenIn(t, "15555550402")
		time.Sleep(span(t) / 4)
		b.signal(syscall.SIGCONT)
	})
	s.settle(t, append(acked, ledger.Text{From: "15555550402"}))
}

// takenIn delivers one text and wants its 200 within Meta's ten seconds.
func (s *scene) takenIn(t *testing.T, from string) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second}
	status, err := s.Deliver(t.Context(), client, s.URL(), ledger.Text{From: from, ID: "wamid.spooled." + from, Body: "Do you have parking?", At: time.Now()})
	if err != nil || status != http.StatusOK {
		t.Errorf("without a broker a callback got %d, %v; want 200 through the spool", status, err)
	}
}

// TestNeitherBrokerNorPostgres freezes both (X11): callbacks are refused with
// 503 and a time to come again, nothing is acknowledged, and those that come
// again are answered.
func TestNeitherBrokerNorPostgres(t *testing.T) {
	b := startBroker(t)
	s := start(t, "FRONTDESK_KAFKA_BROKERS="+b.addr)
	text := ledger.Text{From: "15555550403", ID: "wamid.refused", Body: "Do you have parking?", At: time.Now()}
	b.signal(syscall.SIGSTOP)
	pids := freeze(t, postmaster(t, s.Dir))
	body, signature := s.Callback(text)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/callbacks/whatsapp", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Hub-Signature-256", signature)
	res, err := (&http.Client{Timeout: 15 * time.Second}).Do(req)
	signalAll(pids, syscall.SIGCONT)
	b.signal(syscall.SIGCONT)
	if err != nil {
		t.Fatalf("with neither there is no answer at all: %v", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("with neither a callback got %d, Retry-After %q; want 503 and a time", res.StatusCode, res.Header.Get("Retry-After"))
	}
	client := &http.Client{Timeout: 10 * time.Second}
	if !s.deliverUntilTaken(t.Context(), client, text) {
		t.Fatal("the callback was not taken once both were back")
	}
	s.settle(t, []ledger.Text{text})
}
