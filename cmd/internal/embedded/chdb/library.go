package chdb

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb with the functions that are needed of it. A process can
// hold one engine, so there is one library a process.
type library struct {
	signalHandlers func(enabled bool)
	connect        func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn      func(conn unsafe.Pointer)
	query          func(conn unsafe.Pointer, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	destroy      func(result unsafe.Pointer)
	buffer       func(result unsafe.Pointer) unsafe.Pointer
	length       func(result unsafe.Pointer) uintptr
	errorText    func(result unsafe.Pointer) string
	rowsRead     func(result unsafe.Pointer) uint64
	bytesRead    func(result unsafe.Pointer) uint64
	rowsWritten  func(result unsafe.Pointer) uint64
	bytesWritten func(result unsafe.Pointer) uint64
}

// openLibrary loads libchdb from path. It takes some hundred milliseconds the
// first time after the machine's start.
func openLibrary(path string) (lib *library, err error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	defer func() {
		if missing := recover(); missing != nil { // purego panics for a symbol that is not there
			lib, err = nil, fmt.Errorf("load %s: %v", path, missing)
		}
	}()
	lib = &library{}
	for name, fn := range map[string]any{
		"chdb_set_signal_handlers_enabled": &lib.signalHandlers,
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_query_with_params_n":         &lib.query,
		"chdb_destroy_query_result":        &lib.destroy,
		"chdb_result_buffer":               &lib.buffer,
		"chdb_result_length":               &lib.length,
		"chdb_result_error":                &lib.errorText,
		"chdb_result_storage_rows_read":    &lib.rowsRead,
		"chdb_result_storage_bytes_read":   &lib.bytesRead,
		"chdb_result_rows_written":         &lib.rowsWritten,
		"chdb_result_bytes_written":        &lib.bytesWritten,
	} {
		purego.RegisterLibFunc(fn, handle, name)
	}
	lib.signalHandlers(false) // the Go runtime's own must stay
	return lib, nil
}

// connection is one client of the engine. It runs one statement at a time.
type connection struct {
	lib    *library
	handle unsafe.Pointer // chdb_connection *
}

// dial connects to the engine, and starts it if this is the process's first
// connection; args are then the engine's own, "--path=…" among them.
func (l *library) dial(args []string) (*connection, error) {
	argv := make([]unsafe.Pointer, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		argv = append(argv, unsafe.Pointer(unsafe.StringData(a+"\x00")))
	}
	argv = append(argv, nil)
	handle := l.connect(int32(len(argv)-1), unsafe.Pointer(unsafe.SliceData(argv)))
	runtime.KeepAlive(argv)
	if handle == nil || *(*unsafe.Pointer)(handle) == nil {
		return nil, errors.New("the engine does not start: is its data folder in use or damaged?")
	}
	return &connection{lib: l, handle: handle}, nil
}

func (c *connection) close() { c.lib.closeConn(c.handle) }

// result is what a statement gave.
type result struct {
	data                                           []byte
	rowsRead, bytesRead, rowsWritten, bytesWritten uint64
}

// parameter is the value of one {name:Type} of a statement.
type parameter struct{ name, value string }

// run executes one statement and returns its output in format. An error is an
// [*exception].
func (c *connection) run(statement, format string, params []parameter) (result, error) {
	names, nameLens := make([]unsafe.Pointer, len(params)), make([]uintptr, len(params))
	values, valueLens := make([]unsafe.Pointer, len(params)), make([]uintptr, len(params))
	for i, p := range params {
		names[i], nameLens[i] = stringPointer(p.name), uintptr(len(p.name))
		values[i], valueLens[i] = stringPointer(p.value), uintptr(len(p.value))
	}
	res := c.lib.query(*(*unsafe.Pointer)(c.handle),
		stringPointer(statement), uintptr(len(statement)), stringPointer(format), uintptr(len(format)),
		unsafe.Pointer(unsafe.SliceData(names)), unsafe.Pointer(unsafe.SliceData(nameLens)),
		unsafe.Pointer(unsafe.SliceData(values)), unsafe.Pointer(unsafe.SliceData(valueLens)), uintptr(len(params)))
	runtime.KeepAlive([]any{params, names, nameLens, values, valueLens, statement, format})
	if res == nil {
		return result{}, &exception{code: codeLogicalError, text: "the engine gave no result"}
	}
	defer c.lib.destroy(res)
	if text := c.lib.errorText(res); text != "" {
		return result{}, parseException(strings.Clone(text))
	}
	out := result{
		rowsRead: c.lib.rowsRead(res), bytesRead: c.lib.bytesRead(res),
		rowsWritten: c.lib.rowsWritten(res), bytesWritten: c.lib.bytesWritten(res),
	}
	if n := c.lib.length(res); n > 0 {
		out.data = append([]byte(nil), unsafe.Slice((*byte)(c.lib.buffer(res)), n)...)
	}
	return out, nil
}

// stringPointer returns a pointer to s's bytes that is never nil: the engine
// builds a C++ string of it, which nil would break.
func stringPointer(s string) unsafe.Pointer {
	if s == "" {
		s = "\x00"
	}
	return unsafe.Pointer(unsafe.StringData(s))
}
