package webhook

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrForbidden is given where a URL leads to an address that webhooks may not
// reach.
var ErrForbidden = errors.New("the URL leads to an address that is not public; only FRONTDESK_WEBHOOK_ALLOW can allow it")

// ports are those of public addresses that may be called.
var ports = []uint16{443, 8443}

// Guard keeps webhooks from private, loopback, link-local and other addresses
// that are not the public internet, however they are written. It looks at the
// address that is dialled, after names were resolved, so a name that resolves
// to something else the next time gets nowhere.
type Guard struct {
	allow  []netip.Prefix
	public *ssrf.Guardian
}

// NewGuard returns a guard that makes exceptions for the ranges of allow:
// these may be called on any port, and without TLS.
func NewGuard(allow ...netip.Prefix) *Guard {
	return &Guard{allow: allow, public: ssrf.New(ssrf.WithPorts(ports...))}
}

func (g *Guard) allowed(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// CheckURL returns an *InvalidError for a URL that can be seen not to be
// allowed: without TLS where no range is allowed, or with such an address in
// it. What a name resolves to is seen when it is dialled.
func (g *Guard) CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || !plainURL(raw) {
		return &InvalidError{"url", "a URL such as https://example.com/hooks is expected, without a name and password and without a #"}
	}
	if u.Scheme != "https" && len(g.allow) == 0 {
		return &InvalidError{"url", "a URL that begins with https:// is expected"}
	}
	host := u.Hostname()
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	secure := u.Scheme == "https"
	if err := g.control(secure)("tcp", netip.AddrPortFrom(ip, portOf(u)).String(), nil); err != nil {
		return &InvalidError{"url", ErrForbidden.Error()}
	}
	return nil
}

func portOf(u *url.URL) uint16 {
	if p, err := netip.ParseAddrPort("0.0.0.0:" + u.Port()); err == nil {
		return p.Port()
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

// plainURL reports whether s is an http or https URL without credentials and
// fragment.
func plainURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Fragment == "" &&
		!strings.ContainsAny(s, " \x00\r\n\t#")
}

// control is asked about each address before it is connected to.
func (g *Guard) control(secure bool) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return ErrForbidden
		}
		if g.allowed(at.Addr()) {
			return nil
		}
		if at.Addr().Is4() {
			network = "tcp4"
		} else {
			network = "tcp6"
		}
		if !secure || g.public.Safe(network, address, c) != nil {
			return ErrForbidden
		}
		return nil
	}
}

// dialer returns what connects for a transport: guarded, with no proxy between.
func (g *Guard) dialer(secure bool, resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: g.control(secure), Resolver: resolver}
	return d.DialContext
}
