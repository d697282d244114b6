// Removing communes one after the other: the focus goes to the next one, not back to the top of the territory.
const removals = () => [...document.querySelectorAll('#territoire [name="retirer"][value^="commune"]')];
let rank = -1;

document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target.id === "territoire") rank = removals().indexOf(document.activeElement);
});
document.body.addEventListener("htmx:afterSettle", () => {
  if (rank < 0) return;
  const left = removals();
  left[Math.min(rank, left.length - 1)]?.focus();
  rank = -1;
});
