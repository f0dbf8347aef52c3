package dispatch

import (
	"net/http"
	"time"
)

// NewTransport returns a transport for senders that keeps connections to a few
// hosts open for hundreds of calls at once, and goes through no proxy but the
// one that the environment names. The default transport would keep two.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 1024, 256
	t.IdleConnTimeout = 50 * time.Second // before a provider's own end of it, which would cost a message its answer
	return t
}
