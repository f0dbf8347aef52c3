package edge_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

// slowServer, set to an address, makes this binary the server under attack, so
// that its memory can be told from the attackers'.
const slowServer = "EDGE_TEST_SLOW_SERVER"

func TestMain(m *testing.M) {
	if addr := os.Getenv(slowServer); addr != "" {
		serveSlow(addr)
		return
	}
	os.Exit(m.Run())
}

func serveSlow(addr string) {
	cfg := edge.DefaultConfig()
	cfg.Listen = addr
	read := func(_ context.Context, req *fasthttp.RequestCtx) error {
		b, err := edge.Body(req)
		if err != nil {
			return err
		}
		return edge.Reply(req, http.StatusOK, len(b))
	}
	s, err := edge.New(cfg, edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/callbacks", MaxBodyBytes: 3 << 20, Handler: read}}})
	if err == nil {
		err = s.Run(context.Background())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestSlowConnections opens many connections that declare a large body, or
// never end their header, and asks that the server's memory stays bounded and
// others are answered. FRONTDESK_TEST_SLOW gives their number; the full attack
// is 5000.
func TestSlowConnections(t *testing.T) {
	n := 300
	if v := os.Getenv("FRONTDESK_TEST_SLOW"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < uint64(n)+100 {
		t.Skipf("%d files may be open, %d are needed; raise ulimit -n", limit.Cur, n+100)
	}
	addr, pid := startSlowServer(t)
	for i := range n {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer c.Close()
		request := "POST /callbacks HTTP/1.1\r\nHost: h\r\nContent-Length: 3145728\r\n\r\n" + strings.Repeat("a", 100)
		if i%2 == 1 {
			request = "POST /callbacks HTTP/1.1\r\nHost: h\r\nX-Slow: " + strings.Repeat("a", 8000)
		}
		if _, err := c.Write([]byte(request)); err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	var took []time.Duration
	for range 50 {
		began := time.Now()
		if status, _, body := raw(t, addr, post("/callbacks", "text/plain", strings.Repeat("b", 2000))); status != 200 {
			t.Fatalf("a healthy request under attack: %d %s", status, body)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	rss := residentMB(t, pid)
	t.Logf("%d slow connections: RSS %d MB, healthy request p50 %v p98 %v", n, rss, took[25], took[49])
	if rss > 512 {
		t.Errorf("RSS is %d MB, want at most 512", rss)
	}
}

func startSlowServer(t *testing.T) (addr string, pid int) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	ln.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), slowServer+"="+addr)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for began := time.Now(); ; {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return addr, cmd.Process.Pid
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("the server does not listen: %v", err)
		}
	}
}

func residentMB(t *testing.T, pid int) int {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("memory cannot be read here: %v", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kb >> 10
		}
	}
	t.Fatal("no VmHWM in the status")
	return 0
}
