package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"frontdesk/cmd/internal/ledger"
)

// browser opens a tab in a headless Chromium. Without one it skips the test, or
// fails it where everything must be tested.
func browser(t *testing.T) context.Context {
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
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true), chromedp.WindowSize(1440, 900))
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

var simulatorURL = regexp.MustCompile(`http://\S+/simulator#key=\S+`)

// TestSimulatorPage is the newcomer's way: start it, open the printed address,
// write, read the reply and what stands behind it.
func TestSimulatorPage(t *testing.T) {
	tab := browser(t)
	demo, err := filepath.Abs(filepath.Join("..", "..", "..", "deploy", "examples", "casa-maya.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s := raise(t, &ledger.Provider{}, demo)
	var address string
	eventually(t, "the simulator's address is printed", func() bool {
		out, err := os.ReadFile(s.Log.Name())
		address = string(simulatorURL.Find(out))
		return err == nil && address != ""
	})
	until := func(expression string) chromedp.Action[chromedp.Void] {
		return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second))
	}
	err = chromedp.Do(tab,
		chromedp.Navigate(address),
		chromedp.WaitVisible(chromedp.CSS("#ideas button")),
		chromedp.SendKeys(chromedp.CSS("#text"), "Do you have parking?"),
		chromedp.Click(chromedp.CSS(".send")),
		until(`[...document.querySelectorAll(".said:not(.mine) .words")].some((n) => /park/i.test(n.textContent))`),
		until(`/park/i.test(document.querySelector(".turn-card .hit.used b")?.textContent ?? "")`),
		until(`document.querySelectorAll(".said:not(.mine) .ticks.read").length === 1`))
	s.shot(t, tab)
	if err != nil {
		text, _ := chromedp.Run(tab, chromedp.Evaluate[string](`document.body.innerText`))
		t.Fatalf("%v\nthe page shows:\n%s", err, text)
	}
}

// shot keeps a picture of the page where FRONTDESK_TEST_SHOTS names a folder.
func (s *scene) shot(t *testing.T, tab context.Context) {
	t.Helper()
	folder := os.Getenv("FRONTDESK_TEST_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "simulator-e2e.png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}
