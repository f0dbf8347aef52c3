package bookpage_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/gateway/browsertest"
)

// audit is a script that tells what of a page somebody could not perceive or
// reach: names, headings, languages, problems told to those who do not see
// them, contrast of text (4.5, or 3 where it is large), sizes of what is
// pressed.
const audit = `(() => {
	const wrong = [];
	const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
	const name = (e) => (e.getAttribute("aria-label") || (e.getAttribute("aria-labelledby") || "").split(" ").map((i) => document.getElementById(i)?.textContent || "").join("") ||
		[...(e.labels || [])].map((l) => l.textContent).join("") || e.textContent || e.getAttribute("title") || "").trim();
	if (!document.documentElement.lang) wrong.push("no language");
	if (!document.title.trim()) wrong.push("no title");
	if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
	if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
	let level = 0;
	for (const h of document.querySelectorAll("h1,h2,h3,h4")) {
		if (Number(h.tagName[1]) > level + 1) wrong.push("heading " + h.textContent + " skips a level");
		level = Number(h.tagName[1]);
	}
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push("two of #" + id);
	for (const e of document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea")) {
		if (!shown(e)) continue;
		if (!name(e)) wrong.push("no name: " + e.outerHTML.slice(0, 80));
		const r = e.getBoundingClientRect();
		if (getComputedStyle(e).display !== "inline" && (r.width < 24 || r.height < 24)) wrong.push("small: " + e.outerHTML.slice(0, 80) + " " + Math.round(r.width) + "x" + Math.round(r.height));
		if (e.tabIndex > 0) wrong.push("its own order: " + e.outerHTML.slice(0, 80));
	}
	for (const e of document.querySelectorAll("[aria-describedby],[aria-labelledby],[aria-controls]"))
		for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"])
			for (const id of (e.getAttribute(attribute) || "").split(" ").filter(Boolean))
				if (!document.getElementById(id)) wrong.push(attribute + " to #" + id + ", which is not there");
	for (const e of document.querySelectorAll("[aria-invalid=true]"))
		if (!e.getAttribute("aria-describedby")) wrong.push("wrong, and not told why: " + e.outerHTML.slice(0, 80));
	for (const e of document.images) if (!e.hasAttribute("alt")) wrong.push("a picture without words");
	const pad = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const over = (colors) => { // what is seen of colours, the last on top
		pad.clearRect(0, 0, 1, 1);
		for (const c of colors) { pad.fillStyle = c; pad.fillRect(0, 0, 1, 1); }
		return [...pad.getImageData(0, 0, 1, 1).data].slice(0, 3);
	};
	const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const base = matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#ffffff";
	for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.textContent.trim() || !shown(e) || e.closest("script,style,noscript")) continue;
		const box = e.getBoundingClientRect();
		if (box.width <= 1 || box.height <= 1) continue; // for those who listen
		const under = [base];
		const chain = [];
		for (let p = e; p; p = p.parentElement) chain.unshift(getComputedStyle(p).backgroundColor);
		const style = getComputedStyle(e), back = light(over(under.concat(chain))), front = light(over(under.concat(chain, style.color)));
		const ratio = (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
		if (ratio < (large ? 3 : 4.5)) wrong.push("pale (" + ratio.toFixed(2) + "): " + walk.currentNode.textContent.trim().slice(0, 40));
	}
	return [...new Set(wrong)].join("\n");
})()`

func TestThePagesCanBePerceived(t *testing.T) {
	t.Parallel()
	for _, scheme := range []struct {
		name string
		step browsertest.Step
	}{{"light", nil}, {"dark", browsertest.Dark()}} {
		t.Run(scheme.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			tab := browsertest.Open(t, 700, 1000)
			check := func(page string, steps ...browsertest.Step) {
				t.Helper()
				browsertest.Run(t, tab, steps...)
				if wrong, err := browsertest.Eval[string](tab, audit); err != nil || wrong != "" {
					t.Errorf("%s: %v\n%s", page, err, wrong)
				}
			}
			if scheme.step != nil {
				browsertest.Run(t, tab, scheme.step)
			}
			check("services", chromedp.Navigate(s.URL+"/book/casa-maya"), h1("Book an appointment"))
			check("times", chromedp.Click(`//b[text()="Cleaning"]`), chromedp.WaitVisible(css(".times button")))
			check("form", chromedp.Click(css(".times button")), h1("Your details"))
			check("form with problems", chromedp.Click(css("button.primary")), browsertest.Until(`document.activeElement.getAttribute("role") === "alert"`))
			check("booked", chromedp.SendKeys(css("#name"), "Ann"), chromedp.SendKeys(css("#phone"), "+5016123456\r"), h1("Your appointment is booked"))
			own, err := browsertest.Eval[string](tab, `location.href`)
			if err != nil {
				t.Fatal(err)
			}
			check("move", chromedp.Click(`//a[text()="Move"]`), h1("Choose a new time"))
			check("cancel", chromedp.Navigate(own), chromedp.Click(`//a[text()="Cancel appointment"]`), h1("Cancel this appointment?"))
			check("cancelled", chromedp.Click(css("button.bad")), h1("This appointment is cancelled"))
			check("nothing", chromedp.Navigate(s.URL+"/book/casa-maya/hold/none"), h1("There is nothing here"))
		})
	}
}
