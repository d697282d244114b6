"""Wait until the demonstration is healthy, then print its address and what to try first."""

import os
import signal
import time
import urllib.request

PATIENCE = 60  # seconds
WELCOME = """
La plateforme est prête : {url}

  À essayer en premier :
  1. {url}/simulateur/  ajoutez un EPCI (Granville, Fougères…), cochez des missions avec leur date de
     début : l’échéancier sur cinq ans s’affiche, expliqué ligne à ligne.
  2. Téléchargez-le en XLSX, CSV ou ICS, ou demandez le PDF : il est composé en arrière-plan.
  3. {url}/documents/verifier/  recopiez-y l’empreinte imprimée dans le PDF.

  Ctrl-C arrête tout. Les données restent dans var/demo (make clean les efface).
"""


def healthy(url: str) -> bool:
    """Ask the health page; anything but a 200 is a no."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def main(url: str, parent: int) -> None:
    """Poll until healthy, until patience runs out or until the demonstration is stopped."""
    for _ in range(PATIENCE * 2):
        if os.getppid() != parent:
            return
        if healthy(url):
            print(WELCOME.format(url=url), flush=True)
            return
        time.sleep(0.5)
    print(f"La plateforme ne répond toujours pas bien : voyez {url}/healthz", flush=True)


if __name__ == "__main__":
    # A shell's background job ignores Ctrl-C: give it back its meaning.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main(os.environ["CPTS_SITE_URL"], os.getppid())
