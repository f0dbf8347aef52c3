"use strict";
// Search hides what does not have all the words; examples can be copied.
const search = document.getElementById("search");
search.closest(".search").hidden = false;
const entries = [...document.querySelectorAll("[data-words]")];
const groups = [...document.querySelectorAll(".group")];
const nothing = document.getElementById("nothing");

function look() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const e of entries) e.hidden = !words.every((w) => e.dataset.words.includes(w));
  for (const g of groups) g.hidden = !g.querySelector("[data-words]:not([hidden])");
  nothing.hidden = entries.some((e) => !e.hidden);
}
search.addEventListener("input", look);
document.addEventListener("keydown", (e) => {
  if (e.key === "/" && document.activeElement !== search) {
    e.preventDefault();
    search.focus();
  }
  if (e.key === "Escape" && document.activeElement === search) {
    search.value = "";
    look();
  }
});

for (const pre of document.querySelectorAll("pre.curl")) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  pre.append(button);
}

// What an address names is shown, whatever is being searched for.
addEventListener("hashchange", () => {
  const e = document.getElementById(location.hash.slice(1));
  if (e && e.hidden) {
    search.value = "";
    look();
    e.scrollIntoView();
  }
});
