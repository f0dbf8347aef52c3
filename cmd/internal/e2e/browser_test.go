package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/cmd/internal/ledger"
	"frontdesk/gateway/browsertest"
)

var simulatorURL = regexp.MustCompile(`http://\S+/simulator#key=\S+`)

// TestSimulatorPage is the newcomer's way: start it, open the printed address,
// write, read the reply and what stands behind it.
func TestSimulatorPage(t *testing.T) {
	tab := browsertest.Open(t, 1440, 900)
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
	browsertest.Run(t, tab,
		chromedp.Navigate(address),
		chromedp.WaitVisible(browsertest.CSS("#ideas button")),
		chromedp.SendKeys(browsertest.CSS("#text"), "Do you have parking?"),
		chromedp.Click(browsertest.CSS(".send")),
		browsertest.Until(`[...document.querySelectorAll(".said:not(.mine) .words")].some((n) => /park/i.test(n.textContent))`),
		browsertest.Until(`/park/i.test(document.querySelector(".turn-card .hit.used b")?.textContent ?? "")`),
		browsertest.Until(`document.querySelectorAll(".said:not(.mine) .ticks.read").length === 1`))
	browsertest.Shot(t, tab, "simulator-e2e")
}
