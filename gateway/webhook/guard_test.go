package webhook_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"frontdesk/gateway/webhook"
)

// hostile are hosts that webhooks must not reach.
var hostile = []string{
	"127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0", "[::]", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
	"169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:7f00:1]",
	"[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001::1]", "[2001:db8::1]",
	"192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[100::1]", "localhost",
	"8.8.8.8:22", "8.8.8.8:25", "8.8.8.8:5432",
}

func TestGuard(t *testing.T) {
	closed := webhook.NewGuard()
	off := webhook.NewGuard(netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")) // what the test finds without a guard
	for _, host := range hostile {
		url := "https://" + host + "/hook"
		var wrong *webhook.InvalidError
		if err := closed.CheckURL(url); !errors.As(err, &wrong) || wrong.Field != "url" {
			t.Errorf("%s is allowed: %v", url, err)
		}
		if err := off.CheckURL(url); err != nil {
			t.Errorf("%s is refused with the guard off, so it proves nothing: %v", url, err)
		}
	}
	for _, url := range []string{"https://8.8.8.8/", "https://93.184.216.34:8443/a?b=c", "https://[2606:4700::1111]/", "https://example.com"} {
		if err := closed.CheckURL(url); err != nil {
			t.Errorf("%s is refused: %v", url, err)
		}
	}
	some := webhook.NewGuard(netip.MustParsePrefix("10.1.0.0/16"))
	for url, allowed := range map[string]bool{"http://10.1.2.3:8080/": true, "https://10.1.2.3/": true, "http://10.2.0.1/": false, "https://[::ffff:10.1.2.3]/": true, "http://8.8.8.8/": false} {
		if err := some.CheckURL(url); (err == nil) != allowed {
			t.Errorf("where 10.1.0.0/16 is allowed, %s: %v", url, err)
		}
	}
}

// resolver answers every question with the address that at returns.
func resolver(t testing.TB, at func() netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := resolve(buf[:n], at()); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func resolve(question []byte, at netip.Addr) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative = true, true
	m.Additionals = nil
	q := m.Questions[0]
	head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
	if q.Type == dnsmessage.TypeA && at.Is4() {
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: at.As4()}}}
	}
	if q.Type == dnsmessage.TypeAAAA && at.Is6() {
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: at.As16()}}}
	}
	return m.Pack()
}

// TestNamesThatLeadInside has names resolve to what is not public, or be odd
// ways to write it: the guard looks at what is dialled.
func TestNamesThatLeadInside(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} { // with the guard off all of them get through
		w := newWorld(t)
		dev := listen(t, nil)
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(dev.URL, "http://"))
		names := []string{"innocent.example.com", "127.0.0.1.nip.io", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "ⓛocalhost.example"}
		for _, name := range names {
			w.endpoint(t, "acme", "http://"+name+":"+port+"/", nil)
		}
		w.run(t, func(c *webhook.Config) {
			c.Resolver = resolver(t, func() netip.Addr { return netip.MustParseAddr("127.0.0.1") })
			if c.Allow = nil; allowed {
				c.Allow = loopback
			}
		})
		w.take(t, opened(t, "acme", "1"))
		if allowed {
			dev.await(t, 4) // names of digits alone are no hosts to begin with
			continue
		}
		list, _, err := w.store.Endpoints(t.Context(), "acme", 100, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			d := w.settled(t, "acme", e.ID, attempts(1))
			if d.Status != webhook.Pending || d.ResponseStatus != 0 || strings.Contains(d.Error, "127.") {
				t.Errorf("%s: %+v", e.URL, d)
			}
		}
		if n := len(dev.all()); n != 0 {
			t.Errorf("%d requests got inside", n)
		}
	}
}

// TestRebinding lets a name resolve to an allowed address at first and to
// another one later.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		allow string
		leaks bool
	}{
		{"only the first is allowed", "127.0.0.2/32", false},
		{"with the guard off the second is reached", "127.0.0.0/8", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			good, inside, port := listenAtBoth(t, "127.0.0.2", "127.0.0.1")
			var at atomic.Value
			at.Store(netip.MustParseAddr("127.0.0.2"))
			e, _ := w.endpoint(t, "acme", "http://rebind.example.com:"+strconv.Itoa(port)+"/", nil)
			w.run(t, func(c *webhook.Config) {
				c.Allow = []netip.Prefix{netip.MustParsePrefix(tt.allow)}
				c.Resolver = resolver(t, func() netip.Addr { a, _ := at.Load().(netip.Addr); return a })
			})
			w.take(t, opened(t, "acme", "1"))
			w.settled(t, "acme", e.ID, is(webhook.Delivered))
			at.Store(netip.MustParseAddr("127.0.0.1"))
			second := opened(t, "acme", "2")
			w.take(t, second)
			d := w.settled(t, "acme", e.ID, func(d webhook.Delivery) bool {
				return d.EventID == second.ID && d.Attempts > 0 && (d.SettledAt.IsZero() == (d.Error != ""))
			})
			if good.Load() != 1 || (inside.Load() > 0) != tt.leaks {
				t.Errorf("%d requests at the allowed address and %d at the other; %+v", good.Load(), inside.Load(), d)
			}
		})
	}
}

// listenAtBoth serves on one port of two addresses, closing each connection after
// its answer, and counts the requests of each.
func listenAtBoth(t testing.TB, one, other string) (atOne, atOther *atomic.Int64, port int) {
	t.Helper()
	for range 50 { // the other's may be taken
		first, err := net.Listen("tcp", net.JoinHostPort(one, "0"))
		if err != nil {
			t.Fatal(err)
		}
		at, _ := first.Addr().(*net.TCPAddr)
		second, err := net.Listen("tcp", net.JoinHostPort(other, strconv.Itoa(at.Port)))
		if err == nil {
			return serveOn(t, first), serveOn(t, second), at.Port
		}
		_ = first.Close()
	}
	t.Fatal("no port is free at both addresses")
	return nil, nil, 0
}

func serveOn(t testing.TB, ln net.Listener) *atomic.Int64 {
	n := &atomic.Int64{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Connection", "close")
	}))
	_ = s.Listener.Close()
	s.Listener = ln
	s.Start()
	t.Cleanup(s.Close)
	return n
}

// TestTLS delivers over TLS where the certificate is good, and not where it is
// not.
func TestTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got atomic.Int64
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	t.Cleanup(s.Close)

	e, _ := w.endpoint(t, "acme", s.URL, nil)
	_, stop := w.run(t, nil) // does not know the authority
	w.take(t, opened(t, "acme", "1"))
	d := w.settled(t, "acme", e.ID, attempts(1))
	if d.Status != webhook.Pending || d.Error != "the TLS certificate is not valid for the host" || got.Load() != 0 {
		t.Errorf("with an unknown authority: %+v", d)
	}
	stop()
	w.due(t)
	w.run(t, func(c *webhook.Config) { c.Roots = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs })
	w.settled(t, "acme", e.ID, is(webhook.Delivered))
	if got.Load() != 1 {
		t.Errorf("%d requests, want 1", got.Load())
	}
}
