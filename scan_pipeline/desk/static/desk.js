// Help only: everything works without it. Ctrl+Enter presses the main button; leaving a page with
// words that were typed and not saved asks first; what is still asked for is brought into view.
"use strict";
const form = document.querySelector("form[data-keep]");
if (form) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
  form.addEventListener("keydown", (event) => {
    const main = form.querySelector("button[data-main]");
    if (event.ctrlKey && event.key === "Enter" && main) main.click();
  });
}
const asked = document.querySelector(".asked");
if (asked) {
  asked.scrollIntoView({ block: "center" });
  const first = asked.querySelector("input, textarea");
  if (first) first.focus({ preventScroll: true });
}
// The bar at the bottom must not stand on the field that somebody has just reached.
const bar = document.querySelector(".bar");
document.addEventListener("focusin", (event) => {
  if (!bar || bar.contains(event.target) || getComputedStyle(bar).position !== "sticky") return;
  const box = event.target.getBoundingClientRect(), top = bar.getBoundingClientRect().top;
  const below = box.bottom + 8 - top;
  if (below > 0 && box.height < top && bar.compareDocumentPosition(event.target) & Node.DOCUMENT_POSITION_PRECEDING) {
    window.scrollBy(0, below);
  }
});
