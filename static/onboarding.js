// The address of the page, copied by one press where the browser can.
(() => {
  "use strict";
  const share = document.querySelector(".share"), field = share?.querySelector("input");
  if (!share || !navigator.clipboard) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-soft", textContent: share.dataset.copy });
  const said = Object.assign(document.createElement("span"), { className: "vh" });
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = said.textContent = share.dataset.copied;
    setTimeout(() => { button.textContent = share.dataset.copy; said.textContent = ""; }, 4000);
  });
  share.append(button, said);
})();
