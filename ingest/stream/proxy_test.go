package stream_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between the clients and a broker, which advertises the proxy's
// address. It can hold back the broker's answers, or hang up.
type proxy struct {
	ln net.Listener

	mu      sync.Mutex
	backend string
	held    chan struct{} // answers wait until it is closed; nil: they do not
	conns   map[net.Conn]struct{}
	closed  bool
	all     sync.WaitGroup
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{ln: ln, conns: map[net.Conn]struct{}{}}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.release()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *proxy) addr() string { return p.ln.Addr().String() }

func (p *proxy) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.all.Go(func() { p.serve(c) })
	}
}

func (p *proxy) serve(c net.Conn) {
	p.mu.Lock()
	backend := p.backend
	p.mu.Unlock()
	b, err := net.Dial("tcp", backend)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	if p.closed {
		_, _ = c.Close(), b.Close()
		p.mu.Unlock()
		return
	}
	p.conns[c], p.conns[b] = struct{}{}, struct{}{}
	p.mu.Unlock()
	p.all.Go(func() {
		_, _ = io.Copy(b, c)
		_, _ = b.Close(), c.Close()
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := b.Read(buf)
		p.mu.Lock()
		held := p.held
		p.mu.Unlock()
		if held != nil {
			<-held
		}
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = b.Close(), c.Close()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, b)
	p.mu.Unlock()
}

// behind puts the proxy before another address.
func (p *proxy) behind(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backend = addr
}

// hold keeps the broker's answers back until release.
func (p *proxy) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = make(chan struct{})
	}
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// cut hangs up on everybody.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}
