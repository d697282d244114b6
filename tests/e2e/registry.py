"""The pages of a registry and of its fees as those who keep them use them."""

import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from core.access.enums import Role
from tests.e2e.community import Community
from tests.e2e.pages import follow

_LONG = 60_000  # milliseconds, for what a worker does
_BETWEEN_MESSAGES = re.compile(rb"^-{79}\n", re.MULTILINE)


class Registry(Community):
    """The members and the fees of one CPTS, by who keeps them. `key` is in its name and addresses."""

    def __init__(self, page: Page, site: str, mailbox: Path, key: str) -> None:
        super().__init__(page, site, mailbox)
        self.key = key
        self.main = page.get_by_role("main")

    def beside(self, page: Page) -> "Registry":
        """Return the same CPTS seen in another window."""
        return Registry(page, self.site, self.mailbox, self.key)

    def enter(self, role: Role) -> None:
        """Sign in as the one who holds a role there."""
        self.sign_in(f"{role.value}-{self.key}@cpts.test")

    def open(self, path: str) -> None:
        """Open a page of the CPTS."""
        self.page.goto(f"{self.site}/cpts/cpts-{self.key}/{path}")

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button, up to its answer."""
        follow(self.main.get_by_role("button", name=name))

    def press_in(self, part: Locator, name: str) -> None:
        """Press a button of a part of the page, up to its answer."""
        follow(part.get_by_role("button", name=name))

    def press_twice(self, name: str) -> None:
        """Double-click a button: who reads next waits for what the page says."""
        self.main.get_by_role("button", name=name).dblclick()

    def click(self, name: str | re.Pattern[str]) -> None:
        """Click a link of the page, up to where it leads."""
        follow(self.main.get_by_role("link", name=name))

    def expect_title(self, title: str) -> None:
        """Check which page is there."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def expect_said(self, words: str) -> None:
        """Check what the page says was done."""
        expect(self.page.get_by_role("status").filter(has_text=words)).to_be_visible()

    def expect_figures(self, figures: Mapping[str, str]) -> None:
        """Check the figures at the head of a page, by label."""
        for label, value in figures.items():
            stat = self.main.locator(".stat", has=self.page.get_by_text(label, exact=True))
            expect(stat.locator(".stat-value")).to_have_text(value)

    def follow_job(self, title: str, result: str) -> None:
        """Follow a job to its end, then its result."""
        self.expect_title(title)
        link = self.main.get_by_role("link", name=result)
        link.wait_for(timeout=_LONG)
        follow(link)

    def download_from_job(self, title: str, result: str, folder: Path) -> Path:
        """Follow a job to its end, and download its result."""
        self.expect_title(title)
        self.main.get_by_role("link", name=result).wait_for(timeout=_LONG)
        return self.save(result, "document.pdf", folder)

    # --- Members -----------------------------------------------------------------------------------

    def send_members(self, name: str, content: bytes, *, renamed: Mapping[str, str]) -> None:
        """Send a file of members and say what some columns hold, up to what it would change."""
        self.open("membres/importer/")
        self.send("Fichier de membres", name, content)
        self.follow_reading()
        if renamed:
            self.click("Revoir les colonnes et les options")
            for header, column in renamed.items():
                self.page.get_by_label(header, exact=True).select_option(label=column)
            self.press("Lire le fichier ainsi")
            self.follow_reading()

    def send(self, label: str, name: str, content: bytes) -> None:
        """Send a file."""
        sent = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.get_by_label(label).set_input_files(sent)
        self.press("Lire le fichier")

    def follow_reading(self) -> None:
        """Follow the reading of a file, up to what it would change."""
        self.follow_job("Lecture du fichier de membres", "Voir ce que l’import changerait")
        self.expect_title("Ce que l’import changerait")

    def expect_verdicts(self, *tabs: str) -> None:
        """Check how many rows have each verdict: `"À corriger 2"`, those that wait for something first."""
        rows = self.page.get_by_role("navigation", name="Lignes par verdict").get_by_role("listitem")
        expect(rows).to_have_text(list(tabs))

    def rows(self, verdict: str) -> Locator:
        """Show the rows that have a verdict, and return them."""
        tabs = self.page.get_by_role("navigation", name="Lignes par verdict")
        follow(tabs.get_by_role("link", name=verdict))
        return self.main.get_by_role("table", name=verdict).locator("tbody tr")

    def expect_members(self, count: int) -> None:
        """Check how many people the list counts."""
        self.open("membres/")
        expect(self.page.get_by_role("status").filter(has_text="inscrit")).to_contain_text(f"{count} inscrit")

    # --- Fees --------------------------------------------------------------------------------------

    def apply(self, first_name: str, last_name: str, email: str) -> None:
        """Ask to be a member by the public form."""
        self.page.goto(f"{self.site}/adherer/cpts-{self.key}/")
        self.page.get_by_label("Prénom").fill(first_name)
        self.page.get_by_label("Nom", exact=True).fill(last_name)
        self.page.get_by_label("Profession").select_option(label="Infirmier")
        self.page.get_by_label("Commune d’exercice").fill("Granville")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("J’ai lu les statuts").check()
        self.press("Envoyer ma demande")
        self.expect_title("Votre demande est partie")

    def choose_application(self, name: str) -> None:
        """Tick an application, up to the decision about it."""
        self.open("membres/demandes/")
        self.page.get_by_label(f"Choisir la demande de {name}").check()
        self.press("Décider des demandes cochées")

    def letters_to(self, email: str) -> list[EmailMessage]:
        """Return the messages to somebody, the oldest first. A file holds those of one connection."""
        files = sorted(self.mailbox.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        parts = [part for path in files for part in _BETWEEN_MESSAGES.split(path.read_bytes())]
        letters = [message_from_bytes(part, policy=policy.default) for part in parts if part.strip()]
        return [letter for letter in letters if email in str(letter["To"])]
