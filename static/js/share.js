// Copies the address shown in a field, and says that it did.
const copy = async (button) => {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  document.querySelector("[data-copied]").textContent = "Adresse copiée.";
};

const show = () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
};

document.body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.body.addEventListener("htmx:afterSettle", show);
show();
