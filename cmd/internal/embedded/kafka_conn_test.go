package embedded

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// Connections in memory behave as those over TCP do.
func TestMemoryConn(t *testing.T) {
	pair := func() (net.Conn, net.Conn) { return newConnPair() }
	t.Run("what is written is read in order, however large", func(t *testing.T) {
		near, far := pair()
		sent := bytes.Repeat([]byte("0123456789abcdef"), 3*streamBytes/16+7)
		var all sync.WaitGroup
		all.Go(func() {
			if n, err := near.Write(sent); n != len(sent) || err != nil {
				t.Errorf("Write() = %d, %v", n, err)
			}
			_ = near.Close()
		})
		got, err := io.ReadAll(far)
		if all.Wait(); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %d bytes, %v, want the %d written", len(got), err, len(sent))
		}
	})
	t.Run("a writer waits for a reader that is far behind", func(t *testing.T) {
		near, _ := pair()
		_ = near.SetWriteDeadline(time.Now().Add(time.Millisecond))
		n, err := near.Write(make([]byte, streamBytes+1))
		if n != streamBytes || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write() = %d, %v, want %d and a timeout", n, err, streamBytes)
		}
	})
	t.Run("a deadline ends a read, as a timeout, and a later one allows it again", func(t *testing.T) {
		near, far := pair()
		_ = far.SetDeadline(time.Now().Add(time.Millisecond))
		_, err := far.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("Read() error = %v, want a timeout", err)
		}
		_, _ = near.Write([]byte("x"))
		_ = far.SetDeadline(time.Time{})
		if n, err := far.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("Read() = %d, %v", n, err)
		}
	})
	t.Run("a deadline that is set while a read waits ends it", func(t *testing.T) {
		_, far := pair()
		got := make(chan error)
		go func() { _, err := far.Read(make([]byte, 1)); got <- err }()
		_ = far.SetReadDeadline(time.Unix(1, 0))
		if err := <-got; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read() error = %v, want a timeout", err)
		}
	})
	t.Run("after a close nothing is read or written, but what was written comes", func(t *testing.T) {
		near, far := pair()
		_, _ = near.Write([]byte("last"))
		_ = near.Close()
		if got, err := io.ReadAll(far); string(got) != "last" || err != nil {
			t.Errorf("ReadAll() = %q, %v", got, err)
		}
		if _, err := far.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Write() to a closed connection: %v", err)
		}
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read() after Close: %v", err)
		}
	})
}

// Those inside and outside of the process meet at one door, which is shut for
// both.
func TestEntrance(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := openEntrance(ln)
	dials := map[string]func() (net.Conn, error){
		"tcp":    func() (net.Conn, error) { return net.Dial("tcp", e.Addr().String()) },
		"memory": func() (net.Conn, error) { return e.dial(t.Context()) },
	}
	for name, dial := range dials {
		accepted := make(chan net.Conn, 1)
		go func() { c, _ := e.Accept(); accepted <- c }()
		near, err := dial()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		far := <-accepted
		if _, err := near.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
		_ = near.Close()
		if got, err := io.ReadAll(far); string(got) != name || err != nil {
			t.Errorf("%s: read %q, %v", name, got, err)
		}
		_ = far.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("dial() without anybody to accept = %v, want the context's end", err)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if _, err := e.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept() after Close = %v", err)
	}
	for name, dial := range dials {
		if c, err := dial(); err == nil {
			t.Errorf("%s: dialled a closed door: %v", name, c.RemoteAddr())
		}
	}
}
