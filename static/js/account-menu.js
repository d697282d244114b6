// The menu of the header closes with Escape, and when the focus or a click goes elsewhere.
const menu = document.querySelector(".account-menu");

if (menu) {
  const closeUnlessIn = (target) => {
    if (!menu.contains(target)) menu.open = false;
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("focusin", ({ target }) => closeUnlessIn(target));
  document.addEventListener("pointerdown", ({ target }) => closeUnlessIn(target));
}
