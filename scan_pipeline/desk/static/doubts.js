// Words in doubt, by keyboard: Alt+Down goes to the next, Alt+Up to the one before; Alt+1, 2, 3 (4)
// puts another reading in its place, Alt+0 what stood there first. Any other digit with Alt is caught
// too, or it would be typed over the word that is marked. Help only: without it the box is a plain
// box. What is saved is what is in the box, and nothing else.
"use strict";
(() => {
  const fields = [...document.querySelectorAll("textarea[data-doubts]")].map(watched);
  if (!fields.length) return;
  document.getElementById("keys").hidden = false;
  let keyed = false; // the last move was made by keyboard
  let stray = false; // Windows types a character when Alt is let go after digits of the keypad

  // A field: its box, what the box said last, and the places of its words in doubt.
  function watched(box) {
    const words = [...box.defaultValue.matchAll(/\S+/g)];
    const places = JSON.parse(box.dataset.doubts).flatMap((doubt) => {
      const first = words[doubt.at], last = words[doubt.at + doubt.words - 1];
      if (!first || !last) return [];
      return [{ ...doubt, start: first.index, end: last.index + last[0].length }];
    });
    const panel = document.createElement("div");
    panel.className = "choices";
    panel.setAttribute("role", "status");
    const image = document.createElement("img"); // of the line; the whole field's is described
    image.alt = "";
    image.className = "line";
    box.after(panel);
    box.setAttribute("aria-describedby", "keys");
    const field = { box, panel, image, places, before: box.defaultValue };
    follow(field); // a browser may have kept what was typed before the page was loaded again
    box.addEventListener("input", () => {
      follow(field, field.edit);
      if (!field.edit) show(field, held(field));
    });
    box.addEventListener("beforeinput", (event) => { if (stray && !field.edit) event.preventDefault(); });
    box.closest("section").querySelectorAll("mark[data-word]").forEach((mark) => {
      mark.addEventListener("click", () => {
        const place = open(field).find((p) => p.read_at.includes(Number(mark.dataset.word)));
        if (place) hold(field, place);
      });
    });
    show(field, null);
    return field;
  }

  // Places move with what is typed before them, and grow with what is typed into their words.
  function follow(field, edit = null) {
    const old = field.before, now = field.box.value, by = now.length - old.length;
    const { from, until } = edit || difference(old, now);
    field.before = now;
    field.places = field.places.filter((place) => {
      let { start, end } = place;
      if (start >= until) { start += by; end += by; }
      else if (end > from) { start = Math.min(start, from); end = Math.max(end, until) + by; }
      if (start >= end) return false; // it was taken out
      while (start > 0 && /\S/.test(now[start - 1])) start--;
      while (end < now.length && /\S/.test(now[end])) end++;
      while (start < end && /\s/.test(now[start])) start++;
      while (start < end && /\s/.test(now[end - 1])) end--;
      Object.assign(place, { start, end });
      return true;
    });
  }

  // The part of the old text, from one place until another, that is not in the new one.
  function difference(old, now) {
    const least = Math.min(old.length, now.length);
    let from = 0, same = 0;
    while (from < least && old[from] === now[from]) from++;
    while (same < least - from && old[old.length - 1 - same] === now[now.length - 1 - same]) same++;
    return { from, until: old.length - same };
  }

  function said(field, place) {
    return field.box.value.slice(place.start, place.end).split(/\s+/).join(" ");
  }

  // What somebody typed by hand is in doubt no more.
  function open(field) {
    return field.places.filter((place) => {
      const now = said(field, place);
      return now === place.was || place.choices.some((choice) => choice.text === now);
    });
  }

  function held(field) {
    return under(field, open(field));
  }

  function under(field, places) {
    const { selectionStart: start, selectionEnd: end } = field.box;
    return places.find((place) => place.start <= start && end <= place.end) || null;
  }

  function caret({ box }) {
    return `${box.selectionStart}-${box.selectionEnd}`;
  }

  function active() {
    const focused = document.activeElement;
    return fields.find(({ box, panel }) => box === focused || panel.contains(focused));
  }

  // Keys are offered in one field at a time.
  function rest() {
    const here = active();
    fields.filter((field) => field !== here).forEach((field) => { show(field, null); });
  }

  function show(field, place, told = "") {
    const all = open(field), marks = field.box.closest("section").querySelectorAll("mark[data-word]");
    marks.forEach((mark) => {
      const here = place && place.read_at.includes(Number(mark.dataset.word));
      mark.classList.toggle("here", Boolean(here));
    });
    const now = place ? said(field, place) : "";
    field.told = told ? caret(field) : "";
    const key = JSON.stringify([all.length, place && place.read_at, now, told]);
    if (field.shown === key) return; // or a screen reader would say it again
    field.shown = key;
    const parts = told ? [`${told} `] : [];
    if (place) {
      parts.push(`“${now}”, ${all.indexOf(place) + 1} of ${all.length} in doubt. `);
      const keys = place.choices.map((choice, k) => [k + 1, choice]);
      if (now !== place.was) keys.push([0, { text: place.was, first: true }]);
      keys.filter(([, choice]) => choice.text !== now)
        .forEach(([k, choice]) => { parts.push(button(field, place, k, choice), " "); });
      if (!place.choices.length) parts.push("There is no other reading: look at the picture.");
    } else if (!told && !all.length) {
      parts.push("No more words in doubt here.");
    } else if (!told) {
      parts.push(all.length === 1 ? "1 word in doubt: " : `${all.length} words in doubt: `, "Alt+↓");
    }
    field.panel.replaceChildren(...parts);
    showLine(field, place);
  }

  function showLine({ box, panel, image }, place) {
    if (!place || place.line === null) {
      image.remove();
      return;
    }
    const source = `${box.dataset.lines}/${place.line}`;
    if (image.getAttribute("src") !== source) image.src = source;
    if (!image.isConnected) panel.before(image);
  }

  function button(field, place, k, choice) {
    const made = document.createElement("button"), key = document.createElement("kbd");
    const note = choice.first ? " (as it was)" : choice.by_letters ? " (letter by letter)" : "";
    key.textContent = `Alt+${k}`;
    made.type = "button";
    made.className = "quiet";
    made.append(key, ` ${choice.text}${note}`);
    made.addEventListener("mousedown", (event) => { event.preventDefault(); });
    made.addEventListener("click", () => { put(field, place, choice.text); });
    return made;
  }

  function hold(field, place, told = "") {
    const { box, panel } = field;
    box.focus({ preventScroll: true });
    while (box.scrollHeight > box.clientHeight && box.rows < 40) box.rows++;
    box.setSelectionRange(place.start, place.end);
    show(field, place, told);
    rest();
    box.scrollIntoView({ block: "nearest" });
    panel.scrollIntoView({ block: "nearest" });
  }

  function put(field, place, text) {
    const { box } = field;
    box.focus({ preventScroll: true });
    box.setSelectionRange(place.start, place.end);
    field.edit = { from: place.start, until: place.end };
    // As if it were typed, so that Ctrl+Z takes it back.
    if (!document.execCommand("insertText", false, text)) {
      box.setRangeText(text);
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    field.edit = null;
    hold(field, place);
  }

  function step(forward) {
    const focused = document.activeElement, here = active();
    const all = fields.flatMap((field) => open(field).map((place) => ({ field, place })));
    const ahead = all.filter(({ field, place }) => {
      if (field === here) return beyond(field.box, place, forward);
      if (focused === document.body) return forward;
      const next = focused.compareDocumentPosition(field.box) & Node.DOCUMENT_POSITION_FOLLOWING;
      return forward ? next : !next;
    });
    const some = ahead.length || here ? ahead : all; // from below the last one, to the first again
    const to = forward ? some[0] : some[some.length - 1];
    if (to) hold(to.field, to.place);
    else if (here) show(here, held(here), forward ? "No more words in doubt." : "No words in doubt before.");
  }

  function beyond({ selectionStart: start, selectionEnd: end }, place, forward) {
    const on = place.start === start && place.end === end;
    return !on && (forward ? place.start >= start : place.end <= start);
  }

  // Alt and a digit: another reading; 0 also where somebody has typed over the word.
  function pick(field, k) {
    const place = held(field), once = place || under(field, field.places);
    const choice = place && k ? place.choices[k - 1] : !k && once ? { text: once.was } : null;
    if (choice) put(field, once, choice.text);
    else if (place) show(field, place, `There is no reading with Alt+${k}.`);
    else show(field, null, once ? `Alt+0 puts “${once.was}” back.` : "No word in doubt here.");
  }

  document.addEventListener("keydown", (event) => {
    keyed = true;
    stray = false;
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.shiftKey) return;
      event.preventDefault();
      step(event.key === "ArrowDown");
      return;
    }
    const digit = /^(Digit|Numpad)(\d)$/.exec(event.code), field = active();
    if (!digit || !field) return;
    const keypad = digit[1] === "Numpad";
    // Without a word in doubt, Alt and the keypad may be how somebody types an accent.
    if (keypad && !held(field)) return;
    stray = keypad;
    event.preventDefault(); // some browsers would go to another tab
    pick(field, Number(digit[2]));
  });
  document.addEventListener("pointerdown", () => {
    keyed = false;
    stray = false;
  });
  // What is pressed must not move away under the pointer: after a click, or at once by keyboard.
  document.addEventListener("click", rest);
  document.addEventListener("focusin", () => { if (keyed) rest(); });
  document.addEventListener("selectionchange", () => {
    const field = fields.find(({ box }) => box === document.activeElement);
    // It comes late, of a move before something was told: what was told stays until the next move.
    if (field && field.told !== caret(field)) show(field, held(field));
  });
})();
