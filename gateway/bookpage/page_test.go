package bookpage_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/ingest"
)

// shop is a business that can be booked, seen from outside.
type shop struct {
	*apitest.World
	t         *testing.T
	ana, luis booking.Staff
	cleaning  booking.Service
	filling   booking.Service
}

func newShop(t *testing.T) shop {
	t.Helper()
	s := shop{World: apitest.New(t, schematest.Postgres(t), "unlimited"), t: t}
	week, err := booking.ParseWeek(map[string][]string{"monday": {"08:00-17:00"}, "tuesday": {"08:00-17:00"}, "wednesday": {"08:00-17:00"}, "thursday": {"08:00-17:00"}, "friday": {"08:00-17:00"}})
	if err != nil {
		t.Fatal(err)
	}
	s.ana = must(s.Bookings.SaveStaff(t.Context(), s.Maya.ID, booking.Staff{Name: "Ana", Hours: week}))
	s.luis = must(s.Bookings.SaveStaff(t.Context(), s.Maya.ID, booking.Staff{Name: "Luis <b>", Hours: week}))
	s.cleaning = must(s.Bookings.SaveService(t.Context(), s.Maya.ID, booking.Service{Name: "Cleaning", Description: "Teeth & gums <script>alert(1)</script>", Duration: 30 * time.Minute, Price: "120.00 BZD"}))
	s.filling = must(s.Bookings.SaveService(t.Context(), s.Maya.ID, booking.Service{Name: "Filling", Duration: time.Hour}))
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// page is an answer with its text.
type page struct {
	*http.Response
	text string
}

// send asks for an address and follows no redirect; a form makes it a POST.
func (s shop) send(address string, form url.Values, headers ...string) page {
	s.t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	if !strings.HasPrefix(address, "http") {
		address = s.URL + address
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return page{resp, string(text)}
}

// want fails the test unless p has the status and all the texts.
func (s shop) want(p page, status int, texts ...string) page {
	s.t.Helper()
	if p.StatusCode != status {
		s.t.Fatalf("%s %s: %d, want %d\n%s", p.Request.Method, p.Request.URL, p.StatusCode, status, p.text)
	}
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			s.t.Fatalf("%s %s: no %q in\n%s", p.Request.Method, p.Request.URL, text, p.text)
		}
	}
	return p
}

