package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Secret is a key that prints as ***.
type Secret string

// String hides the key.
func (Secret) String() string { return "***" }

// GoString hides the key.
func (Secret) GoString() string { return "***" }

// Config says which endpoint to use.
type Config struct {
	// URL of the service, up to /v1 or to /v1/embeddings.
	URL string
	// Key is sent as a bearer token; empty: none.
	Key Secret
	// Name is the model to ask for.
	Name string
	// Batch is the most texts in one request; 0 is 64.
	Batch int
	// Timeout bounds one request; 0 is 10 s.
	Timeout time.Duration
	// Tries bounds the requests for one batch; 0 is 3.
	Tries int
	// Wait is the pause before the second try, doubled for each further one; 0
	// is 300 ms.
	Wait time.Duration
}

// Remote asks an endpoint. It is safe for concurrent use.
type Remote struct {
	config Config
	client *http.Client
}

// ErrUnavailable is given where the endpoint gave no usable answer in all tries.
var ErrUnavailable = errors.New("the embeddings endpoint gave no usable answer")

// NewRemote returns an embedder on an endpoint.
func NewRemote(c Config) (*Remote, error) {
	if c.URL == "" || c.Name == "" {
		return nil, errors.New("embeddings: a URL and a model's name are needed")
	}
	if c.Batch <= 0 {
		c.Batch = 64
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Tries <= 0 {
		c.Tries = 3
	}
	if c.Wait <= 0 {
		c.Wait = 300 * time.Millisecond
	}
	c.URL = strings.TrimSuffix(strings.TrimRight(c.URL, "/"), "/embeddings") + "/embeddings"
	return &Remote{c, &http.Client{Timeout: c.Timeout}}, nil
}

// Model names the vectors.
func (r *Remote) Model() string { return r.config.Name }

// Embed returns a vector of length 1 for each text. Errors wrap
// [ErrUnavailable], or are the context's.
func (r *Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for len(texts) > 0 {
		n := min(len(texts), r.config.Batch)
		vectors, err := r.batch(ctx, texts[:n])
		if err != nil {
			return nil, err
		}
		if len(out) > 0 && len(vectors[0]) != len(out[0]) {
			return nil, fmt.Errorf("%w: vectors of %d and of %d dimensions", ErrUnavailable, len(out[0]), len(vectors[0]))
		}
		out, texts = append(out, vectors...), texts[n:]
	}
	return out, nil
}

func (r *Remote) batch(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(map[string]any{"model": r.config.Name, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, fmt.Errorf("embeddings: %w", err)
	}
	wait := r.config.Wait
	for try := 1; ; try++ {
		vectors, pause, err := r.request(ctx, body, len(texts))
		if err == nil {
			return vectors, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var final *finalError
		if errors.As(err, &final) || try >= r.config.Tries {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(max(wait, pause)):
		}
		wait *= 2
	}
}

// finalError is an answer that the same request will get again.
type finalError struct{ status int }

func (e *finalError) Error() string { return "status " + strconv.Itoa(e.status) }

// Bounds on an answer: bytes a text, the dimensions pgvector takes, the pause
// that the endpoint may ask for.
const (
	maxBytesPerText = 256 << 10
	maxDims         = 16000
	maxPause        = 10 * time.Second
)

// request sends one batch. pause is what the endpoint asked to wait.
func (r *Remote) request(ctx context.Context, body []byte, n int) (vectors [][]float32, pause time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, 0, &finalError{}
	}
	req.Header.Set("Content-Type", "application/json")
	if r.config.Key != "" {
		req.Header.Set("Authorization", "Bearer "+string(r.config.Key))
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return nil, min(time.Duration(max(seconds, 0))*time.Second, maxPause), fmt.Errorf("status %d", res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return nil, 0, &finalError{res.StatusCode}
	}
	limit := int64(n)*maxBytesPerText + 64<<10
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, 0, err
	}
	if int64(len(raw)) > limit {
		return nil, 0, errors.New("the answer is too long")
	}
	vectors, err = decode(raw, n)
	return vectors, 0, err
}

// decode reads an answer to n texts.
func decode(raw []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, errors.New("the answer is not what was asked for")
	}
	out := make([][]float32, n)
	dims := 0
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= n || out[d.Index] != nil || len(d.Embedding) == 0 || len(d.Embedding) > maxDims || dims > 0 && len(d.Embedding) != dims {
			return nil, errors.New("the answer's vectors are not those asked for")
		}
		dims = len(d.Embedding)
		out[d.Index] = normalized(d.Embedding)
	}
	for _, v := range out {
		if v == nil {
			return nil, errors.New("the answer lacks vectors")
		}
	}
	return out, nil
}
