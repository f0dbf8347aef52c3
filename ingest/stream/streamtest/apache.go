// Package streamtest runs Apache Kafka for tests: the broker of production, of
// one node and on loopback.
package streamtest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// Kafka is an Apache Kafka in a process of its own. It keeps its log and its
// address from one start to the next.
type Kafka struct {
	dir, port, controller, seen string
	cmd                         *exec.Cmd
}

// Apache returns a Kafka that is not started yet and ends with the test. Clients
// are told that it is at the port seen; empty means its own. It skips the test
// on a machine without Java or Maven.
func Apache(t testing.TB, seen string) *Kafka {
	t.Helper()
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("apache kafka needs java 17 and maven: %v", err)
		}
	}
	if out, err := exec.Command(script(), "fetch").CombinedOutput(); err != nil {
		if os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
			t.Fatalf("fetch apache kafka: %v\n%s", err, out)
		}
		t.Skipf("fetch apache kafka: %v\n%s", err, out)
	}
	k := &Kafka{dir: t.TempDir(), port: freePort(t), controller: freePort(t)}
	k.seen = cmp.Or(seen, k.port)
	t.Cleanup(k.Kill)
	return k
}

// script is the shell script that knows how to run Kafka.
func script() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "../../../deploy/local/kafka-test.sh")
}

// Addr returns where it listens.
func (k *Kafka) Addr() string { return "127.0.0.1:" + k.port }

// Start starts it and returns once it makes topics.
func (k *Kafka) Start(t testing.TB) {
	t.Helper()
	var out bytes.Buffer
	k.cmd = exec.Command(script(), "run", k.dir, k.port, k.controller, k.seen)
	k.cmd.Stdout, k.cmd.Stderr = &out, &out
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for !k.ready(ctx) {
		select {
		case <-ctx.Done():
			k.Kill()
			t.Fatalf("apache kafka does not start:\n%s", out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ready reports whether a topic can be made, or is there already.
func (k *Kafka) ready(ctx context.Context) bool {
	conn, err := kafka.DialContext(ctx, "tcp", "127.0.0.1:"+k.seen)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	err = conn.CreateTopics(kafka.TopicConfig{Topic: "ready", NumPartitions: 1, ReplicationFactor: 1})
	return err == nil || errors.Is(err, kafka.TopicAlreadyExists)
}

// Kill ends it at once, if it runs.
func (k *Kafka) Kill() {
	if k.cmd != nil {
		_ = k.cmd.Process.Kill()
		_ = k.cmd.Wait()
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}
