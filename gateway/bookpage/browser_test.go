package bookpage_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"frontdesk/agent/booking"
	"frontdesk/gateway/browsertest"
)

type css = browsertest.CSS

// booked returns the business's appointments.
func (s shop) booked() []booking.Appointment {
	s.t.Helper()
	all, _, err := s.Bookings.Appointments(s.t.Context(), s.Maya.ID, booking.Filter{})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// h1 waits for a page by what stands above it.
func h1(text string) browsertest.Step {
	return browsertest.Until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("h1")?.textContent === %q`, text))
}

func TestACustomerBooks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 900, 1000)
	browsertest.Run(t, tab, chromedp.Navigate(s.URL+"/book/casa-maya"), h1("Book an appointment"))
	browsertest.Shot(t, tab, "book-services")
	browsertest.Run(t, tab, chromedp.Click(`//b[text()="Cleaning"]`), chromedp.WaitVisible(css(".days")))
	browsertest.Shot(t, tab, "book-month")
	browsertest.Run(t, tab,
		browsertest.Until(`location.search.includes("service=1")`),
		chromedp.Click(`//a[text()="Ana"]`),
		browsertest.Until(`document.querySelector(".chips [aria-current]").textContent === "Ana"`),
		browsertest.Until(`document.activeElement.textContent === "Ana"`),
		chromedp.Click(css("#next")),
		browsertest.Until(`document.querySelector("#live").textContent.includes(document.querySelector("#month").textContent)`),
		chromedp.Click(css(".days a")),
		browsertest.Until(`document.activeElement.id === "times"`),
		chromedp.Click(css(".times button")),
		h1("Your details"))
	browsertest.Shot(t, tab, "book-form")
	browsertest.Run(t, tab,
		chromedp.SendKeys(css("#name"), "Maria Santos"),
		chromedp.Click(css("button.primary")),
		browsertest.Until(`document.activeElement.getAttribute("role") === "alert"`))
	browsertest.Shot(t, tab, "book-wrong")
	browsertest.Run(t, tab,
		chromedp.SendKeys(css("#phone"), "612 3456"),
		chromedp.Click(css("button.primary")),
		h1("Your appointment is booked"))
	browsertest.Shot(t, tab, "book-done")
	all := s.booked()
	if len(all) != 1 || all[0].Slot.Staff != s.ana.ID {
		t.Fatalf("appointments = %+v, want one with Ana", all)
	}
	browsertest.Run(t, tab,
		chromedp.Click(`//a[text()="Move"]`), h1("Choose a new time"),
		chromedp.Click(css(".times button:last-of-type")), h1("Your appointment was moved"),
		chromedp.Click(`//a[text()="Cancel appointment"]`), h1("Cancel this appointment?"),
		chromedp.Click(css("button.bad")), h1("This appointment is cancelled"))
	if all := s.booked(); all[0].Status != booking.Cancelled || all[0].Version != 3 {
		t.Errorf("appointment = %+v, want it moved and cancelled", all[0])
	}
}

// TestATimeIsTakenWhileOneLooks books what the page shows as free before the
// customer takes it.
func TestATimeIsTakenWhileOneLooks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 900, 1000)
	browsertest.Run(t, tab, chromedp.Navigate(fmt.Sprintf("%s/book/casa-maya?service=%d", s.URL, s.cleaning.Number)), chromedp.WaitVisible(css(".times button")))
	shown, err := browsertest.Eval[string](tab, `document.querySelector(".times button").value`)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // Ana and Luis
		s.want(s.send("/book/casa-maya/hold", url.Values{"service": {string(s.cleaning.ID)}, "start": {shown}}), 303)
	}
	browsertest.Run(t, tab, chromedp.Click(css(".times button")),
		browsertest.Until(`document.activeElement.getAttribute("role") === "alert" && document.activeElement.textContent.includes("has just been taken")`))
	browsertest.Shot(t, tab, "book-taken")
	browsertest.Run(t, tab,
		chromedp.Click(css("#instead button")), h1("Your details"),
		chromedp.SendKeys(css("#name"), "Ann"), chromedp.SendKeys(css("#phone"), "+5016123456\r"),
		h1("Your appointment is booked"))
	if all := s.booked(); len(all) != 1 || all[0].Slot.Start.Format(time.RFC3339) == shown {
		t.Errorf("appointments = %+v, want one at another time", all)
	}
}

