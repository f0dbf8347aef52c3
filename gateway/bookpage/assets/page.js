// What the pages do beyond plain HTML: a month, a day or a person is chosen
// without a new page, arrows walk through the calendar, a frame tells its height.
(() => {
  const $ = (query, within = document) => within.querySelector(query);
  const framed = parent !== window;
  const tell = (data) => framed && parent.postMessage(data, "*");
  const say = (text) => { const live = $("#live"); if (live && text) live.textContent = text; };

  const measure = () => tell({ type: "frontdesk:height", height: Math.ceil($("body").getBoundingClientRect().height) });
  if (framed) new ResizeObserver(measure).observe(document.body);

  const settle = () => {
    const alert = $("[role=alert]");
    if (alert) alert.focus();
    if ($("[data-booked]")) tell({ type: "frontdesk:booked" });
    count();
  };

  // The choice of service, person, day and month: links marked data-step.
  let asked = 0;
  const load = async (address, focus) => {
    const mine = ++asked, main = $("main");
    main.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return true;
      if (!$("main", fresh)) return false;
      main.replaceWith(document.adoptNode($("main", fresh)));
      document.title = fresh.title;
      const to = (focus && document.getElementById(focus)) || $("h1");
      if (to) to.focus();
      say($("main").dataset.said);
      settle();
      return true;
    } catch { return false; } finally { main.removeAttribute("aria-busy"); }
  };
  document.addEventListener("click", async (e) => {
    const link = e.target.closest("a[data-step]");
    if (!link || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    if (await load(link.href, link.dataset.focus || link.id)) history.pushState(null, "", link.href);
    else location.href = link.href;
  });
  addEventListener("popstate", async () => { if (!(await load(location.href))) location.reload(); });

  document.addEventListener("keydown", (e) => {
    const day = e.target.closest && e.target.closest(".days a"), by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
    if (!day || !by) return;
    e.preventDefault();
    const all = [...document.querySelectorAll(".days a")], at = Number(day.dataset.day) + by;
    const near = by > 0 ? all.find((a) => Number(a.dataset.day) >= at) : all.reverse().find((a) => Number(a.dataset.day) <= at);
    if (near) near.focus();
  });

  // One sending of a form is enough.
  document.addEventListener("submit", (e) => {
    if (e.target.dataset.sent) return e.preventDefault();
    e.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((f) => delete f.dataset.sent));

  // A time that is kept says when it no longer is.
  let timer;
  const count = () => {
    clearTimeout(timer);
    const kept = $("[data-until]");
    if (!kept) return;
    const left = Number(kept.dataset.until) * 1000 - Date.now();
    if (left > 0) { timer = setTimeout(count, Math.min(left + 500, 2e9)); return; }
    kept.textContent = kept.dataset.over;
    kept.classList.add("over");
    say(kept.dataset.over);
  };
  settle();
  measure();
})();
