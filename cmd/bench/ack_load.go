package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A callback of the benchmark is Meta's example of a text message. The contact
// and the message's id differ; both have a fixed length, so they are patched in.
const (
	ackBody = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},` +
		`"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"@CONTACT@@@"}],` +
		`"messages":[{"from":"@CONTACT@@@","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQ@ID@@@@@@@@@","timestamp":"1749416383",` +
		`"type":"text","text":{"body":"Does it come in another color? And can I pick it up on Saturday morning?"}}]},"field":"messages"}]}]}`
	contactMark = "@CONTACT@@@"
	idMark      = "@ID@@@@@@@@@"
	contacts    = 5000
)

var (
	contactAt = bytes.Index([]byte(ackBody), []byte(contactMark))
	fromAt    = bytes.LastIndex([]byte(ackBody), []byte(contactMark))
	idAt      = bytes.Index([]byte(ackBody), []byte(idMark))
)

// contactOf returns the key of a callback of the benchmark.
func contactOf(body []byte) []byte {
	if len(body) < contactAt+len(contactMark) {
		return nil
	}
	return body[contactAt : contactAt+len(contactMark)]
}

// wamid stands before the number in a callback and in the message made of it.
var wamid = []byte("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQ")

// idOf returns the number of a callback of the benchmark, as it was sent or as
// the event that it became.
func idOf(stored []byte) (int64, error) {
	i := bytes.Index(stored, wamid)
	if i < 0 || len(stored) < i+len(wamid)+len(idMark) {
		return 0, errors.New("no callback of this benchmark")
	}
	return strconv.ParseInt(string(stored[i+len(wamid):i+len(wamid)+len(idMark)]), 10, 64)
}

// ledger holds the numbers of what was acknowledged.
type ledger struct {
	last  atomic.Int64 // number of the last callback made
	mu    sync.Mutex
	acked map[int64]struct{}
}

// client is one connection that sends a callback, waits for the answer and
// sends the next.
type client struct {
	conn   net.Conn
	r      *bufio.Reader
	ledger *ledger
	body   []byte
	mac    hash.Hash
	out    []byte
	acked  []int64
}

func newClient(addr string, l *ledger) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, r: bufio.NewReader(conn), ledger: l, body: []byte(ackBody), mac: hmac.New(sha256.New, []byte(ackSecret))}, nil
}

// next writes the next callback, signed, for path.
func (c *client) next(path string) int64 {
	id := c.ledger.last.Add(1)
	copy(c.body[idAt:], fmt.Appendf(c.out[:0], "%0*d", len(idMark), id))
	contact := fmt.Appendf(c.out[:0], "1650%07d", id*7919%contacts)
	copy(c.body[contactAt:], contact)
	copy(c.body[fromAt:], contact)
	c.mac.Reset()
	c.mac.Write(c.body)
	var sum [sha256.Size]byte
	c.out = append(c.out[:0], "POST "...)
	c.out = append(c.out, path...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"+signatureHeader+": sha256="...)
	c.out = hex.AppendEncode(c.out, c.mac.Sum(sum[:0]))
	c.out = append(c.out, "\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(c.body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, c.body...)
	return id
}

// run sends to path until end. It returns the number of answers.
func (c *client) run(path string, end time.Time) (int, error) {
	n := 0
	for time.Now().Before(end) {
		id := c.next(path)
		if _, err := c.conn.Write(c.out); err != nil {
			return n, err
		}
		status, _, err := readAnswer(c.r)
		if err != nil {
			return n, err
		}
		if status != 200 {
			return n, fmt.Errorf("POST %s answered %d", path, status)
		}
		if path == logPath || path == ackPath {
			c.acked = append(c.acked, id)
		}
		n++
	}
	return n, nil
}

// readAnswer reads an HTTP answer that has a Content-Length.
func readAnswer(r *bufio.Reader) (status int, body []byte, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if first && len(line) >= 12 {
			status, _ = strconv.Atoi(string(line[9:12]))
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	body = make([]byte, length)
	_, err = io.ReadFull(r, body)
	return status, body, err
}

// Paths of what is compared: the first three at the baselines' server, the last
// at the edge.
const (
	barePath = "/bare"
	hmacPath = "/hmac"
	logPath  = "/log"
	ackPath  = "/callbacks/whatsapp"
)

// load is many clients of one server.
type load struct {
	addr    string
	cpuAddr string // where the server tells its processor time
	ledger  *ledger
	clients []*client
}

func newLoad(addr string, n int, l *ledger) (*load, error) {
	ld := &load{addr: addr, cpuAddr: addr, ledger: l}
	for range n {
		c, err := newClient(addr, l)
		if err != nil {
			return nil, errors.Join(err, ld.close())
		}
		ld.clients = append(ld.clients, c)
	}
	return ld, nil
}

// slice is what one short measurement found.
type slice struct {
	rate float64 // answers a second
	cpu  float64 // of the server, microseconds an answer
}

// run lets all clients send to path for d.
func (l *load) run(ctx context.Context, path string, d time.Duration) (slice, error) {
	before, err := l.serverCPU()
	if err != nil {
		return slice{}, err
	}
	begin := time.Now()
	counts, errs := make([]int, len(l.clients)), make([]error, len(l.clients))
	var all sync.WaitGroup
	for i, c := range l.clients {
		all.Go(func() { counts[i], errs[i] = c.run(path, begin.Add(d)) })
	}
	all.Wait()
	took := time.Since(begin)
	after, err := l.serverCPU()
	if err := errors.Join(append(errs, err, ctx.Err())...); err != nil {
		return slice{}, err
	}
	n := 0
	for _, c := range counts {
		n += c
	}
	return slice{float64(n) / took.Seconds(), float64((after - before).Microseconds()) / float64(n)}, nil
}

// serverCPU asks the server for its processor time.
func (l *load) serverCPU() (time.Duration, error) {
	conn, err := net.Dial("tcp", l.cpuAddr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /cpu HTTP/1.1\r\nHost: bench\r\n\r\n"); err != nil {
		return 0, err
	}
	_, body, err := readAnswer(bufio.NewReader(conn))
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(string(body), 10, 64)
	return time.Duration(ns), err
}

// close hangs up and puts what was acknowledged into the ledger.
func (l *load) close() error {
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	var err error
	for _, c := range l.clients {
		for _, id := range c.acked {
			l.ledger.acked[id] = struct{}{}
		}
		err = errors.Join(err, c.conn.Close())
	}
	return err
}
