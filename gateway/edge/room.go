package edge

import (
	"context"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/semaphore"
)

// room is what large bodies may have together in memory. A body takes of it
// what its header declares, or as much as its route allows, before it is read,
// and gives it back when the handler is done.
type room struct {
	all   int64
	small int64 // what takes nothing
	left  *semaphore.Weighted
}

func newRoom(cfg Config) *room {
	return &room{int64(cfg.LargeBodiesBytes), int64(cfg.MaxBodyBytes), semaphore.NewWeighted(int64(cfg.LargeBodiesBytes))}
}

// place is what the body of one request has of the room.
type place struct {
	*room
	base context.Context
	has  int64
}

// roomy is work for routes whose bodies may be large.
func (s *Server) roomy(work func(*Route, *fasthttp.RequestCtx) error) func(*Route, *fasthttp.RequestCtx) error {
	return func(route *Route, req *fasthttp.RequestCtx) error {
		p := &place{room: s.room, base: s.base}
		req.SetUserValue(placeKey, p)
		defer p.leave()
		return work(route, req)
	}
}

// enter waits a moment until there is room for the body of req, of which at most
// limit bytes are read. Where there is none it is a fault 503.
func (p *place) enter(req *fasthttp.RequestCtx, limit int) error {
	n := int64(req.Request.Header.ContentLength())
	if n > int64(limit) || n >= 0 && n <= p.small { // refused, or not worth it
		return nil
	}
	if n < 0 { // it does not say
		n = int64(limit)
	}
	n = min(n, p.all)
	ctx, cancel := context.WithTimeout(p.base, crowdWait)
	defer cancel()
	if p.left.Acquire(ctx, n) != nil {
		return faultCrowded
	}
	p.has += n
	return nil
}

func (p *place) leave() {
	p.left.Release(p.has)
	p.has = 0
}