// TestByKeyboardAlone presses Tab, arrows and Enter, and sees the focus all the
// way.
func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 900, 1000)
	to := func(expression string) { // by Tab
		t.Helper()
		for range 60 {
			browsertest.Run(t, tab, chromedp.KeyEvent("\t"))
			there, err := browsertest.Eval[bool](tab, `Boolean(document.activeElement.matches(`+"`"+expression+"`"+`))`)
			if err != nil {
				t.Fatal(err)
			}
			if there {
				return
			}
		}
		t.Fatalf("Tab does not reach %s", expression)
	}
	browsertest.Run(t, tab, chromedp.Navigate(s.URL+"/book/casa-maya"), h1("Book an appointment"))
	to(".cards a")
	browsertest.Run(t, tab, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(".days")), browsertest.Until(`document.activeElement.tagName === "H1"`))
	to("#next")
	browsertest.Run(t, tab, chromedp.Evaluate[chromedp.Void](`window.before = document.querySelector("#live").textContent; true`),
		chromedp.KeyEvent("\r"), browsertest.Until(`document.querySelector("#live").textContent !== before && document.activeElement.id === "next"`))
	to(".days a")
	first, err := browsertest.Eval[int](tab, `Number(document.activeElement.dataset.day)`)
	if err != nil {
		t.Fatal(err)
	}
	browsertest.Run(t, tab, chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowRight))
	day, err := browsertest.Eval[int](tab, `Number(document.activeElement.dataset.day)`)
	if err != nil || day < first+8 {
		t.Errorf("from day %d down and right is day %d, %v", first, day, err)
	}
	browsertest.Run(t, tab, chromedp.KeyEvent("\r"), browsertest.Until(`document.activeElement.id === "times"`))
	to(".times button")
	browsertest.Run(t, tab, chromedp.KeyEvent("\r"), h1("Your details"))
	to("#name")
	browsertest.Run(t, tab, chromedp.KeyEvent("Ann"))
	to("#phone")
	browsertest.Run(t, tab, chromedp.KeyEvent("+5016123456"))
	to("button.primary")
	browsertest.Run(t, tab, chromedp.KeyEvent("\r"), h1("Your appointment is booked"))
	to(`[href*="calendar.ics"]`)
	if all := s.booked(); len(all) != 1 {
		t.Errorf("%d appointments, want 1", len(all))
	}
}

// withoutScript turns the tab's scripts off.
func withoutScript(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// TestInSpanishOnAPhone books on a narrow dark screen.
func TestInSpanishOnAPhone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 360, 760)
	browsertest.Run(t, tab, chromedp.EmulateViewport(360, 760), browsertest.Dark(), chromedp.Navigate(s.URL+"/book/casa-maya"), h1("Book an appointment"),
		chromedp.Click(`//a[text()="Español"]`), h1("Reservar una cita"),
		chromedp.Click(`//b[text()="Filling"]`), chromedp.WaitVisible(css(".times button")),
		browsertest.Until(`document.documentElement.scrollWidth <= innerWidth`))
	browsertest.Shot(t, tab, "book-spanish")
	browsertest.Run(t, tab, chromedp.Click(css(".times button")), h1("Sus datos"),
		chromedp.SendKeys(css("#name"), "José"), chromedp.SendKeys(css("#phone"), "612 3456\r"),
		h1("Su cita está reservada"),
		browsertest.Until(`/ de \d{4} a las \d\d:\d\d \(America\/Belize\)/.test(document.querySelector("dd").textContent)`))
	browsertest.Shot(t, tab, "book-spanish-done")
}

