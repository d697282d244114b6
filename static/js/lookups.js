// Fields that look something up: what they may mean is asked for as one types. Their list says where.
let waiting;

document.addEventListener("input", ({ target }) => {
  const { list } = target;
  if (!list?.dataset.url) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const values = { texte: target.value };
    window.htmx.ajax("GET", list.dataset.url, { source: list, target: list, swap: "innerHTML", values });
  }, 200);
});
