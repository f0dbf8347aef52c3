package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"frontdesk/ingest"
)

// ComposeForTest returns the standard body of an event that is no message's.
func ComposeForTest(e ingest.Event) ([]byte, error) {
	s, ok, err := read(e)
	if err != nil && !errors.Is(err, ingest.ErrMalformed) {
		panic(fmt.Sprintf("refused otherwise than as malformed: %v", err))
	}
	if err != nil || !ok || s.message != "" {
		return nil, err
	}
	n, err := s.notice()
	if err != nil {
		return nil, err
	}
	_, body, ok := Standard{}.Compose(n)
	if !ok {
		panic("no body for " + s.name)
	}
	return body, nil
}

// RetryAfterForTest is what an answer's header asks for.
func RetryAfterForTest(v string, now time.Time) time.Duration {
	return retryAfter(http.Header{"Retry-After": {v}}, now)
}
