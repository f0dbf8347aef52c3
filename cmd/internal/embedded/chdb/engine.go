package chdb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// Config is how to run an engine.
type Config struct {
	// Library is the path of libchdb.so.
	Library string
	// Path is the folder that holds the data. It is made if it is not there,
	// and may be used by one engine at a time.
	Path string
	// Password is what every request but /ping must bear, under any user name.
	// It must not be empty.
	Password string
	// Connections is the number of statements that run at once; others wait
	// for their turn. 0 is 4.
	Connections int
	// StatementLimit is the longest time a statement may take, and the
	// longest that one waits for its turn. 0 is one minute.
	StatementLimit time.Duration
	// Grace is what a statement gets beyond its limit before it is called
	// stuck: the engine looks at the clock between blocks only. 0 is 30 s.
	Grace time.Duration
	// MemoryBytes is the most that the engine may take; a statement that would
	// need more fails. 0 is 2 GiB.
	MemoryBytes uint64
	// BodyBytes is the largest body of an insert, after decompression. 0 is
	// 256 MiB.
	BodyBytes int64
}

func (c Config) withDefaults() Config {
	if c.Connections == 0 {
		c.Connections = 4
	}
	if c.StatementLimit == 0 {
		c.StatementLimit = time.Minute
	}
	if c.Grace == 0 {
		c.Grace = 30 * time.Second
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = 2 << 30
	}
	if c.BodyBytes == 0 {
		c.BodyBytes = 256 << 20
	}
	return c
}

// ErrStuck is what [Engine.Serve] returns when a statement outlived its limit
// and could not be killed. The process must end then: the library cannot be
// used on, nor closed.
var ErrStuck = errors.New("a statement is stuck in the engine")

// StopWithin is how long [Engine.Serve] may take to end. What still runs then
// is cut off with the process, which loses nothing that was answered.
const StopWithin = 5 * time.Second

// Engine is a running engine.
type Engine struct {
	cfg     Config
	lib     *library
	keeper  *connection // held so that the engine lives between requests
	turns   chan struct{}
	inserts string // folder of the bodies that are being inserted
	serial  atomic.Uint64
	stuck   chan struct{}
}

// Open loads the library and starts the engine on cfg.Path.
func Open(cfg Config) (*Engine, error) {
	cfg = cfg.withDefaults()
	if cfg.Password == "" || cfg.Library == "" || cfg.Path == "" {
		return nil, errors.New("open engine: library, path and password are needed")
	}
	e := &Engine{cfg: cfg, turns: make(chan struct{}, cfg.Connections), stuck: make(chan struct{}, 1)}
	if err := e.folders(); err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	var err error
	if e.lib, err = openLibrary(cfg.Library); err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	if e.keeper, err = e.dial(); err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	return e, nil
}

// folders makes the data folder and an empty one for bodies, so that what a
// killed engine left of an insert is gone.
func (e *Engine) folders() error {
	e.inserts = filepath.Join(e.cfg.Path, "inserts")
	if err := os.RemoveAll(e.inserts); err != nil {
		return err
	}
	for _, dir := range []string{e.data(), e.inserts} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) data() string { return filepath.Join(e.cfg.Path, "data") }

func (e *Engine) dial() (*connection, error) {
	return e.lib.dial([]string{
		"--path=" + e.data(),
		"--max_server_memory_usage=" + strconv.FormatUint(e.cfg.MemoryBytes, 10),
	})
}

// Serve answers requests on ln until ctx ends and then closes the engine; it
// can be called once. It returns nil after such an end, and [ErrStuck] without
// closing anything where the process must end.
func (e *Engine) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           http.HandlerFunc(e.serve),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve engine: %w", err)
	case <-e.stuck:
		return ErrStuck
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), StopWithin-time.Second)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return ErrStuck // a statement still runs in the library
	}
	e.keeper.close()
	return nil
}

// execute runs st in a connection of its own, so that nothing one request sets
// is there for the next. It waits for a turn, kills the statement when ctx
// ends, and returns only once the engine is done with it.
func (e *Engine) execute(ctx context.Context, st statement) (result, error) {
	waiting, cancel := context.WithTimeout(ctx, e.cfg.StatementLimit)
	defer cancel()
	select {
	case e.turns <- struct{}{}:
		defer func() { <-e.turns }()
	case <-waiting.Done():
		return result{}, &exception{code: codeTooManyQueries, text: "Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)"}
	}
	conn, err := e.dial()
	if err != nil {
		return result{}, &exception{code: codeLogicalError, text: err.Error()}
	}
	defer conn.close()
	tag := "frontdesk-" + strconv.FormatUint(e.serial.Add(1), 10)
	for _, prelude := range st.preludes(e.cfg.StatementLimit, tag) {
		if _, err := conn.run(prelude, "Null", nil); err != nil {
			return result{}, err
		}
	}
	defer time.AfterFunc(e.cfg.StatementLimit+e.cfg.Grace, e.giveUp).Stop()
	defer context.AfterFunc(ctx, func() { e.kill(tag) })()
	return conn.run(st.text, st.format, st.params)
}

func (e *Engine) giveUp() {
	select {
	case e.stuck <- struct{}{}:
	default:
	}
}

// kill asks the engine to end the statement that bears tag.
func (e *Engine) kill(tag string) {
	conn, err := e.dial()
	if err != nil {
		return // the engine is going down; the statement goes with it
	}
	defer conn.close()
	_, _ = conn.run("KILL QUERY WHERE Settings['log_comment'] = {tag:String} ASYNC", "Null", []parameter{{"tag", tag}})
}
