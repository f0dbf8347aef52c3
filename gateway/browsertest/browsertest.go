// Package browsertest opens pages in a headless Chromium, for the tests of all
// that has pages. It is imported by tests alone.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Patience bounds what a test does in one tab.
const Patience = 90 * time.Second

// Open opens a tab of that size in a headless Chromium. Without one it skips
// the test, or fails it where everything must be tested.
func Open(t testing.TB, width, height int) context.Context {
	t.Helper()
	program := find()
	if program == "" {
		const missing = "no Chromium on this machine; make test brings one"
		if os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
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
	patient, stopWaiting := context.WithTimeout(tab, Patience)
	t.Cleanup(stopWaiting)
	return patient
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

// Step is something done in a tab.
type Step = chromedp.Action[chromedp.Void]

// Run does steps and fails the test, with what the page shows, where one fails.
func Run(t testing.TB, tab context.Context, steps ...Step) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatalf("%v\nthe page shows:\n%s", err, shown(tab))
	}
}

func shown(tab context.Context) string {
	text, err := Eval[string](tab, `document.body.innerText`)
	if err != nil {
		return err.Error()
	}
	return text
}

// enough is how long a page may take to become what is waited for.
const enough = 20 * time.Second

// Until waits for an expression to become true, on this page or the one that
// the tab is on its way to.
func Until(expression string) Step {
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(enough))
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		ctx, cancel := context.WithTimeout(ctx, enough)
		defer cancel()
		for {
			v, err := poll(ctx, t)
			if err == nil || ctx.Err() != nil {
				return v, err
			}
			select { // the page is going: look at the next
			case <-ctx.Done():
				return v, fmt.Errorf("%s: %w", expression, err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// Eval returns what an expression of the page is.
func Eval[T any](tab context.Context, expression string) (T, error) {
	return chromedp.Run(tab, chromedp.Evaluate[T](expression))
}

// CSS selects elements.
type CSS = chromedp.CSS

// Dark makes the tab prefer dark colours.
func Dark() Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return chromedp.Void{}, err
	}
}

// settle is the time that a page's animations take.
const settle = 400 * time.Millisecond

// Shot keeps a picture of the page where FRONTDESK_TEST_SHOTS names a folder.
func Shot(t testing.TB, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("FRONTDESK_TEST_SHOTS")
	if folder == "" {
		return
	}
	Run(t, tab, chromedp.Sleep(settle))
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}
