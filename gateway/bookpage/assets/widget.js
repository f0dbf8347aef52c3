// Shows a booking page within this one. Put the script where it should stand:
//   <script src="…/widget.js" async></script>
// data-target="#id" names another place, data-lang="es" a language,
// data-service="Cleaning" a service that is chosen already.
(() => {
  const page = "PAGE", script = document.currentScript, set = (script && script.dataset) || {};
  const frame = document.createElement("iframe"), address = new URL(page);
  address.searchParams.set("embed", "1");
  for (const name of ["lang", "service", "staff"]) if (set[name]) address.searchParams.set(name, set[name]);
  frame.src = address;
  frame.title = "TITLE";
  frame.style.cssText = "width:100%;min-height:420px;border:0;display:block";
  addEventListener("message", (e) => {
    if (e.source !== frame.contentWindow || e.origin !== address.origin || !e.data) return;
    if (e.data.type === "frontdesk:height") frame.style.height = Math.min(Math.max(Number(e.data.height) || 0, 200), 5000) + "px";
    if (e.data.type === "frontdesk:booked") dispatchEvent(new CustomEvent("frontdesk:booked"));
  });
  const target = set.target && document.querySelector(set.target);
  if (target) target.append(frame);
  else if (script) script.after(frame);
})();
