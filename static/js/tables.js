// Rows shown as cards lose their table semantics in some browsers: the roles are written again.
const ROLES = { table: "table", thead: "rowgroup", tbody: "rowgroup", tfoot: "rowgroup", tr: "row", td: "cell" };

const restore = (root) => {
  for (const table of root.querySelectorAll("table.table-cards")) {
    for (const [tag, role] of Object.entries(ROLES)) {
      for (const node of [table, ...table.querySelectorAll(tag)]) {
        if (node.matches(tag)) node.setAttribute("role", role);
      }
    }
    for (const head of table.querySelectorAll("th")) {
      head.setAttribute("role", head.scope === "row" ? "rowheader" : "columnheader");
    }
  }
};

restore(document);
document.body.addEventListener("htmx:afterSettle", (event) => restore(event.detail.elt));
