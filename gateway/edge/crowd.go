package edge

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// crowdWait is how long a request waits for others of its route to end.
const crowdWait = 3 * time.Second

var faultCrowded = &Fault{
	Status: http.StatusServiceUnavailable, Code: "unavailable", Refused: true,
	Detail: "too many files are on their way; try again", RetryAfter: 2 * time.Second,
}

// crowded is run for as many requests at once as room holds. One that was
// answered well keeps its place until the answer is written, as that is in
// memory; one that failed leaves at once, whatever is left to read of it.
func (s *Server) crowded(room chan struct{}) func(*Route, *fasthttp.RequestCtx) error {
	leave := func() { <-room }
	return func(route *Route, req *fasthttp.RequestCtx) error {
		select {
		case room <- struct{}{}:
		case <-time.After(crowdWait):
			return faultCrowded
		case <-s.base.Done():
			return faultCrowded
		}
		err := s.run(route, req)
		if body := req.Response.Body(); err == nil && len(body) > 0 && !req.Response.IsBodyStream() {
			req.Response.SetBodyStream(&placed{Reader: bytes.NewReader(body), leave: leave}, len(body))
			return nil
		}
		leave()
		return err
	}
}

// placed is an answer that has a place until it is closed: fasthttp does that
// once it is written, or the connection has ended.
type placed struct {
	*bytes.Reader
	once  sync.Once
	leave func()
}

func (p *placed) Close() error {
	p.once.Do(p.leave)
	return nil
}
