"use strict";
// The page is drawn from what /simulator/api says. All that people wrote is put
// in as text nodes, never as markup.

const $ = (id) => document.getElementById(id);
const state = { key: "", session: null, channel: null, customer: null, since: 0, messages: new Map(), turns: new Map(),
  conversation: null, typing: false, waiting: 0, turnsBefore: 0, epoch: 0, timer: 0, blobs: new Map(), rows: new Map(), cards: new Map() };

// el makes an element: props are set as properties, or as attributes where the
// name has a dash; children are nodes or text.
function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((c) => c !== undefined && c !== null && c !== ""));
  return node;
}

class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

async function call(method, path, body, type) {
  const headers = { Authorization: "Bearer " + state.key };
  if (body !== undefined) headers["Content-Type"] = type || "application/json";
  const raw = body === undefined ? undefined : type ? body : JSON.stringify(body);
  const res = await fetch("/simulator/api" + path, { method, headers, body: raw, cache: "no-store" });
  const answer = res.status === 204 ? {} : await res.json().catch(() => ({}));
  if (!res.ok) {
    const e = answer.error || {};
    throw new Refused(res.status, e.message || `The server answered ${res.status}.`);
  }
  return answer.data;
}

// Signing in: the key comes in the fragment, which no server sees.

async function start() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem("frontdesk-key", given);
    history.replaceState(null, "", location.pathname);
  }
  const key = given || sessionStorage.getItem("frontdesk-key");
  if (!key) return ask("");
  await open(key);
}

function ask(message) {
  clearTimeout(state.timer);
  state.epoch++;
  $("desk").hidden = $("tabs").hidden = $("leave").hidden = $("mode").hidden = true;
  $("business").textContent = "";
  $("gate").hidden = false;
  $("key-error").textContent = message;
  $("key").focus();
}

async function open(key) {
  state.key = key;
  try {
    state.session = await call("GET", "/session");
  } catch (e) {
    if (e.status === 401 || e.status === 403) sessionStorage.removeItem("frontdesk-key");
    return ask(e instanceof Refused ? e.message : "The server cannot be reached.");
  }
  sessionStorage.setItem("frontdesk-key", key);
  $("gate").hidden = true;
  $("desk").hidden = $("tabs").hidden = $("leave").hidden = $("mode").hidden = false;
  $("business").textContent = state.session.business;
  document.title = state.session.business + " · Frontdesk simulator";
  showPane("phone");
  drawChannels();
  const first = state.session.channels.find((c) => c.id === sessionStorage.getItem("frontdesk-channel")) || state.session.channels[0];
  if (first) await chooseChannel(first);
  else problem("This business has no channel yet. Add one to its file and run frontdesk apply.");
}

$("key-form").addEventListener("submit", (e) => { e.preventDefault(); open($("key").value.trim()); $("key").value = ""; });
$("leave").addEventListener("click", () => { sessionStorage.removeItem("frontdesk-key"); ask(""); });

// Channels and customers.

const names = ["Ana Morales", "Dana Whitfield", "João Lima", "Amélie Laurent", "Jonas Weber", "Giulia Rossi", "Kofi Mensah", "Mei Tanaka"];
const kindNames = { whatsapp: "WhatsApp", twilio: "SMS", "twilio-whatsapp": "WhatsApp by Twilio" };
const initials = (name) => name.trim().split(/\s+/).slice(0, 2).map((w) => [...w][0] || "").join("").toUpperCase() || "?";
const pickOne = (list) => list[Math.floor(Math.random() * list.length)];

function item(title, sub, mark, pressed, onclick) {
  const b = el("button", { type: "button", className: "item", "aria-pressed": String(pressed), onclick },
    el("span", { className: "avatar", "aria-hidden": "true" }, mark),
    el("span", {}, el("b", { dir: "auto" }, title), el("small", {}, sub)));
  return b;
}

