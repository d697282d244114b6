// What allauth's scripts do not say: why a passkey could not be created or used, in the page.

const REASONS = {
  NotAllowedError: "La demande a été annulée, ou elle a attendu trop longtemps. Vous pouvez recommencer.",
  InvalidStateError: "Cet appareil garde déjà une clé pour ce compte.",
  SecurityError: "Le navigateur refuse les clés d’accès à cette adresse : ouvrez le site par son nom, en https.",
  NotSupportedError: "Cet appareil ne sait pas faire de clé d’accès.",
};
const OTHERWISE = "La clé d’accès n’a pas pu servir. Vérifiez la connexion, puis recommencez.";

const place = document.getElementById("cle-probleme");

function say(sentence) {
  if (!place) return;
  const line = document.createElement("p");
  line.textContent = sentence;
  place.replaceChildren(line);
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(REASONS[event.detail.exception.name] ?? OTHERWISE);
});

if (!window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((button) => {
    button.disabled = true;
  });
  if (document.querySelector("[data-passkey]")) {
    say("Ce navigateur ne connaît pas les clés d’accès, ou le site n’est pas ouvert en https.");
  }
}
