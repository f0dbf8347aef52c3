package edge

import (
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// ClientNetwork returns what limits of unknown callers go by: the address as
// clientAddr finds it, or the network of 64 bits that an IPv6 address is in,
// since whoever has one has all of it.
func ClientNetwork(req *fasthttp.RequestCtx, proxies []netip.Prefix) string {
	addr := clientAddr(req, proxies)
	if addr.Is6() {
		if network, err := addr.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return addr.String()
}

// clientAddr returns the address of the caller: the peer's, or, where the peer
// is a trusted proxy, the last one in X-Forwarded-For that is not.
func clientAddr(req *fasthttp.RequestCtx, proxies []netip.Prefix) netip.Addr {
	addr, _ := netip.AddrFromSlice(req.RemoteIP())
	addr = addr.Unmap()
	if !trusted(addr, proxies) {
		return addr
	}
	hops := strings.Split(string(req.Request.Header.Peek("X-Forwarded-For")), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr
		}
		addr = hop.Unmap()
		if !trusted(addr, proxies) {
			return addr
		}
	}
	return addr
}

func trusted(addr netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
