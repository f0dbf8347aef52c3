package console_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/gateway/browsertest"
)

const said = `[...document.querySelectorAll(".said:not(.mine) .words")].map((n) => n.textContent)`

func write(text string) browsertest.Step {
	return chromedp.Steps(chromedp.SetValue(browsertest.CSS("#text"), text), chromedp.Click(browsertest.CSS(".send")))
}

// press clicks the button with that text.
func press(text string) browsertest.Step { return chromedp.Click(`//button[text()="` + text + `"]`) }

func TestACustomerWritesAndIsAnswered(t *testing.T) {
	d := newDesk(t)
	tab := browsertest.Open(t, 1440, 900)
	browsertest.Run(t, tab,
		chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"),
		chromedp.WaitVisible(browsertest.CSS("#ideas button")))
	if url, err := chromedp.Run(tab, chromedp.Location()); err != nil || strings.Contains(url, "fd_test") {
		t.Errorf("the key stays in the address: %s, %v", url, err)
	}
	browsertest.Shot(t, tab, "empty")
	browsertest.Run(t, tab,
		chromedp.SendKeys(browsertest.CSS("#text"), "Hi! What are your opening hours?\r"), // by keyboard alone
		browsertest.Until(said+`.some((s) => s.includes("Monday to Friday"))`),
		browsertest.Until(`document.querySelector(".turn-card .hit.used b").textContent.includes("Opening hours")`),
		browsertest.Until(`document.querySelectorAll(".said.mine .ticks.read").length === 1`),
		browsertest.Until(`document.querySelectorAll(".said:not(.mine) .ticks.read").length === 1`))
	browsertest.Run(t, tab, write("How much is a cleaning?"),
		browsertest.Until(`document.querySelectorAll(".choice").length === 2`))
	browsertest.Run(t, tab, press("Friday 14:00"),
		browsertest.Until(`[...document.querySelectorAll(".said.mine .words")].some((n) => n.textContent === "Friday 14:00")`),
		browsertest.Until(`document.querySelectorAll(".turn-card").length === 3`))
	browsertest.Run(t, tab, write("Which services do you have?"),
		browsertest.Until(`document.querySelectorAll(".choice").length === 3`),
		press("See services"),
		chromedp.WaitVisible(browsertest.CSS("#sheet .pick")))
	browsertest.Shot(t, tab, "list")
	browsertest.Run(t, tab, chromedp.Click(browsertest.CSS("#sheet .pick")),
		browsertest.Until(`document.querySelectorAll(".turn-card").length === 5`))
	browsertest.Run(t, tab, chromedp.Click(browsertest.CSS("#attach")), chromedp.Click(browsertest.CSS("#attach-place")),
		browsertest.Until(`document.querySelectorAll(".said.mine .pin").length === 1`))
	browsertest.Shot(t, tab, "talk")
	browsertest.Run(t, tab, write("I'd like to talk to a person"),
		chromedp.WaitVisible(browsertest.CSS("#state button")),
		chromedp.Click(browsertest.CSS("#state button")),
		browsertest.Until(`!document.querySelector("#state button")`))
	browsertest.Shot(t, tab, "person")
	if d.resumed != "key_1" {
		t.Errorf("resumed by %q, want the key's id", d.resumed)
	}
}

func TestADarkNarrowScreen(t *testing.T) {
	d := newDesk(t)
	tab := browsertest.Open(t, 400, 820)
	browsertest.Run(t, tab,
		chromedp.EmulateViewport(400, 820),
		browsertest.Dark(),
		chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"),
		chromedp.WaitVisible(browsertest.CSS("#ideas button")),
		write("Hi! What are your opening hours?"),
		browsertest.Until(said+`.some((s) => s.includes("Monday to Friday"))`),
		browsertest.Until(`document.documentElement.scrollWidth <= innerWidth`))
	browsertest.Shot(t, tab, "narrow")
	browsertest.Run(t, tab, chromedp.Click(browsertest.CSS(`#tabs button[data-pane="agent"]`)), chromedp.WaitVisible(browsertest.CSS(".turn-card")))
	browsertest.Shot(t, tab, "narrow-agent")
}

func TestAKeyIsNeeded(t *testing.T) {
	d := newDesk(t)
	tab := browsertest.Open(t, 1200, 800)
	browsertest.Run(t, tab,
		chromedp.Navigate(d.base+"/simulator"),
		chromedp.WaitVisible(browsertest.CSS("#key")),
		chromedp.SendKeys(browsertest.CSS("#key"), "fd_live_acme\r"),
		browsertest.Until(`document.querySelector("#key-error").textContent.includes("live key")`))
	browsertest.Shot(t, tab, "key")
	browsertest.Run(t, tab,
		chromedp.SendKeys(browsertest.CSS("#key"), "fd_test_acme\r"),
		chromedp.WaitVisible(browsertest.CSS("#composer")),
		chromedp.Navigate(d.base+"/"),
		browsertest.Until(`document.querySelector("#here").textContent === location.origin`))
	browsertest.Shot(t, tab, "landing")
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
	tab := browsertest.Open(t, 1200, 800)
	browsertest.Run(t, tab, chromedp.Navigate(d.base+"/simulator#key=fd_test_acme"), chromedp.WaitVisible(browsertest.CSS("#ideas button")))
	quoted, err := json.Marshal(slices.DeleteFunc(naughty(t), func(s string) bool { return strings.TrimSpace(s) == "" }))
	if err != nil {
		t.Fatal(err)
	}
	// Each is given back by the business and shown as a title by the agent.
	browsertest.Run(t, tab, chromedp.Evaluate[chromedp.Void](`window.list = `+string(quoted)+`; list.forEach((text) => write({ type: "text", text })); true`),
		browsertest.Until(`list.every((text) => `+said+`.includes(text))`),
		browsertest.Until(`document.querySelectorAll(".turn-card").length > 5`))
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
	browsertest.Shot(t, tab, "naughty")
}
