package api_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

const picture = "\x89PNG\x0d\x0a\x1a\x0a and so on"

// upload sends a file as a browser does.
func upload(t *testing.T, c client, body string, status int) map[string]any {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "menu.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(body))
	_ = w.Close()
	return c.do("POST", "/v1/media", b.String(), status, "Content-Type", w.FormDataContentType())
}

func TestMedia(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	w.Receive(t, w.Maya.ID, "main", "+14155550000", "Hi")
	f := data(upload(t, c, picture, 201))
	id := text(f, "id")
	if text(f, "mime_type") != "image/png" || text(f, "kind") != "image" || text(f, "filename") != "menu.png" || f["bytes"] != float64(len(picture)) {
		t.Errorf("uploaded %v", f)
	}
	for what, status := range map[string]int{"<html><script>": 422, "": 422, "\x89PNG\x0d\x0a\x1a\x0a" + strings.Repeat("a", 5<<20): 422} {
		upload(t, c, what, status)
	}
	c.do("POST", "/v1/media", `{"file":"x"}`, 415)
	c.do("GET", "/v1/media/"+id, "", 200)
	if got := ids(c.do("GET", "/v1/media", "", 200)); len(got) != 1 {
		t.Errorf("listed %v", got)
	}
	a := w.Do(t, c.key, "GET", "/v1/media/"+id+"/content", "")
	if string(a.Text) != picture || a.Header.Get("Content-Type") != "image/png" || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
		a.Header.Get("Content-Disposition") != "attachment; filename=menu.png" || !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("downloaded %q with %v", a.Text, a.Header)
	}
	for _, path := range []string{"", "/content"} {
		other.do("GET", "/v1/media/"+id+path, "", 404)
	}
	other.do("DELETE", "/v1/media/"+id, "", 404)
	other.do("POST", "/v1/messages", `{"to":"+14155550000","type":"image","channel":"sms","media":[{"id":"`+id+`"}]}`, 404)

	sent := data(c.do("POST", "/v1/messages", `{"to":"+14155550000","type":"image","channel":"main","media":[{"id":"`+id+`"}]}`, 201))
	link := text(sent["media"].([]any)[0].(map[string]any), "url")
	path, ours := strings.CutPrefix(link, apitest.PublicURL)
	if !ours {
		t.Fatalf("sent with %q", link)
	}
	if a := w.Do(t, "", "GET", path, ""); a.StatusCode != 200 || string(a.Text) != picture {
		t.Errorf("the provider gets %d %.40q", a.StatusCode, a.Text)
	}
	for _, wrong := range []string{strings.Replace(path, "until=1", "until=2", 1), strings.Replace(path, string(w.Maya.ID), string(w.Globex.ID), 1), path[:len(path)-2]} {
		if a := w.Do(t, "", "GET", wrong, ""); a.StatusCode != 404 {
			t.Errorf("%s: %d", wrong, a.StatusCode)
		}
	}
	data(c.do("POST", "/v1/messages", `{"to":"+14155550000","type":"image","channel":"sms","media":[{"id":"`+id+`"}]}`, 201))
	if e := c.do("POST", "/v1/messages", `{"to":"+14155550000","type":"video","channel":"main","media":[{"id":"`+id+`"}]}`, 400); !strings.Contains(fmt.Sprint(e), "media[0].id") {
		t.Errorf("a picture as film: %v", e)
	}
	c.do("DELETE", "/v1/media/"+id, "", 204)
	if a := w.Do(t, "", "GET", path, ""); a.StatusCode != 404 {
		t.Errorf("after it was deleted: %d", a.StatusCode)
	}
}

func TestMediaThatAContactSent(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c, other := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Globex.Keys["all"])
	w.Apply(t, liveChannel)
	m := string(w.ReceivePicture(t, w.Maya.ID, "live", "+14155550000", "5994483545986745"))
	asked := 0
	w.Graph = func(out http.ResponseWriter, req *http.Request) {
		asked++
		if req.URL.Path == "/bytes" {
			_, _ = out.Write([]byte(picture))
			return
		}
		_, _ = fmt.Fprintf(out, `{"url":"http://%s/bytes","mime_type":"image/jpeg"}`, req.Host)
	}
	for range 2 { // the second time it is kept
		a := w.Do(t, c.key, "GET", "/v1/messages/"+m+"/media/0", "")
		if a.StatusCode != 200 || string(a.Text) != picture || a.Header.Get("Content-Type") != "image/png" {
			t.Errorf("got %d %q of %s", a.StatusCode, a.Text, a.Header.Get("Content-Type"))
		}
	}
	if asked != 2 {
		t.Errorf("the provider was asked %d times, want 2", asked)
	}
	for _, position := range []string{"1", "-1", "x"} {
		c.do("GET", "/v1/messages/"+m+"/media/"+position, "", 404)
	}
	other.do("GET", "/v1/messages/"+m+"/media/0", "", 404)
	gone := string(w.ReceivePicture(t, w.Maya.ID, "live", "+14155550000", "1"))
	w.Graph = nil
	if e := c.do("GET", "/v1/messages/"+gone+"/media/0", "", 404); code(e) != "media_gone" {
		t.Errorf("one that is gone: %v", e)
	}
}