function drawChannels() {
  $("channels").replaceChildren(...state.session.channels.map((c) =>
    item(c.name, `${kindNames[c.kind]} · ${c.phone}`, c.kind === "twilio" ? "SMS" : "WA", state.channel && c.id === state.channel.id, () => chooseChannel(c))));
}

async function chooseChannel(channel) {
  state.channel = channel;
  sessionStorage.setItem("frontdesk-channel", channel.id);
  drawChannels();
  let customers = [];
  try {
    customers = await call("GET", "/customers?channel=" + encodeURIComponent(channel.id));
    if (customers.length === 0) customers = [await makeCustomer(names[1], randomPhone())];
  } catch (e) { return problem(e.message); }
  const kept = sessionStorage.getItem("frontdesk-customer");
  state.customers = customers;
  chooseCustomer(customers.find((c) => c.id === kept) || customers[0]);
}

const randomPhone = () => "+1555555" + (1000 + Math.floor(Math.random() * 9000));
const makeCustomer = (name, phone) => call("POST", "/customers", { channel_id: state.channel.id, name, phone });

function drawCustomers() {
  $("customers").replaceChildren(...state.customers.map((c) =>
    item(c.name || c.phone, c.name ? c.phone : "no name", initials(c.name || "#"), c.id === state.customer.id, () => { chooseCustomer(c); showPane("phone"); })));
}

function chooseCustomer(customer) {
  Object.assign(state, { customer, since: 0, messages: new Map(), turns: new Map(), rows: new Map(), cards: new Map(), conversation: null, typing: false, waiting: 0 });
  $("log").replaceChildren();
  $("turns").replaceChildren();
  state.epoch++;
  sessionStorage.setItem("frontdesk-customer", customer.id);
  drawCustomers();
  $("avatar").textContent = initials(state.session.business);
  $("talk-name").textContent = state.session.business;
  $("talk-sub").textContent = state.channel.phone + " · as " + (customer.name || customer.phone);
  $("via").textContent = kindNames[state.channel.kind];
  $("attach-place").hidden = state.channel.kind === "twilio";
  drawThread();
  drawTurns();
  $("text").focus({ preventScroll: true });
  poll();
}

$("add").addEventListener("click", () => toggleForm($("customer-form").hidden));
$("customer-cancel").addEventListener("click", () => toggleForm(false));
function toggleForm(show) {
  $("customer-form").hidden = !show;
  $("add").setAttribute("aria-expanded", String(show));
  if (!show) return;
  $("name").value = pickOne(names);
  $("phone").value = randomPhone();
  $("name").select();
  $("name").focus();
}
$("customer-form").addEventListener("submit", async (e) => {
  e.preventDefault();
  $("customer-error").textContent = "";
  try {
    const made = await makeCustomer($("name").value, $("phone").value.replace(/[^+0-9]/g, ""));
    state.customers = [made, ...state.customers.filter((c) => c.id !== made.id)];
    toggleForm(false);
    chooseCustomer(made);
    showPane("phone");
  } catch (err) { $("customer-error").textContent = err.message; }
});

// Following the conversation.

function poll() {
  clearTimeout(state.timer);
  const epoch = state.epoch;
  const query = new URLSearchParams({ since: state.since, turns: state.turns.size, conversation: state.conversation ? state.conversation.id : "" });
  call("GET", `/customers/${encodeURIComponent(state.customer.id)}/thread?${query}`).then((news) => {
    if (epoch !== state.epoch) return;
    $("live").classList.remove("lost");
    $("live").textContent = "live";
    take(news);
  }).catch((e) => {
    if (epoch !== state.epoch) return;
    if (e.status === 401 || e.status === 403) return ask(e.message);
    if (e.status === 404) return chooseChannel(state.channel);
    $("live").classList.add("lost");
    $("live").textContent = "no connection";
  }).finally(() => {
    if (epoch !== state.epoch || state.key === "") return;
    const busy = state.typing;
    state.timer = setTimeout(poll, document.hidden ? 5000 : busy ? 300 : 1000);
  });
}
document.addEventListener("visibilitychange", () => { if (!document.hidden && state.customer) poll(); });

