package chdb

import (
	"bufio"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// queryBytes is the longest query. ClickHouse itself parses no more than
// max_query_size of it, 256 KiB, but for the values of an INSERT.
const queryBytes = 16 << 20

// serve answers one request.
func (e *Engine) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" || r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.RawQuery == "" {
		_, _ = io.WriteString(w, "Ok.\n")
		return
	}
	if err := e.answer(w, r); err != nil {
		writeException(w, err)
	}
}

// answer runs r's statement and writes its result. Nothing was written if it
// returns an error.
func (e *Engine) answer(w http.ResponseWriter, r *http.Request) error {
	if !e.allowed(r) {
		return &exception{code: codeAuthentication, text: "Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"}
	}
	st, err := parseStatement(r.URL.Query())
	if err != nil {
		return err
	}
	st.readOnly = r.Method == http.MethodGet
	done, err := e.fill(&st, w, r)
	if err != nil {
		return err
	}
	defer done()
	res, err := e.execute(r.Context(), st)
	if err != nil {
		return err
	}
	if st.revision > 0 && strings.EqualFold(st.resultFormat(), "Native") {
		if res.data, err = reencode(res.data, st.revision); err != nil {
			return &exception{code: codeNotImplemented, text: err.Error() + " (NOT_IMPLEMENTED)"}
		}
	}
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("X-ClickHouse-Format", st.resultFormat())
	header.Set("X-ClickHouse-Query-Id", r.URL.Query().Get("query_id"))
	header.Set("X-ClickHouse-Server-Display-Name", "frontdesk")
	header.Set("X-ClickHouse-Summary", fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d"}`,
		res.rowsRead, res.bytesRead, res.rowsWritten, res.bytesWritten))
	if err := writeResult(w, r, res.data); err != nil {
		panic(http.ErrAbortHandler) // the client is gone, or must learn that this is not all
	}
	return nil
}

// allowed reports whether r bears the password, in any of the three places
// where ClickHouse looks for it.
func (e *Engine) allowed(r *http.Request) bool {
	_, given, ok := r.BasicAuth()
	if key := r.Header.Get("X-ClickHouse-Key"); !ok && key != "" {
		given, ok = key, true
	}
	if !ok {
		given = r.URL.Query().Get("password")
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(e.cfg.Password)) == 1
}

// fill sets st's text from r. done must be called once st has run.
func (e *Engine) fill(st *statement, w http.ResponseWriter, r *http.Request) (done func(), err error) {
	done = func() {}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		return done, &exception{code: codeNotImplemented, text: "External tables are not served by the embedded engine. (NOT_IMPLEMENTED)"}
	}
	limit := e.cfg.BodyBytes
	st.text = r.URL.Query().Get("query")
	inserts := insertKeyword.MatchString(st.text)
	if !inserts {
		limit = queryBytes
	}
	raw, err := requestBody(w, r, limit)
	if err != nil {
		return done, err
	}
	body := bufio.NewReader(raw)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		return done, nil // the query is all there is
	}
	if !inserts {
		rest, err := io.ReadAll(body)
		st.text = strings.TrimPrefix(st.text+"\n"+string(rest), "\n")
		return done, err
	}
	path, err := e.store(body)
	if err != nil {
		return done, err
	}
	done = func() { _ = os.Remove(path) }
	if st.text, err = intoFile(st.text, path, st.inputFormat); err != nil {
		done()
		return func() {}, err
	}
	return done, nil
}

// store writes an insert's body to a file that only this user can read, and
// returns its path.
func (e *Engine) store(body io.Reader) (path string, err error) {
	file, err := os.CreateTemp(e.inserts, "*.body")
	if err != nil {
		return "", &exception{code: codeCannotWriteToFile, text: err.Error() + " (CANNOT_WRITE_TO_FILE_DESCRIPTOR)"}
	}
	_, err = io.Copy(file, body)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// writeException answers with err in the form that ClickHouse's clients read.
func writeException(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	var ex *exception
	status := 0
	switch {
	case errors.As(err, &tooLarge):
		ex = &exception{code: codeBadArguments, text: fmt.Sprintf("The body is larger than %d bytes. (BAD_ARGUMENTS)", tooLarge.Limit)}
		status = http.StatusRequestEntityTooLarge
	case !errors.As(err, &ex):
		ex = &exception{code: codeCannotDecompress, text: "Cannot read the body. (CANNOT_DECOMPRESS)"}
	}
	if status == 0 {
		status = ex.status()
	}
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(ex.code))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, ex.Error()+"\n")
}
