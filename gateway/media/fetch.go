package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// locator finds where Meta has a file; *whatsapp.Sender is one.
type locator interface {
	MediaURL(ctx context.Context, ch provider.Channel, id string) (string, error)
	Base(ch provider.Channel) string
}

// Fetcher gets the files of messages from their providers. It is safe for
// concurrent use.
type Fetcher struct {
	// Simulate is how a channel is used for what came through the simulator; nil:
	// as it is.
	Simulate func(provider.Channel) provider.Channel

	meta   locator
	twilio string // where Twilio's API is, for channels that say nothing else
	open   *http.Client
	own    *http.Client
}

// fetchTimeout bounds one file.
const fetchTimeout = 30 * time.Second

// NewFetcher returns a fetcher. twilio is the base URL of Twilio's API. public
// dials what providers link to, and must refuse what is not the public internet.
func NewFetcher(meta locator, twilio string, public http.RoundTripper) *Fetcher {
	return &Fetcher{
		meta: meta, twilio: twilio,
		open: &http.Client{Transport: public, Timeout: fetchTimeout, CheckRedirect: secureRedirect},
		own:  &http.Client{Timeout: fetchTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// secureRedirect follows a few redirects over TLS. The library drops credentials
// where one leads to another host.
func secureRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > 3 || req.URL.Scheme != "https" {
		return errors.New("the provider leads somewhere else")
	}
	return nil
}

// Fetch returns the bytes of a file that came on ch, in the sandbox or not.
// ErrGone: the provider has it no more. ErrTooLarge: it is beyond [MaxBytes].
func (f *Fetcher) Fetch(ctx context.Context, ch provider.Channel, sandbox bool, m ingest.Media) ([]byte, error) {
	if sandbox && f.Simulate != nil {
		ch = f.Simulate(ch)
	}
	if ch.Type == provider.WhatsApp {
		return f.fromMeta(ctx, ch, m)
	}
	base := ch.BaseURL
	if base == "" {
		base = f.twilio
	}
	return f.get(ctx, m.URL, base, []string{"twilio.com"}, func(req *http.Request) { req.SetBasicAuth(ch.Account, string(ch.AuthToken)) })
}

// fromMeta asks for the file's address, which is good for five minutes, each
// time.
func (f *Fetcher) fromMeta(ctx context.Context, ch provider.Channel, m ingest.Media) ([]byte, error) {
	if m.ID == "" {
		return nil, ErrGone
	}
	at, err := f.meta.MediaURL(ctx, ch, m.ID)
	if err != nil {
		if provider.AsSendError(err).Retryable() {
			return nil, err
		}
		return nil, ErrGone
	}
	return f.get(ctx, at, f.meta.Base(ch), []string{"fbsbx.com", "facebook.com", "whatsapp.net", "fbcdn.net"}, func(req *http.Request) {
		req.Header.Set("Authorization", "Bearer "+string(ch.AccessToken))
	})
}

// get reads what is at an address that a provider gave. Credentials go to the
// provider alone: to base, which the deployment or the business named, or over
// TLS to its own hosts.
func (f *Fetcher) get(ctx context.Context, at, base string, hosts []string, authorize func(*http.Request)) ([]byte, error) {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return nil, ErrGone
	}
	client := f.open
	theirs := slices.ContainsFunc(hosts, func(h string) bool { return u.Hostname() == h || strings.HasSuffix(u.Hostname(), "."+h) })
	if u.Scheme != "https" || !theirs {
		if b, err := url.Parse(base); err != nil || b.Scheme != u.Scheme || b.Host != u.Host {
			return nil, ErrGone
		}
		client = f.own
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, ErrGone
	}
	authorize(req)
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch a file: %w", bare(err))
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
		return nil, fmt.Errorf("fetch a file: answered %d", res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return nil, ErrGone
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", bare(err))
	}
	if len(body) > MaxBytes {
		return nil, ErrTooLarge
	}
	return body, nil
}

// bare takes the address off err: it may bear a secret.
func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
