package stream

import (
	"context"
	"net"
	"sync"
)

// dials are the connections of one membership. To join a group is to wait for
// all of its members, for as long as the slowest may take, and the library that
// asks cannot be told to stop: hanging up ends it.
type dials struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu   sync.Mutex
	open map[*dialled]struct{}
}

// dialled is a connection that is known until it is closed.
type dialled struct {
	net.Conn
	of *dials
}

func newDials(cfg Config) *dials {
	return &dials{
		dial: func(ctx context.Context, _, addr string) (net.Conn, error) { return cfg.dial(ctx, addr) },
		open: map[*dialled]struct{}{},
	}
}

// place makes a connection. It is what a kafka.Dialer wants.
func (c *dials) place(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := c.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	made := &dialled{conn, c}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[made] = struct{}{}
	return made, nil
}

// Close ends the connection.
func (c *dialled) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// hangUp ends what is open. Connections made later are not affected.
func (c *dials) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for open := range c.open {
		_ = open.Conn.Close()
	}
}
