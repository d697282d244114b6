// Copies what a field holds, and says that it did. Without a clipboard there is no button: the field is read.
for (const button of document.querySelectorAll("[data-copy-text]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copyText).value);
    document.querySelector("[data-copied]").textContent = "Message copié.";
  });
}
