package stream

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/apiversions"
)

// wire is one connection to one broker, with kafka-go's codec. It is used by
// one goroutine at a time. kafka-go's Transport would choose the connection
// itself, which leaves no way to send what no partition's leader can be read
// from (an incremental fetch), and costs two more goroutines a request.
type wire struct {
	net   net.Conn
	proto *protocol.Conn
}

// wireBuffer is how much of an answer is read from the socket at a time;
// kafka-go's own 4 KiB cost a system call each.
const wireBuffer = 64 << 10

// buffered reads a connection in larger steps.
type buffered struct {
	net.Conn
	r *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

// dial connects to addr and learns which versions its broker speaks.
func dial(ctx context.Context, addr string, c Config) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, c.DialTimeout)
	defer cancel()
	conn, err := c.dial(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("connect to broker: %w", err)
	}
	w := &wire{net: conn}
	w.proto = protocol.NewConn(buffered{conn, bufio.NewReaderSize(conn, wireBuffer)}, c.ClientID)
	if err := w.greet(ctx); err != nil {
		w.close()
		return nil, fmt.Errorf("greet broker %s: %w", addr, err)
	}
	return w, nil
}

func (w *wire) greet(ctx context.Context) error {
	res, err := w.roundTrip(ctx, new(apiversions.Request), time.Time{})
	if err != nil {
		return err
	}
	answer := res.(*apiversions.Response)
	if answer.ErrorCode != 0 {
		return kafka.Error(answer.ErrorCode)
	}
	versions := make(map[protocol.ApiKey]int16, len(answer.ApiKeys))
	for _, k := range answer.ApiKeys {
		key := protocol.ApiKey(k.ApiKey)
		versions[key] = key.SelectVersion(k.MinVersion, k.MaxVersion)
	}
	w.proto.SetVersions(versions)
	return nil
}

// roundTrip sends req and returns its answer. It ends at deadline (none if
// zero), and when ctx does. After an error the connection is of no more use.
func (w *wire) roundTrip(ctx context.Context, req protocol.Message, deadline time.Time) (protocol.Message, error) {
	if d, ok := ctx.Deadline(); ok && (deadline.IsZero() || d.Before(deadline)) {
		deadline = d
	}
	if err := w.net.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { _ = w.net.SetDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	return w.proto.RoundTrip(req)
}

func (w *wire) close() { _ = w.net.Close() }
