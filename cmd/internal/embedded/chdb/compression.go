package chdb

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// frameBytes is how much of a result goes into one compressed frame.
const frameBytes = 1 << 20

// requestBody is r's body, decompressed as its header and URL say. A body
// beyond limit gives *http.MaxBytesError.
func requestBody(w http.ResponseWriter, r *http.Request, limit int64) (io.ReadCloser, error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, limit)
	var err error
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	default:
		return nil, &exception{code: codeNotImplemented, text: fmt.Sprintf("Content-Encoding %q is not served by the embedded engine. (NOT_IMPLEMENTED)", encoding)}
	}
	if err != nil {
		return nil, &exception{code: codeCannotDecompress, text: "Cannot decompress the body. (CANNOT_DECOMPRESS)"}
	}
	if r.URL.Query().Get("decompress") == "1" {
		body = frames{compress.NewReader(body)}
	}
	return http.MaxBytesReader(w, io.NopCloser(body), limit), nil
}

// frames reads ClickHouse's compressed frames and ends with a plain io.EOF.
type frames struct{ in *compress.Reader }

func (f frames) Read(p []byte) (int, error) {
	n, err := f.in.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

// writeResult writes data compressed as r asks, and completes the header.
func writeResult(w http.ResponseWriter, r *http.Request, data []byte) error {
	q := r.URL.Query()
	switch {
	case len(data) == 0:
		w.Header().Set("Content-Length", "0")
		return nil
	case q.Get("compress") == "1":
		return writeFrames(w, data, q.Get("network_compression_method"))
	case q.Get("enable_http_compression") == "1" && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"):
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		if _, err := zip.Write(data); err != nil {
			return err
		}
		return zip.Close()
	default:
		_, err := w.Write(data)
		return err
	}
}

// writeFrames writes data in ClickHouse's own compressed frames.
func writeFrames(w io.Writer, data []byte, method string) error {
	m := compress.LZ4
	if strings.EqualFold(method, "ZSTD") {
		m = compress.ZSTD
	}
	writer := compress.NewWriter(compress.LevelZero, m)
	for len(data) > 0 {
		n := min(len(data), frameBytes)
		if err := writer.Compress(data[:n]); err != nil {
			return err
		}
		if _, err := w.Write(writer.Data); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
