package embedded

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

const (
	tailLines    = 8
	maxLineBytes = 1024
)

// outputTail logs what a child prints, line by line, and keeps the last lines
// to explain its end.
type outputTail struct {
	log *slog.Logger

	mu   sync.Mutex
	rest []byte // a line not yet ended
	last []string
}

// Write takes all of p and returns no error.
func (o *outputTail) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, whole := bytes.Cut(o.rest, []byte("\n"))
		if !whole && len(o.rest) < maxLineBytes {
			return len(p), nil
		}
		if !whole {
			line, rest = o.rest[:maxLineBytes], o.rest[maxLineBytes:]
		}
		o.take(strings.ToValidUTF8(strings.TrimSpace(string(line)), "?"))
		o.rest = append([]byte(nil), rest...)
	}
}

func (o *outputTail) take(line string) {
	if line == "" {
		return
	}
	o.log.Debug(line)
	o.last = append(o.last, line)
	if len(o.last) > tailLines {
		o.last = o.last[1:]
	}
}

// explain returns err, or that the child ended by itself, with its last lines.
func (o *outputTail) explain(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		err = errEnded
	}
	if len(o.last) == 0 {
		return err
	}
	return fmt.Errorf("%w; its last words: %s", err, strings.Join(o.last, " | "))
}
