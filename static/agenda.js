// Optional: the agenda does all its work without this file. Keys, dragging onto a free hour, shifting by Alt and arrows.
(() => {
  "use strict";
  const stored = "bookt-agenda-keys", on = () => localStorage.getItem(stored) !== "off";
  const click = (id) => document.getElementById(id)?.click();
  const keys = { j: "ag-next", k: "ag-prev", t: "ag-today", 1: "ag-jour", 2: "ag-semaine" };
  const minutes = (text) => Date.parse(text + "Z") / 60000;
  const written = (at) => new Date(at * 60000).toISOString().slice(0, 16);

  // Where to is asked back: the page that it leads to says who is told, and does it.
  const go = (block, start, whom) => {
    const to = new URL(block.dataset.move, location.href);
    to.searchParams.set("debut", start);
    if (whom) to.searchParams.set("avec", whom);
    location.assign(to);
  };

  const dress = () => {
    const box = document.getElementById("ag-keys");
    if (!box) return;
    box.closest("[hidden]")?.removeAttribute("hidden");
    box.checked = on();
    box.onchange = () => localStorage.setItem(stored, box.checked ? "on" : "off");
  };

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (!on() || event.ctrlKey || event.metaKey || at.closest("input, select, textarea, [contenteditable]")) return;
    const block = at.closest?.("[data-move]");
    if (event.altKey) {
      const by = { ArrowUp: -5, ArrowDown: 5, ArrowLeft: -1440, ArrowRight: 1440 }[event.key];
      if (!block || !by) return;
      const step = Math.abs(by) === 5 ? Math.sign(by) * Number(document.getElementById("agenda").dataset.step) : by;
      event.preventDefault();
      return go(block, written(minutes(block.dataset.start) + step));
    }
    if (block && event.key === "m") return location.assign(block.dataset.move);
    if (event.key === "n") return document.querySelector("a[href*='/rendez-vous/nouveau']")?.click();
    if (event.key === "?") {
      const more = document.querySelector(".ag-more");
      if (more) { more.open = !more.open; more.querySelector("summary").focus(); }
      return;
    }
    if (keys[event.key]) click(keys[event.key]);
  });

  // Links can be dragged as they are; a free hour takes those of bookings.
  let dragged = null;
  document.addEventListener("dragstart", (event) => { dragged = event.target.closest?.("[data-move]"); });
  document.addEventListener("dragend", () => { dragged = null; });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const cell = event.target.closest?.(".ag-cell");
      if (!dragged || !cell) return;
      cell.classList.toggle("is-over", name === "dragover");
      event.preventDefault();
      if (name !== "drop") return;
      const to = new URL(cell.firstElementChild.href).searchParams;
      go(dragged, to.get("debut"), to.get("avec"));
    });
  }

  // After a swap the eye is on the title; the focus follows where its link is gone.
  document.addEventListener("htmx:afterSettle", () => {
    dress();
    const title = document.getElementById("ag-title");
    if (title) document.title = title.textContent.trim() + " – " + document.title.split(" – ").pop();
    if (document.activeElement === document.body) title?.focus();
  });
  dress();
})();
