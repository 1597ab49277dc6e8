// Optional everywhere: every page does its work without this file.
(() => {
  "use strict";
  // What can wait is fetched when the page has been drawn.
  const then = document.currentScript.dataset.then;
  if (then) addEventListener("load", () => document.head.append(Object.assign(document.createElement("script"), { src: then })));

  const say = (text) => { const place = document.getElementById("annonce"); if (place && text) place.textContent = text; };

  // A held time: the printed deadline becomes a countdown, and is announced twice.
  const deadline = document.querySelector("[data-deadline]");
  if (deadline) {
    const end = Date.parse(deadline.dateTime), printed = deadline.textContent, said = new Set();
    const left = document.createElement("span");
    left.setAttribute("aria-hidden", "true");
    deadline.after(left);
    const words = document.getElementById("annonce").dataset;
    const once = (name) => { if (!said.has(name)) { said.add(name); say(words[name]); } };
    const tick = () => {
      const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
      deadline.textContent = printed;
      left.textContent = ` (${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")})`;
      if (seconds === 0) return once("over");
      if (seconds <= 30) once("half"); else if (seconds <= 120) once("two");
      setTimeout(tick, 1000);
    };
    tick();
  }

  // What is wrong comes first: `autofocus` is not honoured on every element by every browser.
  const trouble = document.querySelector("#erreurs, #alerte[tabindex]");
  if (trouble) trouble.focus();

  // After a swap of the picker: say what is shown, and keep the focus where the eye is.
  document.addEventListener("htmx:afterSettle", () => {
    const title = document.getElementById("t-day");
    const count = document.querySelectorAll("#creneaux .time").length;
    if (title) say(count ? `${title.textContent.trim()}, ${count}` : title.textContent.trim());
    if (document.activeElement === document.body) document.getElementById("t-week")?.focus();
  });

  // One press is enough: a second one would only be told that the first was heard.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();
