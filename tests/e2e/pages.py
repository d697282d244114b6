"""The screens as a visitor uses them: what is on them, not how they are built."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect


def follow(control: Locator) -> None:
    """Click what leads to another page, or to the same one with its mistakes, and wait until it is there.

    A click does not wait for the page it asks for: what is read or typed next would be on the old one.
    """
    with control.page.expect_navigation():
        control.click()


class Simulator:
    """The public simulator."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.result = page.locator("#resultats")

    def open(self, **query: str) -> None:
        """Open the simulator, blank or on a query."""
        self.page.goto(f"{self.site}/simulateur/?{urlencode(query)}")

    def add_place(self, words: str, name: str) -> None:
        """Type in the search field and take the place of that name."""
        self.page.get_by_label("Ajouter une commune ou une intercommunalité").press_sequentially(words)
        self.page.locator("#territoire-resultats").get_by_role("button", name=name).first.click()
        expect(self.page.locator(".territory-groups")).to_contain_text(name)

    def remove_commune(self, name: str) -> None:
        """Take one commune out of a group whose communes are listed."""
        self.page.get_by_role("button", name=f"Retirer {name}", exact=True).click()
        expect(self.page.get_by_role("button", name=f"Retirer {name}", exact=True)).to_have_count(0)

    def read_spreadsheet(self, name: str, content: bytes) -> None:
        """Send a spreadsheet of communes, up to the report on its lines."""
        follow(self.page.get_by_role("button", name="Importer un tableur de communes"))
        sent = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.get_by_label("Fichier des communes").set_input_files(sent)
        follow(self.page.get_by_role("button", name="Lire le fichier"))
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Communes lues dans le tableur")

    def choose_for_line(self, line: str, commune: str) -> None:
        """Say which commune a line of the report means."""
        self.page.get_by_role("group", name=line).get_by_label(commune).check()

    def use_communes(self) -> None:
        """Leave the report with what was understood and chosen."""
        follow(self.page.get_by_role("button", name="Utiliser ces communes"))

    def sign_on(self, day: str) -> None:
        """Type the date of signature (ISO)."""
        self.page.get_by_label("Date de signature du contrat").fill(day)

    def start(self, mission: str, day: str) -> None:
        """Tick a mission and type its start (ISO)."""
        self.page.get_by_role("checkbox", name=mission).check()
        self.page.get_by_label(f"Démarre le, mission {mission}").fill(day)

    def attain(self, percent: str) -> None:
        """Type the attainment."""
        self.page.get_by_label("Taux d’atteinte").fill(percent)

    def expect_total(self, amount: str) -> None:
        """Wait for the total over five years, non-breaking spaces included."""
        expect(self.result.locator(".stat", has_text="Total sur cinq ans")).to_contain_text(amount)

    def due_date(self, day: str) -> Locator:
        """Return the row of a due date, in words."""
        return self.result.locator("details.due-date", has_text=day)

    def open_due_date(self, day: str) -> Locator:
        """Unfold a due date and return its lines."""
        row = self.due_date(day)
        row.locator("summary").click()
        lines = row.get_by_role("table")
        expect(lines).to_be_visible()
        return lines

    def download(self, name: str, folder: Path) -> Path:
        """Click a download and return the file."""
        with self.page.expect_download() as waiting:
            self.result.get_by_role("link", name=name).click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def ask_for_pdf(self) -> Locator:
        """Ask for the PDF, follow its progress to the end and return the link to it."""
        follow(self.result.get_by_role("button", name="Préparer le PDF"))
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(self.site)}/travaux/[^/]+/$"))
        link = self.page.get_by_role("link", name="Télécharger le PDF")
        link.wait_for(timeout=60_000)
        return link

    def make_pdf(self, folder: Path) -> Path:
        """Ask for the PDF and download it."""
        link = self.ask_for_pdf()
        with self.page.expect_download() as waiting:
            link.click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def copy_address(self) -> str:
        """Copy the address to send to somebody, and return it."""
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.result.get_by_role("button", name="Copier l’adresse").click()
        expect(self.result).to_contain_text("Adresse copiée.")
        return self.page.evaluate("navigator.clipboard.readText()")


class Account:
    """The pages of sign-in and of one's account, at the name that passkeys need: localhost."""

    def __init__(self, page: Page, site: str, email: str, mailbox: Path) -> None:
        self.page = page
        self.site = site.replace("127.0.0.1", "localhost")
        self.email = email
        self.mailbox = mailbox

    def open(self, path: str = "") -> None:
        """Open a page of the account."""
        self.page.goto(f"{self.site}/compte/{path}")

    def control(self, name: str) -> Locator:
        """Return the button or the link of exactly that name."""
        page = self.page
        button = page.get_by_role("button", name=name, exact=True)
        return button.or_(page.get_by_role("link", name=name, exact=True)).first

    def follow(self, name: str) -> None:
        """Click the button or the link of exactly that name, up to the page it leads to."""
        follow(self.control(name))

    def use_passkey(self, name: str) -> None:
        """Click the button that asks the device for a passkey; the page may then change by itself, or not."""
        self.control(name).click()

    def ask_for_link(self) -> None:
        """Ask for a link to choose a password."""
        self.open("connexion/")
        follow(self.page.get_by_role("link", name="Mot de passe oublié"))
        self.page.get_by_label("Adresse électronique").fill(self.email)
        self.follow("Recevoir le lien")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Regardez votre messagerie")

    def messages(self) -> list[tuple[str, str]]:
        """Return the messages received, subject and text, the oldest first."""
        files = sorted(self.mailbox.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        parsed = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [(str(one["Subject"]), one.get_content()) for one in parsed if self.email in str(one["To"])]

    def follow_link(self) -> str:
        """Open the link of the last message and return it."""
        link = re.findall(r"http://127\.0\.0\.1\S+/choisir/\S+", self.messages()[-1][1])[0]
        self.page.goto(link.replace("127.0.0.1", "localhost"))
        return link

    def choose_password(self, password: str) -> None:
        """Type a password twice in the form of a link."""
        self.page.get_by_label("Nouveau mot de passe").fill(password)
        self.page.get_by_label("Le même, encore une fois").fill(password)
        self.follow("Enregistrer ce mot de passe")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Votre mot de passe est enregistré")

    def sign_in(self, password: str) -> None:
        """Type the address and the password on the page of sign-in, up to the answer."""
        self.open("connexion/")
        self.page.get_by_label("Adresse électronique").fill(self.email)
        self.page.get_by_label("Mot de passe").fill(password)
        follow(self.page.get_by_role("main").get_by_role("button", name="Se connecter", exact=True))

    def enter(self, password: str) -> None:
        """Choose a first password by the link received, and sign in with it."""
        self.ask_for_link()
        self.follow_link()
        self.choose_password(password)
        self.sign_in(password)
        self.expect_signed_in()

    def confirm(self, password: str) -> None:
        """Prove again who one is."""
        self.page.get_by_label("Mot de passe").fill(password)
        self.follow("Confirmer")

    def leave(self) -> None:
        """Sign out from the page of the account."""
        self.open()
        follow(self.page.get_by_role("main").get_by_role("button", name="Se déconnecter"))
        expect(self.page).to_have_url(f"{self.site}/")

    def expect_signed_in(self) -> None:
        """Check that the account opens."""
        self.page.wait_for_url(f"{self.site}/")
        self.open()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Mon compte")
        expect(self.page.get_by_role("main")).to_contain_text(self.email)

    def expect_signed_out(self) -> None:
        """Check that the account asks to sign in."""
        self.open()
        expect(self.page).to_have_url(f"{self.site}/compte/connexion/?next=/compte/")
