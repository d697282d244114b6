// Runs before the first paint: sets the colour theme the visitor chose, else the system's.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto"; // Storage refused by the browser: the choice lasts for the page.
    }
  };
  const show = (theme) => {
    const dark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
  };
  show(chosen());
  system.addEventListener("change", () => show(chosen()));
  // Paper is white: light ink on it would not be read.
  window.addEventListener("beforeprint", () => show("light"));
  window.addEventListener("afterprint", () => show(chosen()));
  window.cptsTheme = { chosen, show };
})();
