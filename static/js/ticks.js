// Ticking every row of a list at once: the box of the header exists only where scripts do.
const boxes = () => [...document.querySelectorAll('table.members input[name="membre"]')];

const install = () => {
  const head = document.querySelector("table.ticked thead th");
  if (!head || head.querySelector("input")) return;
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input";
  all.setAttribute("aria-label", "Cocher toute la page");
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  head.replaceChildren(all);
};

install();
document.body.addEventListener("htmx:afterSettle", install);
