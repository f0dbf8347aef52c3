package reference_test

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/gateway/api"
	"frontdesk/gateway/browsertest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/reference"
)

// serve serves the reference of /v1 and returns its address.
func serve(t *testing.T) (string, []api.Route) {
	t.Helper()
	table := api.Routes(operation.New(operation.Parts{}))
	document, err := api.Document(table)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := reference.Routes(document, "https://desk.example.com")
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: routes})
	return "http://" + addr, table
}

func fetch(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// TestEveryRouteIsDescribed reads the page as it is without JavaScript.
func TestEveryRouteIsDescribed(t *testing.T) {
	base, table := serve(t)
	res, page := fetch(t, base+reference.Path)
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy = %s", csp)
	}
	for _, r := range table {
		if !strings.Contains(page, `<article id="`+r.ID+`"`) || !strings.Contains(page, "<code>"+r.Path+"</code>") {
			t.Errorf("%s %s is not on the page", r.Method, r.Path)
		}
		for _, code := range r.Faults {
			if !strings.Contains(page, "<code>"+code+"</code>") {
				t.Errorf("%s: the code %s is not on the page", r.ID, code)
			}
		}
	}
	for _, part := range []string{`id="onMessageReceived"`, "-d &#39;{", "Idempotency-Key", "webhook-signature", "required"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %s", part)
		}
	}
	for _, elsewhere := range []string{`src="http`, `href="http`, "@import"} {
		if strings.Contains(page, elsewhere) {
			t.Errorf("the page loads from elsewhere: %s", elsewhere)
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}

// TestExamplesAreCommands has a shell read every example.
func TestExamplesAreCommands(t *testing.T) {
	base, _ := serve(t)
	_, page := fetch(t, base+reference.Path)
	unescape := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#43;", "+")
	n := 0
	for _, part := range strings.Split(page, `<pre class="curl"><code>`)[1:] {
		command, _, _ := strings.Cut(part, "</code>")
		cmd := exec.Command("sh", "-n")
		cmd.Stdin = strings.NewReader(unescape.Replace(command))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s\n%v %s", command, err, out)
		}
		n++
	}
	if n < 50 {
		t.Errorf("%d examples, want one for each route", n)
	}
}

func TestTheBrowserAsksOnlyOnce(t *testing.T) {
	base, _ := serve(t)
	res, _ := fetch(t, base+reference.Path+"/style.css")
	req, err := http.NewRequest("GET", base+reference.Path+"/style.css", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-None-Match", res.Header.Get("ETag"))
	again, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	again.Body.Close()
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("again: %d, want 304", again.StatusCode)
	}
}

const shown = `[...document.querySelectorAll("article:not([hidden])")].map((a) => a.id)`

func TestInABrowser(t *testing.T) {
	base, table := serve(t)
	tab := browsertest.Open(t, 1360, 900)
	browsertest.Run(t, tab, chromedp.Navigate(base+reference.Path), chromedp.WaitVisible(browsertest.CSS("#search")))
	all, err := browsertest.Eval[int](tab, shown+`.length`)
	if err != nil || all < len(table) {
		t.Fatalf("%d requests are shown, there are %d, %v", all, len(table), err)
	}
	browsertest.Shot(t, tab, "reference")
	browsertest.Run(t, tab, chromedp.SendKeys(browsertest.CSS("#search"), "create webhook"),
		browsertest.Until(shown+`.includes("createWebhook")`), browsertest.Until(`!`+shown+`.includes("listAgents")`),
		browsertest.Until(`!document.querySelector('#contents li[data-words]:not([hidden]) a[href="#listAgents"]')`))
	browsertest.Run(t, tab, chromedp.SetValue(browsertest.CSS("#search"), "nosuchthing"),
		chromedp.Evaluate[chromedp.Void](`search.dispatchEvent(new Event("input")), undefined`),
		chromedp.WaitVisible(browsertest.CSS("#nothing")))
	browsertest.Run(t, tab, chromedp.Evaluate[chromedp.Void](`location.hash = "bookAppointment", undefined`),
		browsertest.Until(`document.getElementById("bookAppointment").getBoundingClientRect().top < innerHeight`),
		browsertest.Until(shown+`.length > 50`),
		browsertest.Until(`document.querySelectorAll("#bookAppointment .copy").length === 1`))
	if wide, err := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); err != nil || wide {
		t.Errorf("the page is wider than the window: %v %v", wide, err)
	}
	browsertest.Shot(t, tab, "reference-entry")
}

func TestOnADarkNarrowScreen(t *testing.T) {
	base, _ := serve(t)
	tab := browsertest.Open(t, 390, 820)
	browsertest.Run(t, tab, chromedp.EmulateViewport(390, 820), browsertest.Dark(),
		chromedp.Navigate(base+reference.Path), chromedp.WaitVisible(browsertest.CSS("#search")),
		browsertest.Until(`getComputedStyle(document.body).backgroundColor === "rgb(14, 21, 20)"`),
		browsertest.Until(`document.documentElement.scrollWidth <= innerWidth`))
	browsertest.Shot(t, tab, "reference-dark")
}
