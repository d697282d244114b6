// A background request that fails says so on the page, and the message goes away with the next success.
const place = document.getElementById("alertes");

const say = (text) => {
  place.textContent = text;
  place.scrollIntoView({ block: "nearest" });
};

document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500) {
    say("Le serveur n’a pas pu répondre. Votre saisie est toujours là : réessayez dans un instant.");
  }
});
document.body.addEventListener("htmx:sendError", () => {
  say("La connexion est coupée. Votre saisie est toujours là : réessayez quand elle sera revenue.");
});
document.body.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 500) say("");
});