function take(news) {
  state.since = news.version;
  for (const m of news.messages) state.messages.set(m.id, m);
  const before = JSON.stringify([state.typing, state.conversation]);
  if (state.conversation && news.conversation && state.conversation.id !== news.conversation.id) Object.assign(state, { turns: new Map(), cards: new Map(), turnsBefore: 0 });
  state.conversation = news.conversation;
  for (const t of news.turns) state.turns.set(t.number, t);
  if (state.turns.size > state.turnsBefore || news.messages.some((m) => !m.inbound) || (state.conversation && state.conversation.owner === "person")) state.waiting = 0;
  state.typing = news.typing || Date.now() < state.waiting;
  if (news.messages.length > 0 || before !== JSON.stringify([state.typing, state.conversation])) drawThread();
  if (news.turns.length > 0 || before !== JSON.stringify([state.typing, state.conversation])) drawTurns();
}

// The phone.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

function drawThread() {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const rows = [];
  const marks = new Map();
  let day = "", side = null;
  const all = [...state.messages.values()].sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
  for (const m of all) if (m.content.type === "reaction" && m.content.reaction) marks.set(m.content.reaction.provider_id, m.content.reaction.emoji);
  for (const m of all) {
    if (m.content.type === "reaction") continue;
    const date = dayName.format(new Date(m.at));
    if (date !== day) { day = date; side = null; rows.push(kept("day " + day, "", () => el("li", { className: "day" }, date))); }
    const first = side !== m.inbound, mark = marks.get(m.provider_id);
    rows.push(kept(m.id, JSON.stringify([m, first, mark]), () => said(m, first, mark)));
    side = m.inbound;
  }
  if (all.length === 0) rows.push(kept("hint", state.session.business, () => el("li", { className: "hint", dir: "auto" }, "Write to " + state.session.business + " as one of its customers. Nothing reaches a real phone.")));
  if (state.typing) rows.push(kept("typing", "", () => el("li", { className: "typing", "aria-label": "The business is writing" }, el("i"), el("i"), el("i"))));
  arrange(log, rows);
  if (atEnd) log.scrollTop = log.scrollHeight;
  drawIdeas(all.length === 0);
}

// kept returns the row drawn before under that name, unless what it shows has
// changed: a row that stays keeps its focus and does not move again.
function kept(name, shows, draw) {
  const old = state.rows.get(name);
  if (old && old.shows === shows) return old.node;
  const node = draw();
  if (old) node.classList.add("still");
  state.rows.set(name, { shows, node });
  return node;
}

// arrange makes rows the children of parent and touches only those that differ.
function arrange(parent, rows) {
  const wanted = new Set(rows);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  rows.forEach((row, i) => { if (parent.children[i] !== row) parent.insertBefore(row, parent.children[i] || null); });
}

function said(m, first, mark) {
  const mine = m.inbound, failed = m.status === "failed";
  const row = el("li", { className: "said" + (mine ? " mine" : "") + (first ? " turn" : "") + (failed ? " failed" : "") });
  row.append(el("div", { className: "bubble" }, ...inside(m), meta(m)));
  if (failed) row.append(el("span", { className: "why" }, whyFailed(m)));
  if (!mine) row.append(...choicesOf(m));
  if (mark) row.append(el("span", { className: "mark" }, mark));
  if (!mine && state.channel.kind === "whatsapp") row.append(reactButton(m, row));
  return row;
}

function whyFailed(m) {
  if (m.code.startsWith("callback_")) return `Not taken: the gateway answered ${m.code.slice(9)}`;
  return m.code ? `Failed: the provider says ${m.code}` : "Failed";
}

function meta(m) {
  const tick = { queued: "✓", sending: "✓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" }[m.status] || "";
  return el("div", { className: "meta" }, el("time", { dateTime: m.at }, clock.format(new Date(m.at))),
    el("span", { className: "ticks" + (m.status === "read" ? " read" : ""), title: m.status, "aria-label": m.status, role: "img" }, tick));
}

