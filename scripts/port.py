"""Say whether the site can listen on a port of the loopback, before anything is started."""

import socket
import sys


def main(text: str) -> str:
    """Return a sentence about what is wrong with the port, empty when it is free."""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        return f"PORT={text} n’est pas un numéro de port (1 à 65535)."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            return f"Le port {text} est indisponible ({error.strerror}). Un autre : make demo PORT=8001"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) or 0)