// TestTheWidget shows the page within another site's.
func TestTheWidget(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	host := http.NewServeMux()
	host.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>Host</title><p>Book with us</p><script src="/widget.js" data-lang="es"></script>`)
	})
	// The script knows its page by the public address, which here is the test's.
	host.HandleFunc("/widget.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, strings.ReplaceAll(s.send("/book/casa-maya/widget.js", nil).text, "https://desk.example.com", s.URL))
	})
	server := httptest.NewServer(host)
	t.Cleanup(server.Close)
	elsewhere := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // another site than the page's
	tab := browsertest.Open(t, 900, 1200)
	browsertest.Run(t, tab, chromedp.Navigate(elsewhere+"/"), chromedp.WaitVisible(css("iframe")),
		browsertest.Until(`document.querySelector("iframe").src.endsWith("/book/casa-maya?embed=1&lang=es")`),
		browsertest.Until(`parseInt(document.querySelector("iframe").style.height) > 200`))
	browsertest.Shot(t, tab, "book-embedded")
}

// TestEmbedded books within a frame, and wants no other page of ours framed.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 900, 1200)
	within := func(script string) browsertest.Step { // in the frame, once it is there
		return browsertest.Until(`((d) => { ` + script + `; return true; })(document.querySelector("iframe").contentDocument)`)
	}
	heading := func(text string) browsertest.Step {
		return browsertest.Until(fmt.Sprintf(`((d) => d.readyState === "complete" && d.querySelector("h1")?.textContent === %q)(document.querySelector("iframe").contentDocument)`, text))
	}
	browsertest.Run(t, tab, chromedp.Navigate(s.URL+"/healthz"), chromedp.Evaluate[chromedp.Void](`
		window.heard = []; addEventListener("message", (e) => heard.push(e.data.type));
		document.body.innerHTML = '<iframe src="/book/casa-maya?embed=1&service=1" width="600" height="800"></iframe>'; true`),
		heading("Book an appointment"), browsertest.Until(`heard.includes("frontdesk:height") && !heard.includes("frontdesk:booked")`),
		within(`d.querySelector(".times button").click()`), heading("Your details"),
		within(`d.querySelector("#name").value = "Ann"; d.querySelector("#phone").value = "612 3456"; d.querySelector("button.primary").click()`),
		heading("Your appointment is booked"), browsertest.Until(`heard.includes("frontdesk:booked")`))
	if all := s.booked(); len(all) != 1 {
		t.Errorf("%d appointments, want 1", len(all))
	}
	browsertest.Run(t, tab, chromedp.Evaluate[chromedp.Void](`
		window.loaded = false; document.body.innerHTML = '<iframe width="600" height="800"></iframe>';
		document.querySelector("iframe").addEventListener("load", () => { loaded = true; });
		document.querySelector("iframe").src = "/book/casa-maya"; true`),
		browsertest.Until(`loaded && !document.querySelector("iframe").contentDocument?.querySelector("h1")`))
}

// TestWithoutAScript books with scripts turned off.
func TestWithoutAScript(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tab := browsertest.Open(t, 900, 1000)
	browsertest.Run(t, tab, chromedp.Func(withoutScript), chromedp.Navigate(s.URL+"/book/casa-maya"),
		chromedp.Click(`//b[text()="Filling"]`), chromedp.Click(css(".times button")),
		chromedp.SendKeys(css("#name"), "Ann"), chromedp.SendKeys(css("#phone"), "+5016123456\r"),
		chromedp.WaitVisible(`//h1[text()="Your appointment is booked"]`))
	if all := s.booked(); len(all) != 1 || all[0].Slot.Service != s.filling.ID {
		t.Errorf("appointments = %+v, want one filling", all)
	}
}
