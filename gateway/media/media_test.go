package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/media"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

const png = "\x89PNG\x0d\x0a\x1a\x0a"

func TestNew(t *testing.T) {
	office := "PK\x03\x04 [Content_Types].xml word/document.xml"
	for name, tt := range map[string]struct {
		body, mime string
		kind       ingest.ContentType
		err        error
	}{
		"a PNG":               {png + "...", "image/png", ingest.Image, nil},
		"a JPEG":              {"\xff\xd8\xff\xe0", "image/jpeg", ingest.Image, nil},
		"a WebP":              {"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", ingest.Sticker, nil},
		"AMR":                 {"#!AMR\n", "audio/amr", ingest.Audio, nil},
		"Ogg":                 {"OggS\x00", "audio/ogg", ingest.Audio, nil},
		"AAC":                 {"\xff\xf1\x50", "audio/aac", ingest.Audio, nil},
		"MP3":                 {"ID3\x03", "audio/mpeg", ingest.Audio, nil},
		"M4A":                 {"\x00\x00\x00\x20ftypM4A ", "audio/mp4", ingest.Audio, nil},
		"MP4":                 {"\x00\x00\x00\x18ftypmp42", "video/mp4", ingest.Video, nil},
		"3GP":                 {"\x00\x00\x00\x18ftyp3gp4", "video/3gpp", ingest.Video, nil},
		"PDF":                 {"%PDF-1.7", "application/pdf", ingest.Document, nil},
		"DOCX":                {office, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ingest.Document, nil},
		"text":                {"Hello", "text/plain", ingest.Document, nil},
		"HTML":                {"<html><script>alert(1)</script>", "text/html", "", media.ErrUnsupported},
		"SVG":                 {`<?xml version="1.0"?><svg onload="alert(1)"/>`, "text/xml", "", media.ErrUnsupported},
		"a ZIP":               {"PK\x03\x04 evil.exe", "application/zip", "", media.ErrUnsupported},
		"a program":           {"MZ\x90\x00\x03", "application/octet-stream", "", media.ErrUnsupported},
		"nothing":             {"", "text/plain", ingest.Document, media.ErrUnsupported},
		"a picture too large": {png + strings.Repeat("a", 5<<20), "image/png", ingest.Image, media.ErrTooLarge},
	} {
		f, err := media.New(`..\..\"evil"\r\n/a.png`, []byte(tt.body))
		if !errors.Is(err, tt.err) || f.MIME != tt.mime || f.Kind != tt.kind || f.Filename != "a.png" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if f, err := media.Received("x.exe", []byte("MZ\x90\x00\x03")); err != nil || f.MIME != "application/octet-stream" || f.Kind != ingest.Document {
		t.Errorf("a program that somebody sent: %+v, %v", f, err)
	}
}

func form(t testing.TB, field, name string, body []byte) (contentType string, raw []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(body)
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func TestForm(t *testing.T) {
	typ, raw := form(t, "file", "a.png", []byte(png))
	if name, body, err := media.Form(typ, raw); err != nil || name != "a.png" || string(body) != png {
		t.Errorf("got %q, %q, %v", name, body, err)
	}
	other, wrong := form(t, "picture", "a.png", []byte(png))
	for name, tt := range map[string]struct {
		typ string
		raw []byte
	}{
		"JSON":         {"application/json", []byte(`{}`)},
		"no boundary":  {"multipart/form-data", raw},
		"another part": {other, wrong},
		"cut":          {typ, raw[:len(raw)-20]},
		"empty":        {typ, nil},
		"two files":    {typ, append(bytes.TrimSuffix(raw, []byte("--\r\n")), append([]byte("\r\n"), raw[bytes.Index(raw, []byte("Content")):]...)...)},
	} {
		if _, _, err := media.Form(tt.typ, tt.raw); !errors.Is(err, media.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	typ, raw := form(f, "file", "a.png", []byte(png))
	f.Add(typ, raw)
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=file\r\n\r\na\r\n--x--"))
	f.Fuzz(func(t *testing.T, typ string, raw []byte) {
		name, body, err := media.Form(typ, raw)
		if err != nil && !errors.Is(err, media.ErrForm) || len(body) > len(raw) {
			t.Errorf("%d bytes of %d, %v", len(body), len(raw), err)
		}
		got, _ := media.Received(name, body)
		if strings.ContainsAny(got.Filename, "\"\r\n/\\\x00") {
			t.Errorf("a name %q", got.Filename)
		}
	})
}

func TestStoreKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	s := media.NewStore(schematest.Postgres(t))
	f, err := media.New("a.png", []byte(png))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Put(t.Context(), "acme", f, []byte(png))
	if err != nil || kept.ID == "" {
		t.Fatal(kept, err)
	}
	if body, err := s.Body(t.Context(), "acme", kept.ID); err != nil || string(body) != png {
		t.Errorf("%q, %v", body, err)
	}
	for name, try := range map[string]func() error{
		"read": func() error { _, err := s.File(t.Context(), "globex", kept.ID); return err },
		"load": func() error { _, err := s.Body(t.Context(), "globex", kept.ID); return err },
		"kill": func() error { return s.Delete(t.Context(), "globex", kept.ID) },
	} {
		if err := try(); !errors.Is(err, media.ErrNotFound) {
			t.Errorf("another tenant may %s it: %v", name, err)
		}
	}
	if err := s.Delete(t.Context(), "acme", kept.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Body(t.Context(), "acme", kept.ID); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("the bytes are there still: %v", err)
	}
}

func TestTheRoomOfATenantIsBounded(t *testing.T) {
	t.Parallel()
	s := media.NewStore(schematest.Postgres(t))
	s.SetQuota(200 << 10)
	small := media.File{Kind: ingest.Document, MIME: "text/plain", SHA256: "x"}
	var first media.File
	for i := range 3 { // each counts for 64 KB
		f, err := s.Put(t.Context(), "acme", small, []byte("a"))
		if err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
		if i == 0 {
			first = f
		}
	}
	if _, err := s.Put(t.Context(), "acme", small, []byte("a")); !errors.Is(err, media.ErrQuota) {
		t.Errorf("one more than there is room for: %v", err)
	}
	if _, err := s.Put(t.Context(), "globex", small, []byte("a")); err != nil {
		t.Errorf("a file of another tenant: %v", err)
	}
	if err := s.Delete(t.Context(), "acme", first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "acme", small, make([]byte, 80<<10)); !errors.Is(err, media.ErrQuota) {
		t.Errorf("a file larger than what is left: %v", err)
	}
	if _, err := s.Put(t.Context(), "acme", small, []byte("a")); err != nil {
		t.Errorf("a file in the room of one that was deleted: %v", err)
	}
}

type vault struct{}

func (vault) Sign(parts ...string) []byte { return []byte(strings.Join(parts, "|") + "secret") }
func (v vault) Signed(tag []byte, parts ...string) bool {
	return bytes.Equal(tag, v.Sign(parts...))
}

func TestLinks(t *testing.T) {
	l := media.NewLinks("https://desk.example.com/", vault{})
	now := time.Unix(1_790_000_000, 0)
	until := fmt.Sprint(now.Add(time.Hour).Unix())
	link := l.Link("acme", "med_1", now.Add(time.Hour))
	_, tag, _ := strings.Cut(link, "&tag=")
	if !strings.HasPrefix(link, "https://desk.example.com/media/acme/med_1?until="+until+"&tag=") {
		t.Errorf("link %s", link)
	}
	for name, tt := range map[string]struct {
		tenant         ingest.TenantID
		id, until, tag string
		at             time.Time
		want           bool
	}{
		"good":             {"acme", "med_1", until, tag, now, true},
		"ended":            {"acme", "med_1", until, tag, now.Add(time.Hour), false},
		"longer":           {"acme", "med_1", fmt.Sprint(now.Add(2 * time.Hour).Unix()), tag, now, false},
		"another spelling": {"acme", "med_1", "+" + until, tag, now, false},
		"another file":     {"acme", "med_2", until, tag, now, false},
		"another tenant":   {"globex", "med_1", until, tag, now, false},
		"no tag":           {"acme", "med_1", until, "", now, false},
		"no hex":           {"acme", "med_1", until, "zz", now, false},
	} {
		if got := l.Valid(tt.tenant, tt.id, tt.until, tt.tag, tt.at); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestFetch(t *testing.T) {
	var at string // where Meta says that the file is
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		user, _, _ := req.BasicAuth()
		switch {
		case req.URL.Path == "/v25.0/77":
			_, _ = fmt.Fprintf(w, `{"url":%q}`, at)
		case req.URL.Path == "/file" && (req.Header.Get("Authorization") == "Bearer EAA" || user == "AC1"):
			_, _ = w.Write([]byte(png))
		case req.URL.Path == "/large":
			_, _ = w.Write(make([]byte, media.MaxBytes+1))
		case req.URL.Path == "/away":
			w.WriteHeader(http.StatusServiceUnavailable)
		case req.URL.Path == "/elsewhere":
			http.Redirect(w, req, "http://169.254.169.254/", http.StatusFound)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	cfg := whatsapp.DefaultConfig()
	cfg.BaseURL = server.URL
	f := media.NewFetcher(whatsapp.NewSender(cfg), server.URL, webhook.NewGuard().Transport(nil, nil))
	meta := provider.Channel{Type: provider.WhatsApp, Ref: "1", Account: "2", AccessToken: "EAA"}
	twilio := provider.Channel{Type: provider.Twilio, Account: "AC1", AuthToken: "t"}
	for name, tt := range map[string]struct {
		ch   provider.Channel
		at   string
		want error
	}{
		"from Meta":              {meta, server.URL + "/file", nil},
		"from Twilio":            {twilio, server.URL + "/file", nil},
		"gone":                   {meta, server.URL + "/none", media.ErrGone},
		"too large":              {meta, server.URL + "/large", media.ErrTooLarge},
		"a host of nobody":       {meta, "http://127.0.0.1:1/file", media.ErrGone},
		"the cloud's secrets":    {twilio, "http://169.254.169.254/latest/meta-data", media.ErrGone},
		"a name like Twilio's":   {twilio, "https://eviltwilio.com/file", media.ErrGone},
		"a name within another":  {twilio, "https://twilio.com.evil.com/file", media.ErrGone},
		"Twilio without TLS":     {twilio, "http://api.twilio.com/file", media.ErrGone},
		"a file of the machine":  {twilio, "file:///etc/passwd", media.ErrGone},
		"a redirect to a secret": {meta, server.URL + "/elsewhere", media.ErrGone},
	} {
		at = tt.at
		body, err := f.Fetch(t.Context(), tt.ch, false, ingest.Media{ID: "77", URL: tt.at})
		if !errors.Is(err, tt.want) || err == nil && string(body) != png {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
	at = server.URL + "/away"
	if _, err := f.Fetch(t.Context(), meta, false, ingest.Media{ID: "77"}); err == nil || errors.Is(err, media.ErrGone) || strings.Contains(err.Error(), "http") {
		t.Errorf("one that is away: %v; want an error to try again on, without the address", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Fetch(ctx, meta, false, ingest.Media{ID: "77"}); err == nil {
		t.Error("fetched with a context that has ended")
	}
}
