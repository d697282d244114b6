"""Wait until the demonstration is healthy, then print its address and what to try first."""

import os
import signal
import time
import urllib.request

PATIENCE = 60  # seconds
WELCOME = """
La plateforme est prête : {url}

  Des CPTS fictives sur de vraies communes, et leurs comptes (mot de passe {password}) :
{accounts}

  À essayer en premier :
  1. {url}/compte/connexion/  avec tresorerie@demo.test : ce qui est en retard, l’échéancier, ses lignes
     expliquées, à emporter en XLSX, CSV, ICS ou PDF.
  2. Avec coordination@demo.test : les membres, les demandes, les cotisations, le contrat ;
     changez de rôle en haut à droite.
  3. {url}/simulateur/  sans compte : un échéancier sur cinq ans, expliqué ligne à ligne.

  Les messages que la plateforme envoie sont dans var/demo/mail. Ctrl-C arrête tout ; les données restent
  dans var/demo (make clean les efface).
"""


def healthy(url: str) -> bool:
    """Ask the health page; anything but a 200 is a no."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def welcome(url: str) -> str:
    """Return what to try first, with the accounts of the story."""
    from cpts.demonstration.story import PASSWORD, PEOPLE

    accounts = "\n".join(f"    {person.email:<24} {person.shows}" for person in PEOPLE)
    return WELCOME.format(url=url, accounts=accounts, password=PASSWORD)


def main(url: str, parent: int) -> None:
    """Poll until healthy, until patience runs out or until the demonstration is stopped."""
    for _ in range(PATIENCE * 2):
        if os.getppid() != parent:
            return
        if healthy(url):
            print(welcome(url), flush=True)
            return
        time.sleep(0.5)
    print(f"La plateforme ne répond toujours pas bien : voyez {url}/healthz", flush=True)


if __name__ == "__main__":
    # A shell's background job ignores Ctrl-C: give it back its meaning.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main(os.environ["CPTS_SITE_URL"], os.getppid())
