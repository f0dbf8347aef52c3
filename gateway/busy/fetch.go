package busy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"frontdesk/gateway/webhook"
)

// What a fetch may come to.
const (
	maxRedirects = 5
	maxValidator = 1000 // bytes of an ETag or a Last-Modified that are kept
)

// Errors of a fetch that are for whoever gave the address.
var (
	errTooLarge   = errors.New("the calendar is larger than is taken")
	errDowngrade  = errors.New("the address leads from https to http")
	errRedirected = errors.New("the address leads on and on")
)

// statusError is an answer that is no calendar.
type statusError struct {
	status int
	after  time.Duration // that the server asked for
}

func (e *statusError) Error() string {
	return fmt.Sprintf("the address answered %d %s", e.status, http.StatusText(e.status))
}

// answer is what an address has. Unchanged means that it is what it was.
type answer struct {
	unchanged      bool
	body           []byte
	etag, modified string
}

// fetcher gets calendars. Where they lead it asks guard, at each connection
// and for each redirect.
type fetcher struct {
	client  *http.Client
	maximum int64
}

func newFetcher(guard *webhook.Guard, cfg Config) *fetcher {
	check := func(req *http.Request, via []*http.Request) error {
		req.Header.Del("Referer") // the address is a secret
		switch last := via[len(via)-1]; {
		case len(via) > maxRedirects:
			return errRedirected
		case last.URL.Scheme == "https" && req.URL.Scheme != "https":
			return errDowngrade
		}
		return guard.CheckURL(req.URL.String())
	}
	return &fetcher{&http.Client{Transport: guard.Transport(cfg.Resolver, cfg.Roots), CheckRedirect: check}, cfg.MaxBytes}
}

// fetch gets what an address has, unless that bears one of the validators.
func (f *fetcher) fetch(ctx context.Context, address, etag, modified string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, errors.New("the address cannot be called")
	}
	req.Header.Set("Accept", "text/calendar, */*;q=0.1")
	req.Header.Set("User-Agent", "Frontdesk-Calendar/1")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	res, err := f.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		return answer{unchanged: true}, nil
	default:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return answer{}, &statusError{res.StatusCode, time.Duration(max(seconds, 0)) * time.Second}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, f.maximum+1))
	switch {
	case err != nil:
		return answer{}, err
	case int64(len(body)) > f.maximum:
		return answer{}, errTooLarge
	}
	return answer{body: body, etag: validator(res.Header.Get("ETag")), modified: validator(res.Header.Get("Last-Modified"))}, nil
}

func validator(s string) string {
	if len(s) > maxValidator {
		return ""
	}
	return s
}