const words = (text, cls) => text ? el("div", { className: "words " + (cls || ""), dir: "auto" }, text) : null;

function inside(m) {
  const c = m.content, parts = [];
  if (c.menu && c.menu.header) parts.push(words(c.menu.header, "head"));
  for (const file of c.media || []) parts.push(picture(file, c.type));
  if (c.location) parts.push(place(c.location));
  if (c.template) {
    parts.push(words("Template " + c.template.name + (c.template.language ? " · " + c.template.language : ""), "head"));
    if (c.template.components) parts.push(el("pre", { className: "words" }, JSON.stringify(c.template.components, null, 1)));
  }
  if (c.contacts) parts.push(words("Contact card"), el("pre", { className: "words" }, JSON.stringify(c.contacts, null, 1)));
  const text = c.text || (c.selection ? c.selection.title : "");
  if (!(c.location && text === c.location.name)) parts.push(words(text));
  if (c.selection && c.selection.description) parts.push(words(c.selection.description, "foot"));
  if (c.menu && c.menu.footer) parts.push(words(c.menu.footer, "foot"));
  return parts.filter(Boolean);
}

function place(at) {
  const svg = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const pin = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  pin.append(svg("path", { d: "M12 2a7 7 0 0 0-7 7c0 5.2 7 13 7 13s7-7.8 7-13a7 7 0 0 0-7-7z" }), svg("circle", { cx: 12, cy: 9, r: 2.6, class: "hole" }));
  return el("div", { className: "pin" }, pin, el("div", {}, el("b", { dir: "auto" }, at.name || "Location"),
    words(at.address, "foot"), el("div", { className: "foot" }, `${at.latitude.toFixed(5)}, ${at.longitude.toFixed(5)}`)));
}

// picture shows a file of the simulator's. What lies elsewhere is named and not
// loaded: nobody is to learn that this page was looked at.
function picture(file, type) {
  const own = file.id || (file.url || "").split("/simulator/api/media/")[1];
  if (type !== "image" || !own) return words(`${type} · ${file.filename || file.url || file.id || ""}`, "foot");
  const img = el("img", { className: "file", alt: "Picture" });
  if (state.blobs.has(own)) img.src = state.blobs.get(own);
  else fetch("/simulator/api/media/" + encodeURIComponent(own), { headers: { Authorization: "Bearer " + state.key } })
    .then((r) => r.ok ? r.blob() : Promise.reject(new Error(String(r.status))))
    .then((b) => { state.blobs.set(own, URL.createObjectURL(b)); img.src = state.blobs.get(own); })
    .catch(() => img.replaceWith(words("Picture that is no more", "foot")));
  return img;
}

function choicesOf(m) {
  const menu = m.content.menu;
  if (!menu) return [];
  const box = el("div", { className: "choices" });
  for (const b of menu.buttons || [])
    box.append(el("button", { type: "button", className: "choice", "data-id": m.id + b.id, dir: "auto", onclick: () => choose(m, "button", b) }, b.title));
  if ((menu.sections || []).length > 0)
    box.append(el("button", { type: "button", className: "choice", "data-id": m.id, dir: "auto", "aria-haspopup": "dialog", onclick: () => openList(m) }, menu.list_title || "Choose"));
  return box.childElementCount > 0 ? [box] : [];
}

function openList(m) {
  const menu = m.content.menu;
  $("sheet-title").textContent = menu.list_title || "Choose";
  $("sheet-body").replaceChildren(...menu.sections.flatMap((s) => [
    s.title ? el("h3", { dir: "auto" }, s.title) : "",
    ...s.rows.map((r) => el("button", { type: "button", className: "pick", dir: "auto", onclick: () => { $("sheet").close(); choose(m, "list", r); } },
      r.title, r.description ? el("small", {}, r.description) : "")),
  ]).filter(Boolean));
  $("sheet").showModal();
}

const choose = (m, kind, choice) => write({ type: "interactive", text: choice.title, reply_to: m.provider_id,
  selection: { kind, id: choice.id, title: choice.title, description: choice.description || "" } });