// first returns what a pattern's group matches in p.
func (s shop) first(p page, pattern string) string {
	s.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.text)
	if m == nil {
		s.t.Fatalf("no %s in\n%s", pattern, p.text)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// held chooses the first free time of a service and returns the form's address.
func (s shop) held(service booking.Service) (form, start string) {
	s.t.Helper()
	p := s.want(s.send(fmt.Sprintf("/book/casa-maya?service=%d", service.Number), nil), 200)
	start = s.first(p, `name="start" value="([^"]+)"`)
	got := s.want(s.send("/book/casa-maya/hold", url.Values{"service": {string(service.ID)}, "staff": {""}, "start": {start}}), 303)
	return got.Header.Get("Location"), start
}

func TestBookingWithoutAScript(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.want(s.send("/book/casa-maya", nil), 200, "Cleaning", "30 min · 120.00 BZD", "Teeth &amp; gums &lt;script&gt;", `href="/book/casa-maya?service=1"`)
	p = s.want(s.send(s.first(p, `href="([^"]+service=1)"`), nil), 200, "With whom?", "Luis &lt;b&gt;", "Times are by the clock of Belize.", `aria-current="date"`)
	start := s.first(p, `name="start" value="([^"]+)"`)
	p = s.want(s.send("/book/casa-maya/hold", url.Values{"service": {string(s.cleaning.ID)}, "staff": {string(s.ana.ID)}, "start": {start}}), 303)
	form := p.Header.Get("Location")
	p = s.want(s.send(form, nil), 200, "We keep this time for you until", "(America/Belize)", "<dd>Ana</dd>", `for="phone"`)
	p = s.want(s.send(form, url.Values{"name": {" "}, "phone": {"12"}, "note": {"First & last"}}), 400, "Please write your name.", `aria-invalid="true"`, "such as &#43;5012279446", "First &amp; last")
	good := url.Values{"name": {"Maria\nSantos"}, "phone": {"612 3456"}, "note": {"First visit"}}
	p = s.want(s.send(form, good), 303)
	own := p.Header.Get("Location")
	if again := s.want(s.send(form, good), 303).Header.Get("Location"); again != own {
		t.Errorf("sent twice: %s and %s", own, again)
	}
	p = s.want(s.send(own, nil), 200, "Your appointment is booked", "Cleaning", "(America/Belize)", "120.00 BZD")

	all, _, err := s.Bookings.Appointments(t.Context(), s.Maya.ID, booking.Filter{})
	if err != nil || len(all) != 1 || all[0].Slot.Start.Format(time.RFC3339) != start || all[0].Source != "page" || all[0].Note != "First visit" {
		t.Fatalf("appointments = %+v, %v", all, err)
	}
	who, err := s.Contacts.ByIdentifier(t.Context(), s.Maya.ID, ingest.Identifier{Kind: ingest.Phone, Value: "+5016123456"})
	if err != nil || who.ID != all[0].Contact || who.Name != "Maria Santos" {
		t.Errorf("contact = %+v, %v", who, err)
	}
	if want := s.Links.Manage(must(s.Directory.Tenant(t.Context(), s.Maya.ID)), all[0].ID); !strings.HasSuffix(want, strings.Split(own, "?")[0]) {
		t.Errorf("the page is at %s, the API says %s", own, want)
	}

	ics := s.want(s.send(s.first(p, `href="([^"]+calendar.ics[^"]*)"`), nil), 200, "BEGIN:VEVENT\r\n", "DTSTART:"+all[0].Slot.Start.Format("20060102T150405Z")+"\r\n", "SUMMARY:Cleaning · casa-maya Ltd\r\n")
	if kind := ics.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/calendar") {
		t.Errorf("the file is %s", kind)
	}
	move := s.first(p, `href="([^"]+/move[^"]*)"`)
	p = s.want(s.send(move, nil), 200, "Choose a new time", "Until now:")
	times := regexp.MustCompile(`name="start" value="([^"]+)"`).FindAllStringSubmatch(p.text, -1)
	p = s.want(s.send(move, url.Values{"start": {times[len(times)-1][1]}}), 303)
	s.want(s.send(p.Header.Get("Location"), nil), 200, "Your appointment was moved")
	cancel := strings.Replace(move, "/move", "/cancel", 1)
	s.want(s.send(cancel, nil), 200, "Cancel this appointment?", "No, keep it")
	p = s.want(s.send(cancel, url.Values{}), 303)
	p = s.want(s.send(p.Header.Get("Location"), nil), 200, "This appointment is cancelled", "Book another appointment")
	s.want(s.send(cancel, url.Values{}), 303)
	s.want(s.send(move, nil), 409, "This appointment is over")
	if all, _, err := s.Bookings.Appointments(t.Context(), s.Maya.ID, booking.Filter{}); err != nil || all[0].Status != booking.Cancelled || all[0].Version != 3 {
		t.Errorf("appointment = %+v, %v, want it moved and cancelled", all, err)
	}
	events, err := s.Bookings.History(t.Context(), s.Maya.ID, all[0].ID)
	if err != nil || events[0].By != "page" || events[2].By != "contact" {
		t.Errorf("history = %+v, %v", events, err)
	}
}

