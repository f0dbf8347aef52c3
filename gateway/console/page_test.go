package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser opens a tab in a headless Chromium. Without one it skips the test, or
// fails it where everything must be tested.
func browser(t *testing.T, width, height int) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" && os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
		t.Fatal("no chromium on this machine; make setup installs one")
	}
	if program == "" {
		t.Skip("no chromium on this machine; make setup installs one")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.Flag("no-sandbox", true),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true), chromedp.WindowSize(width, height))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	patient, stopWaiting := context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(stopWaiting)
	return patient
}

// shot keeps a picture of the page where FRONTDESK_TEST_SHOTS names a folder.
func shot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("FRONTDESK_TEST_SHOTS")
	if folder == "" {
		return
	}
	run(t, tab, chromedp.Sleep(400*time.Millisecond)) // animations
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

type step = chromedp.Action[chromedp.Void]

func run(t *testing.T, tab context.Context, steps ...step) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatalf("%v\n%s", err, state(tab))
	}
}

// state is what the page shows, for a failure.
func state(tab context.Context) string {
	text, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// until waits for an expression of the page to become true.
func until(expression string) step {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second))
}

const said = `[...document.querySelectorAll(".said:not(.mine) .words")].map((n) => n.textContent)`

func write(text string) step {
	return chromedp.Steps(chromedp.SetValue(css("#text"), text), chromedp.Click(css(".send")))
}

type css = chromedp.CSS

// press clicks the button with that text.
func press(text string) step { return chromedp.Click(`//button[text()="` + text + `"]`) }

func TestACustomerWritesAndIsAnswered(t *testing.T) {
	d := newDesk(t)
	tab := browser(t, 1440, 900)
	run(t, tab,
		chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"),
		chromedp.WaitVisible(css("#ideas button")))
	if url, err := chromedp.Run(tab, chromedp.Location()); err != nil || strings.Contains(url, "fd_test") {
		t.Errorf("the key stays in the address: %s, %v", url, err)
	}
	shot(t, tab, "empty")
	run(t, tab,
		chromedp.SendKeys(css("#text"), "Hi! What are your opening hours?\r"), // by keyboard alone
		until(said+`.some((s) => s.includes("Monday to Friday"))`),
		until(`document.querySelector(".turn-card .hit.used b").textContent.includes("Opening hours")`),
		until(`document.querySelectorAll(".said.mine .ticks.read").length === 1`),
		until(`document.querySelectorAll(".said:not(.mine) .ticks.read").length === 1`))
	run(t, tab, write("How much is a cleaning?"),
		until(`document.querySelectorAll(".choice").length === 2`))
	run(t, tab, press("Friday 14:00"),
		until(`[...document.querySelectorAll(".said.mine .words")].some((n) => n.textContent === "Friday 14:00")`),
		until(`document.querySelectorAll(".turn-card").length === 3`))
	run(t, tab, write("Which services do you have?"),
		until(`document.querySelectorAll(".choice").length === 3`),
		press("See services"),
		chromedp.WaitVisible(css("#sheet .pick")))
	shot(t, tab, "list")
	run(t, tab, chromedp.Click(css("#sheet .pick")),
		until(`document.querySelectorAll(".turn-card").length === 5`))
	run(t, tab, chromedp.Click(css("#attach")), chromedp.Click(css("#attach-place")),
		until(`document.querySelectorAll(".said.mine .pin").length === 1`))
	shot(t, tab, "talk")
	run(t, tab, write("I'd like to talk to a person"),
		chromedp.WaitVisible(css("#state button")),
		chromedp.Click(css("#state button")),
		until(`!document.querySelector("#state button")`))
	shot(t, tab, "person")
	if d.resumed != "key_1" {
		t.Errorf("resumed by %q, want the key's id", d.resumed)
	}
}

// dark makes the tab prefer dark colours.
func dark(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	return err
}

func TestADarkNarrowScreen(t *testing.T) {
	d := newDesk(t)
	tab := browser(t, 400, 820)
	run(t, tab,
		chromedp.EmulateViewport(400, 820),
		chromedp.Func(dark),
		chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"),
		chromedp.WaitVisible(css("#ideas button")),
		write("Hi! What are your opening hours?"),
		until(said+`.some((s) => s.includes("Monday to Friday"))`),
		until(`document.documentElement.scrollWidth <= innerWidth`))
	shot(t, tab, "narrow")
	run(t, tab, chromedp.Click(css(`#tabs button[data-pane="agent"]`)), chromedp.WaitVisible(css(".turn-card")))
	shot(t, tab, "narrow-agent")
}

func TestAKeyIsNeeded(t *testing.T) {
	d := newDesk(t)
	tab := browser(t, 1200, 800)
	run(t, tab,
		chromedp.Navigate(d.base+"/simulator"),
		chromedp.WaitVisible(css("#key")),
		chromedp.SendKeys(css("#key"), "fd_live_acme\r"),
		until(`document.querySelector("#key-error").textContent.includes("live key")`))
	shot(t, tab, "key")
	run(t, tab,
		chromedp.SendKeys(css("#key"), "fd_test_acme\r"),
		chromedp.WaitVisible(css("#composer")),
		chromedp.Navigate(d.base+"/"),
		until(`document.querySelector("#here").textContent === location.origin`))
	shot(t, tab, "landing")
}

// naughty returns strings that have broken other programs.
func naughty(t *testing.T) []string {
	t.Helper()
	list := []string{
		`<script>window.broken=1</script>`, `<img src=x onerror="window.broken=1">`, `"><svg onload=window.broken=1>`,
		`javascript:window.broken=1`, `{{constructor.constructor('window.broken=1')()}}`, "\u202eright to left\u202c", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤", "   spaces   ", "a\n\n\nb",
		`</textarea><iframe src="javascript:window.broken=1"></iframe>`, strings.Repeat("W", 500), "👩‍👩‍👧‍👦 ✋🏿",
	}
	file, err := os.Open("../provider/whatsapp/testdata/naughty_strings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var line struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line.Text)
	}
	return list
}

func TestWhatPeopleWriteIsTextAndNothingElse(t *testing.T) {
	d := newDesk(t)
	tab := browser(t, 1200, 800)
	run(t, tab, chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"), chromedp.WaitVisible(css("#ideas button")))
	quoted, err := json.Marshal(slices.DeleteFunc(naughty(t), func(s string) bool { return strings.TrimSpace(s) == "" }))
	if err != nil {
		t.Fatal(err)
	}
	// Each is given back by the business and shown as a title by the agent.
	run(t, tab, chromedp.Evaluate[chromedp.Void](`window.list = `+string(quoted)+`; list.forEach((text) => write({ type: "text", text })); true`),
		until(`list.every((text) => `+said+`.includes(text))`),
		until(`document.querySelectorAll(".turn-card").length > 5`))
	bad, err := chromedp.Run(tab, chromedp.Evaluate[struct {
		Broken  bool     `json:"broken"`
		Foreign []string `json:"foreign"`
		Wide    bool     `json:"wide"`
	}](`({ broken: Boolean(window.broken),
		foreign: [...document.querySelectorAll("main script, main iframe, main img, main object, main a, .words *, .asked *, .hit b *")].map((n) => n.outerHTML),
		wide: document.documentElement.scrollWidth > innerWidth })`))
	if err != nil {
		t.Fatal(err)
	}
	if bad.Broken || len(bad.Foreign) > 0 {
		t.Errorf("what was written runs or is markup: %+v", bad)
	}
	if bad.Wide {
		t.Error("a long word makes the page wider than its window")
	}
	shot(t, tab, "naughty")
}
