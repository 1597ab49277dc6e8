// Bookt: the booking of one business, in the page that this tag stands in. See docs/embed.md.
(() => {
  "use strict";
  const tag = document.currentScript, slug = tag && tag.dataset.bookt;
  if (!slug) return;
  const home = new URL(tag.src).origin;
  const language = (tag.dataset.lang || document.documentElement.lang).slice(0, 2).toLowerCase();
  const titles = { fr: "Prendre rendez-vous", nl: "Afspraak maken", en: "Book an appointment", de: "Termin buchen" };
  const frame = document.createElement("iframe");
  frame.title = titles[language] || titles.fr;
  frame.loading = "lazy";
  frame.style.cssText = "display:block;width:100%;height:40rem;border:0";
  frame.src = `${home}/embed/${encodeURIComponent(slug)}/rdv${titles[language] ? `?lang=${language}` : ""}`;

  // The only thing the frame may say is how tall it is; nobody else is heard.
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== home || source !== frame.contentWindow || !Number.isInteger(data)) return;
    frame.style.height = `${Math.min(Math.max(data, 160), 6000)}px`;
  });

  // The next step begins at its top, wherever the last one was left.
  let steps = 0;
  frame.addEventListener("load", () => {
    if (steps++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
  tag.after(frame);
})();
