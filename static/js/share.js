// Copies the address of the page, which holds the whole simulation, and says that it did.
const copy = async () => {
  await navigator.clipboard.writeText(location.href);
  document.querySelector("[data-copied]").textContent = "Adresse copiée.";
};

const show = () => {
  for (const button of document.querySelectorAll("[data-copy-address]")) button.hidden = !navigator.clipboard;
};

document.body.addEventListener("click", (event) => {
  if (event.target.closest("[data-copy-address]")) copy();
});
document.body.addEventListener("htmx:afterSettle", show);
show();