function reactButton(m, row) {
  const button = el("button", { type: "button", className: "react", "data-id": "react" + m.id, "aria-label": "React", "aria-expanded": "false" }, "☺");
  button.addEventListener("click", () => {
    const old = row.querySelector(".emojis");
    button.setAttribute("aria-expanded", String(!old));
    if (old) return old.remove();
    row.append(el("div", { className: "emojis", role: "group", "aria-label": "Reaction" }, ...["👍", "❤️", "😂", "😮", "😢", "🙏"].map((emoji) =>
      el("button", { type: "button", "aria-label": emoji, onclick: () => write({ type: "reaction", reaction: { provider_id: m.provider_id, emoji } }) }, emoji))));
    row.querySelector(".emojis button").focus();
  });
  return button;
}

const ideas = ["Hi! What are your opening hours?", "Where can I park?", "Can I book a cleaning tomorrow afternoon?", "¿Cuánto cuesta una limpieza?", "I'd like to talk to a person"];
function drawIdeas(show) {
  $("ideas").hidden = !show;
  if (show) $("ideas").replaceChildren(...ideas.map((t) => el("button", { type: "button", onclick: () => write({ type: "text", text: t }) }, t)));
}

// Writing.

async function write(message) {
  if (!state.customer) return false; // not loaded yet
  problem("");
  state.waiting = message.type === "reaction" ? 0 : Date.now() + 15000;
  state.turnsBefore = state.turns.size;
  try {
    const m = await call("POST", `/customers/${encodeURIComponent(state.customer.id)}/messages`, message);
    state.messages.set(m.id, m);
    drawThread();
    $("log").scrollTop = $("log").scrollHeight;
    poll();
    return true;
  } catch (e) {
    if (e.status === 401) ask(e.message);
    else problem(e instanceof Refused ? e.message : "The server cannot be reached. Your message was not sent.");
    return false;
  }
}

let problemTimer = 0;
function problem(text) {
  clearTimeout(problemTimer);
  $("write-error").textContent = text;
  if (text) problemTimer = setTimeout(() => problem(""), 8000);
}

const box = $("text");
function fit() { box.style.height = "auto"; box.style.height = Math.min(box.scrollHeight + 2, 130) + "px"; }
box.addEventListener("input", fit);
box.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); $("composer").requestSubmit(); }
});
$("composer").addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = box.value;
  if (text.trim() === "") return;
  box.value = "";
  fit();
  if (!await write({ type: "text", text }) && box.value === "") { box.value = text; fit(); }
  box.focus();
});

function menu(show) {
  $("attach-menu").hidden = !show;
  $("attach").setAttribute("aria-expanded", String(show));
  if (show) $("attach-image").focus();
}
$("attach").addEventListener("click", (e) => { e.stopPropagation(); menu($("attach-menu").hidden); });
document.addEventListener("click", () => menu(false));
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !$("attach-menu").hidden) { menu(false); $("attach").focus(); } });
$("attach-image").addEventListener("click", () => $("file").click());
$("attach-place").addEventListener("click", () => write({ type: "location", location: { latitude: 17.49952, longitude: -88.19756, name: "Battlefield Park", address: "Albert Street, Belize City" } }));
$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  $("file").value = "";
  if (!file) return;
  try {
    const { id } = await call("POST", "/media", file, file.type);
    const text = box.value;
    box.value = "";
    await write({ type: "image", text, media_id: id });
  } catch (e) { problem(e.message); }
});

// What the agent saw.

const outcomes = { answered: "good", greeted: "info", declined: "warn", handed_off: "warn", opted_out: "bad", opted_in: "good", silent: "", superseded: "" };
const reasons = { asked: "the customer asked for a person", failures: "too many questions without an answer", unsupported: "nothing supports an answer", api: "by request", by_api: "by request" };
const spaced = (s) => s.replaceAll("_", " ");
const percent = (v) => Math.round(v * 100) + " %";