func TestATimeThatIsTaken(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	form, start := s.held(s.cleaning)
	ofAna := url.Values{"service": {string(s.cleaning.ID)}, "staff": {string(s.ana.ID)}, "start": {start}}
	ofLuis := url.Values{"service": {string(s.cleaning.ID)}, "staff": {string(s.luis.ID)}, "start": {start}}
	taken, free := s.send("/book/casa-maya/hold", ofAna), s.send("/book/casa-maya/hold", ofLuis)
	if taken.StatusCode == 303 { // the first hold was with Luis
		taken, free = free, taken
	}
	s.want(free, 303)
	p := s.want(taken, 409, "This time has just been taken.", "These times are free:", `role="alert"`)
	instead := s.first(p, `id="instead">[\s\S]*?name="start" value="([^"]+)"`)
	s.want(s.send("/book/casa-maya/hold", url.Values{"service": {string(s.cleaning.ID)}, "staff": {""}, "start": {instead}}), 303)

	// Another time: the hold is given back.
	p = s.want(s.send(form+"/release", url.Values{}), 303)
	again, got := s.held(s.cleaning)
	if got != start {
		t.Errorf("after the release %s is the first free time, want %s", got, start)
	}
	// A hold that somebody ended: the time is booked all the same.
	holds := url.Values{"name": {"Bob"}, "phone": {"+5016123457"}}
	s.want(s.send(again+"/release", url.Values{}), 303)
	p = s.want(s.send(again, holds), 303)
	s.want(s.send(p.Header.Get("Location"), nil), 200, "Your appointment is booked")
	// And if it is not free any more, that is told.
	p = s.want(s.send(form, url.Values{"name": {"Cem"}, "phone": {"+5016123458"}}), 409, "This time has just been taken.")
	for what, bad := range map[string]url.Values{
		"the past":    {"service": {string(s.cleaning.ID)}, "start": {"2020-01-01T15:00:00Z"}},
		"a Sunday":    {"service": {string(s.cleaning.ID)}, "start": {nextSunday()}},
		"in the dark": {"service": {string(s.cleaning.ID)}, "start": {start[:11] + "05:00:00Z"}},
	} {
		if p := s.send("/book/casa-maya/hold", bad); p.StatusCode != 409 || !strings.Contains(p.text, "This time cannot be booked.") {
			t.Errorf("%s: %d %s", what, p.StatusCode, p.text)
		}
	}
}

