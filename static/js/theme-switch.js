// The light / dark / automatic switch at the foot of the page.
const { chosen, show } = window.cptsTheme;
const group = document.querySelector(".theme-switch");

const mark = (theme) => {
  for (const button of group.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
  }
};

const choose = (theme) => {
  show(theme);
  mark(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage refused by the browser: the choice lasts for the page.
  }
};

if (group) {
  mark(chosen());
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(button.dataset.theme);
  });
  group.hidden = false;
}
