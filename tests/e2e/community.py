"""The screens of the roles as their holders use them: what is on them, not how they are built."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from cpts.demonstration.story import PASSWORD
from tests.e2e.pages import follow


class Community:
    """The site as one person of the demonstration, or somebody they invited, sees it."""

    def __init__(self, page: Page, site: str, mailbox: Path) -> None:
        self.page = page
        self.site = site
        self.mailbox = mailbox

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in, up to the home page."""
        self.page.goto(f"{self.site}/compte/connexion/")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe").fill(password)
        follow(self.page.get_by_role("main").get_by_role("button", name="Se connecter", exact=True))
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Bonjour")

    def leave(self) -> None:
        """Sign out from the menu of the header."""
        self.open_menu()
        follow(self.page.get_by_role("button", name="Se déconnecter"))
        expect(self.page.get_by_role("link", name="Se connecter")).to_be_visible()

    def open_menu(self) -> Locator:
        """Open the menu that says who one is, and return it."""
        menu = self.page.locator(".account-menu")
        menu.locator("summary").click()
        return menu

    def take_role(self, label: str, place: str) -> None:
        """Act in another role, in one click."""
        follow(self.open_menu().get_by_role("button", name=f"{label} {place}"))
        expect(self.page.locator(".account-menu summary")).to_contain_text(place)

    def go(self, name: str) -> None:
        """Follow an entry of the main navigation."""
        navigation = self.page.get_by_role("navigation", name="Navigation principale")
        follow(navigation.get_by_role("link", name=name, exact=True))

    def do(self, title: str) -> None:
        """Follow the button of a thing to do."""
        follow(self.page.locator(".todo-item", has_text=title).get_by_role("link"))

    def todos(self) -> list[str]:
        """Return the titles of the things to do, once the home page is there."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
        return self.page.locator(".todo-title").all_inner_texts()

    def last_link(self, email: str) -> str:
        """Return the link to choose a password of the last message to somebody."""
        files = sorted(self.mailbox.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        text = next(one.get_content() for one in reversed(messages) if email in str(one["To"]))
        return re.findall(r"http://\S+/choisir/\S+", text)[0]

    def choose_password(self, link: str, password: str) -> None:
        """Follow the link of an invitation and choose a password."""
        self.page.goto(link)
        self.page.get_by_label("Nouveau mot de passe").fill(password)
        self.page.get_by_label("Le même, encore une fois").fill(password)
        follow(self.page.get_by_role("button", name="Enregistrer ce mot de passe"))

    def save(self, label: str, name: str, folder: Path) -> Path:
        """Click a download of the page and return the file."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("main").get_by_role("link", name=label).first.click()
        path = folder / name
        waiting.value.save_as(path)
        return path
