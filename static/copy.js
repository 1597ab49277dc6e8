// Buttons that copy a text of the page; where nothing can be copied they stay hidden, and the text can be selected.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      const said = button.textContent;
      button.textContent = "✓";
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }
})();
