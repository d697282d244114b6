// Places of a person: blank rows wait until they are asked for; more than the page has are made from its template.
const rows = document.getElementById("lieux-lignes");
const button = document.getElementById("lieu-ajouter");
const total = document.getElementById("id_lieux-TOTAL_FORMS");
const most = Number(document.getElementById("id_lieux-MAX_NUM_FORMS").value);

const waiting = () => [...rows.children].find((row) => row.hidden);
const follow = () => {
  button.hidden = !waiting() && rows.children.length >= most;
};

const another = () => {
  const html = document.getElementById("lieu-vide").innerHTML.replaceAll("__prefix__", rows.children.length);
  rows.insertAdjacentHTML("beforeend", html);
  const row = rows.lastElementChild;
  row.querySelector(".place-rank").textContent = rows.children.length;
  row.classList.remove("place-blank");
  total.value = rows.children.length;
  return row;
};

const blank = [...rows.querySelectorAll(".place-blank")];
for (const row of rows.children.length === blank.length ? blank.slice(1) : blank) row.hidden = true;
follow();

// What was typed in a row can be taken back at once.
rows.addEventListener("input", ({ target }) => target.closest(".place").classList.remove("place-blank"));

button.addEventListener("click", () => {
  const row = waiting() ?? another();
  row.hidden = false;
  row.querySelector("input[type=text]").focus();
  follow();
});