func nextSunday() string {
	d := time.Now().UTC().AddDate(0, 0, 1)
	for d.Weekday() != time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	return d.Format(time.DateOnly) + "T16:00:00Z"
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	form, start := s.held(s.cleaning)
	mine := url.Values{"service": {string(s.cleaning.ID)}, "staff": {""}, "start": {start}}
	good := url.Values{"name": {"Ann"}, "phone": {"+5016123456"}}
	bait := url.Values{"name": {"Ann"}, "phone": {"+5016123456"}, "website": {"https://spam.example"}}
	for name, tt := range map[string]struct {
		path    string
		form    url.Values
		status  int
		headers []string
	}{
		"another site's form":          {form, good, 403, []string{"Sec-Fetch-Site", "cross-site"}},
		"another site's form, by name": {form, good, 403, []string{"Origin", "https://evil.example"}},
		"one from nowhere":             {form, good, 403, []string{"Origin", "null"}},
		"a program":                    {form, bait, 400, nil},
		"a service of nobody":          {"/book/casa-maya/hold", url.Values{"service": {"svc_x"}, "start": {start}}, 404, nil},
		"no time":                      {"/book/casa-maya/hold", url.Values{"service": {string(s.cleaning.ID)}, "start": {"soon"}}, 404, nil},
		"another business's service":   {"/book/globex/hold", mine, 404, nil},
		"a business that there is not": {"/book/nobody", nil, 404, nil},
		"a business without services":  {"/book/globex", nil, 404, nil},
		"another business's hold":      {strings.Replace(form, "casa-maya", "globex", 1), nil, 404, nil},
		"a made-up hold":               {"/book/casa-maya/hold/AAAA", nil, 404, nil},
		"a made-up appointment":        {"/book/casa-maya/a/AAAA", nil, 404, nil},
		"moving a made-up appointment": {"/book/casa-maya/a/AAAA/move", url.Values{"start": {start}}, 404, nil},
		"cancelling a made-up one":     {"/book/casa-maya/a/AAAA/cancel", url.Values{}, 404, nil},
		"a form over its bound":        {form, url.Values{"note": {strings.Repeat("x", 20_000)}}, 413, nil},
		"a name over its bound":        {form, url.Values{"name": {strings.Repeat("x", 201)}, "phone": {"+5016123456"}}, 400, nil},
		"a note over its bound":        {form, url.Values{"name": {"Ann"}, "phone": {"+5016123456"}, "note": {strings.Repeat("é", 2001)}}, 400, nil},
		"bytes that are no text":       {form, url.Values{"name": {"\xff\xfe"}, "phone": {"\x00"}}, 400, nil},
		"a month of no year":           {"/book/casa-maya?service=1&month=9999-99&day=x&staff=%00", nil, 200, nil},
		"a month long ago":             {"/book/casa-maya?service=1&month=1999-01", nil, 200, nil},
		"a day far away":               {"/book/casa-maya?service=1&day=9999-12-31", nil, 200, nil},
	} {
		p := s.send(tt.path, tt.form, tt.headers...)
		if p.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d\n%s", name, p.StatusCode, tt.status, p.text)
		}
		if p.StatusCode != 413 && !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s, want a page", name, p.Header.Get("Content-Type"))
		}
	}
	if all, _, err := s.Bookings.Appointments(t.Context(), s.Maya.ID, booking.Filter{}); err != nil || len(all) != 0 {
		t.Errorf("appointments = %+v, %v, want none", all, err)
	}
	s.want(s.send(form, good, "Sec-Fetch-Site", "same-origin"), 303)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	plain, framed := s.send("/book/casa-maya", nil), s.send("/book/casa-maya?embed=1", nil)
	if csp := plain.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || plain.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the page: %v", plain.Header)
	}
	if csp := framed.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors * file:") || framed.Header.Get("X-Frame-Options") != "" {
		t.Errorf("the embedded page: %v", framed.Header)
	}
	if !strings.Contains(s.first(framed, `data-step href="([^"]+)"`), "embed=1") {
		t.Error("the embedded page leads out of its frame")
	}
	spanish := s.want(s.send("/book/casa-maya", nil, "Accept-Language", "es-BZ, en;q=0.5"), 200, `<html lang="es">`, "Elija un servicio")
	if spanish.Header.Get("Content-Language") != "es" || !strings.Contains(spanish.Header.Get("Vary"), "Accept-Language") {
		t.Errorf("the Spanish page: %v", spanish.Header)
	}
	widget := s.want(s.send("/book/casa-maya/widget.js", nil), 200, `"https://desk.example.com/book/casa-maya"`)
	if kind := widget.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/javascript") {
		t.Errorf("the widget is %s", kind)
	}
	for _, name := range []string{"style.css", "page.js"} {
		got := s.want(s.send("/bookpage/"+name, nil), 200)
		if again := s.send("/bookpage/"+name, nil, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again: %d", name, again.StatusCode)
		}
	}
}

func TestLimitsOfAnAddress(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	bad := url.Values{"service": {string(s.cleaning.ID)}, "start": {"2020-01-01T15:00:00Z"}}
	for i := range 30 {
		if p := s.send("/book/casa-maya/hold", bad); p.StatusCode != 409 {
			t.Fatalf("hold %d: %d", i, p.StatusCode)
		}
	}
	if p := s.want(s.send("/book/casa-maya/hold", bad), 429, "Too many requests"); p.Header.Get("Retry-After") == "" {
		t.Errorf("the 31st: %v", p.Header)
	}
	s.want(s.send("/book/casa-maya", nil), 200) // looking goes on
}
