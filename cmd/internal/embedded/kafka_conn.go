package embedded

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// entrance is the broker's listener: those outside this process come over TCP,
// those inside over connections in memory, which cost no system calls.
type entrance struct {
	net.Listener
	came   chan arrival
	closed chan struct{}
	once   sync.Once
	accept sync.WaitGroup
}

type arrival struct {
	conn net.Conn
	err  error
}

// openEntrance wraps a listener, whose connections it takes from then on.
func openEntrance(ln net.Listener) *entrance {
	e := &entrance{Listener: ln, came: make(chan arrival), closed: make(chan struct{})}
	e.accept.Go(func() {
		for {
			conn, err := ln.Accept()
			select {
			case e.came <- arrival{conn, err}:
			case <-e.closed:
				if err == nil {
					_ = conn.Close()
				}
				return
			}
		}
	})
	return e
}

func (e *entrance) Accept() (net.Conn, error) {
	select {
	case a := <-e.came:
		return a.conn, a.err
	case <-e.closed:
		return nil, net.ErrClosed
	}
}

func (e *entrance) Close() error {
	var err error
	e.once.Do(func() {
		close(e.closed)
		err = e.Listener.Close()
		e.accept.Wait()
	})
	return err
}

// dial connects from within this process.
func (e *entrance) dial(ctx context.Context) (net.Conn, error) {
	near, far := newConnPair()
	select {
	case e.came <- arrival{conn: far}:
		return near, nil
	case <-e.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: e.Addr(), Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// streamBytes is how much lies in one direction of a connection before a
// writer waits for the reader.
const streamBytes = 1 << 20

// byteStream is one direction of a connection in memory.
type byteStream struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte // buf[from:] is not read yet
	from    int
	ended   bool // no more will be written
	dropped bool // nobody will read
	timer   *time.Timer
}

func newByteStream() *byteStream {
	s := &byteStream{}
	s.changed.L = &s.mu
	return s
}

// wait returns when s has changed, or an error where the deadline has passed.
// The mutex is held; a deadline that is set meanwhile counts.
func (s *byteStream) wait(deadline *time.Time) error {
	if !deadline.IsZero() {
		left := time.Until(*deadline)
		if left <= 0 {
			return os.ErrDeadlineExceeded
		}
		if s.timer == nil {
			s.timer = time.AfterFunc(left, s.stir)
		} else {
			s.timer.Reset(left)
		}
		defer s.timer.Stop()
	}
	s.changed.Wait()
	return nil
}

func (s *byteStream) stir() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

func (s *byteStream) end(dropped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.dropped = true, s.dropped || dropped
	s.changed.Broadcast()
}

func (s *byteStream) read(p []byte, deadline *time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.buf) == s.from && len(p) > 0 {
		switch {
		case s.dropped:
			return 0, net.ErrClosed
		case s.ended:
			return 0, io.EOF
		}
		if err := s.wait(deadline); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buf[s.from:])
	if s.from += n; s.from == len(s.buf) {
		if s.buf, s.from = s.buf[:0], 0; cap(s.buf) > streamBytes/4 {
			s.buf = nil // most requests are small
		}
	}
	s.changed.Broadcast()
	return n, nil
}

func (s *byteStream) write(p []byte, deadline *time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for {
		if s.ended {
			return written, io.ErrClosedPipe
		}
		n := min(len(p), streamBytes-(len(s.buf)-s.from))
		s.buf, p, written = append(s.buf, p[:n]...), p[n:], written+n
		s.changed.Broadcast()
		if len(p) == 0 {
			return written, nil
		}
		if err := s.wait(deadline); err != nil {
			return written, err
		}
	}
}

// memoryConn is one end of a connection within this process. It behaves like
// a TCP connection over loopback, but what was written before a Close is always
// read.
type memoryConn struct {
	in, out           *byteStream
	readEnd, writeEnd time.Time // of in's and of out's mutex
}

func newConnPair() (near, far *memoryConn) {
	to, fro := newByteStream(), newByteStream()
	return &memoryConn{in: fro, out: to}, &memoryConn{in: to, out: fro}
}

func (c *memoryConn) Read(p []byte) (int, error)  { return c.in.read(p, &c.readEnd) }
func (c *memoryConn) Write(p []byte) (int, error) { return c.out.write(p, &c.writeEnd) }

func (c *memoryConn) Close() error {
	c.out.end(false)
	c.in.end(true)
	return nil
}

var memoryAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}

func (c *memoryConn) LocalAddr() net.Addr  { return memoryAddr }
func (c *memoryConn) RemoteAddr() net.Addr { return memoryAddr }

func (c *memoryConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	c.in.set(&c.readEnd, t)
	return nil
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	c.out.set(&c.writeEnd, t)
	return nil
}

// set moves a deadline; who waits for the earlier one waits for this one then.
func (s *byteStream) set(deadline *time.Time, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*deadline = t
	s.changed.Broadcast()
}