function drawTurns() {
  const list = [...state.turns.values()].sort((a, b) => b.number - a.number);
  $("no-turns").hidden = list.length > 0;
  for (const t of list) if (!state.cards.has(t.number)) state.cards.set(t.number, turnCard(t));
  arrange($("turns"), list.map((t) => state.cards.get(t.number)));
  drawState();
}

function drawState() {
  const c = state.conversation;
  $("state").hidden = !c;
  if (!c) return;
  const rows = [["Answers", c.owner === "person" ? "a person" : "the agent"]];
  if (c.owner === "person" && c.owner_reason) rows.push(["Because", reasons[c.owner_reason] || spaced(c.owner_reason)]);
  if (c.language) rows.push(["Language", c.language]);
  rows.push(["Conversation", `#${c.number}, ${c.state}`]);
  $("state").replaceChildren(el("dl", {}, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])));
  if (c.owner === "person" && c.state === "open") $("state").append(el("button", { type: "button", className: "ghost", onclick: resume }, "Hand back to the agent"));
}

async function resume() {
  try {
    await call("POST", `/customers/${encodeURIComponent(state.customer.id)}/resume`);
    poll();
  } catch (e) { problem(e.message); }
}

function turnCard(t) {
  const chips = [el("span", { className: "chip " + (outcomes[t.outcome] || "") }, spaced(t.outcome))];
  if (t.language) chips.push(el("span", { className: "chip" }, t.language));
  chips.push(...t.acts.map((a) => el("span", { className: "chip info" }, a)), ...t.flags.map((f) => el("span", { className: "chip bad" }, spaced(f))));
  const took = new Date(t.decided_at) - new Date(t.received_at);
  const card = el("li", { className: "turn-card" },
    el("header", {}, el("b", {}, "Turn " + t.number), el("span", { className: "grow" }), t.brain, took >= 0 && took < 60000 ? ` · ${took} ms` : ""),
    ...t.asked.map((a) => el("div", { className: "asked", dir: "auto" }, a.text || spaced(a.type))),
    el("div", { className: "chips" }, ...chips));
  if (t.reason) card.append(el("div", { className: "foot" }, "Reason: " + (reasons[t.reason] || spaced(t.reason))));
  if (t.searches.length > 0 || t.confidence > 0) card.append(gauge("Confidence", t.confidence));
  for (const s of t.searches) card.append(...search(s));
  if (t.outcome === "answered" && !t.searches.some((s) => s.article)) card.append(el("div", { className: "foot" }, "The reply quotes no article."));
  return card;
}

function gauge(label, value) {
  return el("div", { className: "gauge" }, el("span", {}, label),
    el("meter", { min: 0, max: 1, low: .35, high: .55, optimum: 1, value, "aria-label": label }), el("span", {}, percent(value)));
}

function search(s) {
  const best = Math.max(...s.hits.map((h) => h.score), 1e-9);
  const hits = s.hits.map((h) => {
    const used = s.supported && h.article === s.article;
    return el("div", { className: "hit" + (used ? " used" : "") },
      el("b", { title: h.title, dir: "auto" }, (used ? "✓ " : "") + (h.title || h.article)),
      el("meter", { min: 0, max: 1, value: h.score / best, "aria-hidden": "true" }), el("span", {}, h.score.toFixed(2)));
  });
  const verdict = s.supported ? "The reply quotes the passage marked ✓." : "No passage supports an answer.";
  return [el("div", { className: "foot", dir: "auto" }, hits.length > 0 ? "Looked up: " + s.query : "Looked up, found nothing: " + s.query), el("div", { className: "hits" }, ...hits), el("div", { className: "foot" }, verdict)];
}

// On a narrow screen one pane shows at a time.

function showPane(name) {
  $("desk").dataset.pane = name;
  for (const b of $("tabs").children) b.setAttribute("aria-current", String(b.dataset.pane === name));
}
for (const b of $("tabs").children) b.addEventListener("click", () => showPane(b.dataset.pane));

start();
