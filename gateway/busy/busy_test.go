package busy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const (
	acme   = ingest.TenantID("acme")
	globex = ingest.TenantID("globex")
)

// day is what the calendars here speak of; the business is in Belize, six hours
// behind UTC.
var day = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 3)

// world is two businesses, a calendar on a server, and a worker whose clock the
// test has.
type world struct {
	t      *testing.T
	db     *tenantdb.DB
	store  *busy.Store
	booked *booking.Store
	worker *busy.Worker
	now    time.Time
	ana    booking.Staff
	server *httptest.Server
	serve  atomic.Value // http.HandlerFunc
	asked  atomic.Int64
	last   atomic.Value // http.Header
}

func newWorld(t *testing.T, change func(*busy.Config)) *world {
	t.Helper()
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: schematest.Postgres(t), now: time.Now()}
	w.store, w.booked = busy.NewStore(w.db, vault), booking.NewStore(w.db, booking.Config{})
	for _, id := range []ingest.TenantID{acme, globex} {
		w.exec(id, `INSERT INTO tenants (tenant_id, slug, name, timezone, plan) VALUES ($1, $1, $1, 'America/Belize', 'pro')`, id)
	}
	if w.ana, err = w.booked.SaveStaff(t.Context(), acme, booking.Staff{Name: "Ana"}); err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked.Add(1)
		w.last.Store(r.Header.Clone())
		w.serve.Load().(http.HandlerFunc)(rw, r)
	}))
	t.Cleanup(w.server.Close)
	cfg := busy.DefaultConfig()
	cfg.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	cfg.Now = func() time.Time { return w.now }
	cfg.Log = slog.New(slog.DiscardHandler)
	if change != nil {
		change(&cfg)
	}
	if w.worker, err = busy.NewWorker(w.store, w.booked, cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) exec(id ingest.TenantID, sql string, args ...any) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), id, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// answers has the server answer so from now on.
func (w *world) answers(fn http.HandlerFunc) { w.serve.Store(fn) }

// says has the server answer with a calendar that is busy at these hours.
func (w *world) says(etag string, hours ...int) {
	w.answers(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(rw, calendarAt(hours...))
	})
}

func calendarAt(hours ...int) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for _, h := range hours {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nDTSTART:%s\r\nDURATION:PT30M\r\nEND:VEVENT\r\n", day.Add(time.Duration(h)*time.Hour).Format("20060102T150405Z"))
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

func (w *world) put(address string) {
	w.t.Helper()
	if _, err := w.store.Put(w.t.Context(), acme, w.ana.ID, address); err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(time.Second) // Put goes by the database's clock
}

// round fetches what is due, and returns how Ana's source is then.
func (w *world) round() busy.Source {
	w.t.Helper()
	if _, err := w.worker.Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	s, err := w.store.Source(w.t.Context(), acme, w.ana.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// hours are those at which Ana is busy, in UTC.
func (w *world) hours() (out []int) {
	w.t.Helper()
	list, err := w.booked.BusyTimes(w.t.Context(), acme, w.ana.ID, day, day.Add(24*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, b := range list {
		out = append(out, b.Start.Hour())
	}
	return out
}

func (w *world) wantHours(want ...int) {
	w.t.Helper()
	if got := w.hours(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("busy at %v, want %v", got, want)
	}
}

func TestACalendarIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.says(`"one"`, 15, 20)
	w.put(w.server.URL + "/secret/basic.ics")
	s := w.round()
	w.wantHours(15, 20)
	if s.Spans != 2 || s.Error != "" || s.Failures != 0 || !s.FetchedAt.Equal(w.now.UTC().Truncate(time.Microsecond)) || s.Host != w.server.URL {
		t.Errorf("the source is %+v", s)
	}
	if before := w.asked.Load(); w.round() != s || w.asked.Load() != before {
		t.Error("it was fetched before its time")
	}
	w.now = s.NextAt
	s = w.round()
	if got := w.last.Load().(http.Header).Get("If-None-Match"); got != `"one"` {
		t.Errorf("asked for what is new with %q", got)
	}
	w.wantHours(15, 20) // it has not changed
	if s.Spans != 2 || !s.FetchedAt.Equal(w.now.UTC().Truncate(time.Microsecond)) {
		t.Errorf("the source is %+v", s)
	}
	w.says(`"two"`, 16)
	w.now = s.NextAt
	s = w.round()
	w.wantHours(16)
	w.now = w.now.Add(25 * time.Hour)
	w.round()
	if got := w.last.Load().(http.Header).Get("If-None-Match"); got != "" {
		t.Error("after a day it is not read whole, so that what repeats would run out")
	}
}

func TestLastModifiedIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const stamp = "Sat, 21 Nov 2026 10:00:00 GMT"
	w.answers(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Last-Modified", stamp)
		_, _ = io.WriteString(rw, calendarAt(15))
	})
	w.put(w.server.URL)
	w.now = w.round().NextAt
	w.round()
	if got := w.last.Load().(http.Header).Get("If-Modified-Since"); got != stamp {
		t.Errorf("asked with %q", got)
	}
}

// TestAFailureFreesNobody: whatever goes wrong, what was fetched before holds.
func TestAFailureFreesNobody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		fn   http.HandlerFunc
		want string
	}{
		{"an error", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }, "the address answered 500 Internal Server Error"},
		{"gone", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(404) }, "the address answered 404 Not Found"},
		{"a page to sign in", func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<!doctype html>") }, "no iCalendar text"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "no iCalendar text"},
		{"half of it", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(rw, calendarAt(17))
		}, "the connection was closed before an answer came"},
		{"too much", func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(rw, calendarAt(17)+strings.Repeat(" ", 5000))
		}, "the calendar is larger than is taken"},
		{"on and on", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, r.URL.Path+"x", http.StatusFound) }, "the address leads on and on"},
		{"on to a private address", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}, "the address leads on to one that may not be called"},
		{"on to a file", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "file:///etc/passwd", http.StatusFound)
		}, "the address leads on to one that may not be called"},
		{"never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within the timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *busy.Config) { c.MaxBytes, c.Timeout = 4000, 2*time.Second })
			w.says(`"one"`, 15)
			w.put(w.server.URL + "/secret")
			w.round()
			w.answers(tt.fn)
			w.now = w.now.Add(time.Hour)
			s := w.round()
			if !strings.Contains(s.Error, tt.want) || s.Failures != 1 || s.FetchedAt.After(s.CheckedAt.Add(-time.Minute)) || strings.Contains(s.Error, "secret") {
				t.Errorf("the source is %+v, want the error %q", s, tt.want)
			}
			w.wantHours(15)
			w.says(`"two"`, 16)
			w.now = s.NextAt
			if s := w.round(); s.Error != "" || s.Failures != 0 {
				t.Errorf("the source is %+v when all is well again", s)
			}
			w.wantHours(16)
		})
	}
}

func TestRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.answers(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/secret" {
			http.Redirect(rw, r, "/there", http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(rw, calendarAt(15))
	})
	w.put(w.server.URL + "/secret")
	w.round()
	w.wantHours(15)
	if got := w.last.Load().(http.Header).Get("Referer"); got != "" {
		t.Errorf("where it leads was told the secret: %q", got)
	}
}

// TestTheAddressIsGuardedWhenItIsDialled: an address that was taken, but leads
// elsewhere than was seen, is not called.
func TestTheAddressIsGuardedWhenItIsDialled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *busy.Config) { c.Allow = nil })
	w.says(`"one"`, 15)
	w.put(w.server.URL)
	if s := w.round(); !strings.Contains(s.Error, "not public") || w.asked.Load() != 0 {
		t.Errorf("%d requests, the source is %+v", w.asked.Load(), s)
	}
	w.wantHours()
}

func TestNoWayBackToPlainHTTP(t *testing.T) {
	t.Parallel()
	var w *world
	secure := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, w.server.URL, http.StatusFound)
	}))
	t.Cleanup(secure.Close)
	w = newWorld(t, func(c *busy.Config) { c.Roots = secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs })
	w.says(`"one"`, 15)
	w.put(secure.URL)
	if s := w.round(); !strings.Contains(s.Error, "from https to http") || w.asked.Load() != 0 {
		t.Errorf("%d requests, the source is %+v", w.asked.Load(), s)
	}
}

func TestPausesGrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.answers(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(503) })
	w.put(w.server.URL)
	last := time.Duration(0)
	for i := range 8 {
		s := w.round()
		pause := s.NextAt.Sub(w.now)
		if s.Failures != i+1 || pause > 9*time.Hour || i < 5 && pause < last+last/2 {
			t.Errorf("after %d failures it waits %v, before that %v", s.Failures, pause, last)
		}
		last, w.now = pause, s.NextAt
	}
	w.answers(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Retry-After", "20000")
		rw.WriteHeader(429)
	})
	w.put(w.server.URL)
	if s := w.round(); s.NextAt.Sub(w.now) < 20000*time.Second || s.Failures != 1 {
		t.Errorf("what the server asked for is not kept: %+v", s)
	}
}

func TestSourcesAreTheTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.says(`"one"`, 15)
	if _, err := w.store.Put(t.Context(), globex, w.ana.ID, w.server.URL); !errors.Is(err, busy.ErrNotFound) {
		t.Errorf("a source for another tenant's staff: %v", err)
	}
	w.put(w.server.URL)
	if _, err := w.store.Source(t.Context(), globex, w.ana.ID); !errors.Is(err, busy.ErrNotFound) {
		t.Errorf("another tenant reads it: %v", err)
	}
	if err := w.store.Remove(t.Context(), globex, w.ana.ID); err != nil {
		t.Error(err)
	}
	if s := w.round(); s.Spans != 1 {
		t.Errorf("another tenant ended it: %+v", s)
	}
}

// TestEndedWhileItIsFetched: what comes of a fetch goes with the source.
func TestEndedWhileItIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.answers(func(rw http.ResponseWriter, _ *http.Request) {
		if err := w.store.Remove(t.Context(), acme, w.ana.ID); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(rw, calendarAt(15))
	})
	w.put(w.server.URL)
	if _, err := w.worker.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantHours()
}

func TestWhoLeftIsNotFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.says(`"one"`, 15)
	w.put(w.server.URL)
	if err := w.booked.RemoveStaff(t.Context(), acme, w.ana.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.worker.Round(t.Context()); err != nil || w.asked.Load() != 0 {
		t.Errorf("%d requests, %v", w.asked.Load(), err)
	}
	if _, err := w.store.Source(t.Context(), acme, w.ana.ID); !errors.Is(err, busy.ErrNotFound) {
		t.Errorf("the source is still there: %v", err)
	}
}

// TestWorkersShare: a source that is due is fetched once, however many look.
func TestWorkersShare(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.says(`"one"`, 15)
	w.put(w.server.URL)
	done := make(chan error, 8)
	for range cap(done) {
		go func() { _, err := w.worker.Round(t.Context()); done <- err }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := w.asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}
