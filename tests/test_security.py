"""What an attacker tries on every address: words that act, data of others, a request without its token.

The words are written where people type them, then every page and every file is read.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aci.models import Contract
from core.access.enums import Role
from core.jobs.domain.running import run_job
from core.notifications.models import Notification
from core.organisations.models import Contact, Cpts
from funding.domain.statement_pdf import request_statement_pdf, statement_document
from funding.models import Statement
from tests import test_access
from tests.factories.funding import NOW, change, receive
from tests.factories.people import UserFactory, assign, client_of
from tests.test_access import OF_THE_CPTS, Address, Estate, World, addresses, arguments, session_of, world

__all__ = ["world"]

ACTIVE = "=<b id=x onclick=x()>\"'{{7*7}}"
"""A formula, a tag, an attribute, quotes and a template, in one."""
SECRET = "Confidence d’ailleurs"
READERS = (*OF_THE_CPTS, "instruction", "administration")
_OF_CPTS = re.compile("/(cpts|instruction|messages|annuaire|travaux|documents)/|/$")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def fill(estate: Estate, words: str) -> None:
    """Write `words` wherever the people of a CPTS type some."""
    cpts = estate.cpts
    texts = ("name", "address", "city", "representative_name", "representative_capacity")
    Cpts.objects.filter(pk=cpts.pk).update(**dict.fromkeys(texts, words))
    cpts.refresh_from_db()
    contact = Contact.objects.create(
        **dict.fromkeys(("institution", "territory", "person", "function", "address"), words),
        cpts=cpts,
        kind="cpam",
    )
    Cpts.objects.filter(pk=cpts.pk).update(cpam_referent=contact)
    person = UserFactory(first_name=words, last_name=words, last_login=timezone.now())
    assign(Role.TREASURER, cpts, user=person)
    assign(Role.MEMBER, cpts, invited_as=words, started_at=NOW)
    contract = Contract.objects.get(cpts=cpts)
    parties = ("ars_party", "cpam_party", "msa_party", "representative_name", "representative_capacity")
    typed: dict[str, Any] = dict.fromkeys((*parties, "population_source", "reason"), words)
    change(contract, reference=words[:60], **typed)
    latest = Statement.objects.latest_of(contract.pk)
    assert latest is not None
    pending = latest.lines.filter(received=False, due_on__lte=NOW.date()).order_by("due_on").first()
    assert pending is not None
    estate.objects["receipt_id"] = receive(contract, pending.due_on, reference=words).pk
    estate.objects |= {"version": latest.version, "contact_id": contact.pk, "day": pending.due_on}


def told(world: World, words: str) -> None:
    """Write a message of these words to every visitor."""
    for held in filter(None, world.visitors.values()):
        Notification.objects.create(
            recipient=held.user,
            key=words,
            title=words,
            body=words,
            path="/",
            created_at=NOW,
            cpts=world.ours.cpts,
        )


def content_of(response: Any) -> str:
    """Return all that an answer says; of a workbook, that of its parts."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace")


def visits(
    world: World, visitor: str, estate: Estate, queries: tuple[str, ...] = ("",)
) -> Iterator[tuple[Address, Any]]:
    """Yield what a visitor gets at every address of an estate, with each of these queries."""
    held = world.visitors[visitor]
    assert held is not None
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(held)
    owned = test_access._owned_by(held.user) | {"own_role_id": held.pk or 0}
    message = Notification.objects.filter(recipient=held.user, cpts=estate.cpts).first()
    owned |= {"message_id": message.pk} if message else {}
    for address in addresses():
        path = reverse(address.name, kwargs=arguments(address, estate, owned))
        # One's account and what is public read no CPTS from an address.
        for query in queries if _OF_CPTS.match(path) else queries[:1]:
            cache.clear()
            yield address, client.get(path + query)


class Findings(HTMLParser):
    """Notes what a page of ours never has: a script or a style of its own, an act on an element, our tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element and what it says of itself."""
        given = {name: value or "" for name, value in attrs}
        acts = [name for name in given if name.startswith("on") or name == "style"]
        scheme = [name for name in ("href", "src", "action") if given.get(name, "").startswith("javascript:")]
        is_code = tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        )
        if acts or scheme or is_code or given.get("id") == "x":
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize("visitor", READERS)
def test_words_that_people_type_never_act_in_a_page_or_a_file(world: World, visitor: str) -> None:
    fill(world.ours, ACTIVE)
    told(world, ACTIVE)
    read = 0

    for address, response in visits(world, visitor, world.ours):
        kind, page = response.get("Content-Type", ""), content_of(response)
        if kind.startswith("text/html"):
            assert Findings(page).found == [], address.name
            assert "'unsafe" not in response["Content-Security-Policy"], address.name
            read += "{{7*7}}" in page
        elif kind.startswith("text/csv"):
            cells = [
                cell for row in csv.reader(io.StringIO(page.lstrip("\ufeff")), delimiter=";") for cell in row
            ]
            # Amounts that are taken back are numbers.
            acting = [
                cell for cell in cells if cell.startswith(_FORMULA) and not re.fullmatch(r"-[\d,]+", cell)
            ]
            assert acting == [], address.name
        elif "spreadsheetml" in kind:
            formulas = re.findall(r"<f(?: [^>]*)?>([^<]*)", page)
            assert all(formula.startswith("SUBTOTAL(") for formula in formulas), address.name
    assert read > 3


@pytest.mark.parametrize("visitor", [*OF_THE_CPTS, "instruction"])
def test_no_page_tells_what_another_cpts_wrote(world: World, visitor: str) -> None:
    """Under one's own addresses, with the numbers of the other in the query too."""
    fill(world.theirs, SECRET)
    theirs = world.theirs.objects
    contract = f"aci.contract:{theirs['contract_id']}"
    queries = (
        *(
            "",
            f"?contrat={theirs['contract_id']}",
            f"?objet={contract}",
            "?recherche=Confidence&q=Confidence",
        ),
        f"?type=aci.contract&personne={assign(Role.BOARD, world.theirs.cpts).user_id}&anciens=on",
    )
    asked = 0

    for address, response in visits(world, visitor, world.ours, queries):
        # What was looked for is repeated in its field, nowhere else.
        page = content_of(response).replace('value="Confidence"', "")
        asked += 1
        assert SECRET not in page, (address.name, response.request["QUERY_STRING"])
        assert "Confidence d&#x27;ailleurs" not in page
    assert asked > 200


def test_its_own_people_read_what_a_cpts_wrote(world: World) -> None:
    """Else the test above would prove nothing."""
    fill(world.theirs, SECRET)

    telling = {
        address.name
        for address, response in visits(world, "autre CPTS", world.theirs)
        if SECRET in content_of(response)
    }

    assert telling >= {
        *("organisations:association", "organisations:contacts", "organisations:contacts_xlsx"),
        *("contract:contract", "contract:receipts", "contract:statement", "accounts:people", "history"),
    }


@pytest.mark.parametrize("visitor", ["coordination", "administration"])
def test_no_address_takes_a_post_without_its_token(world: World, visitor: str) -> None:
    held = world.visitors[visitor]
    assert held is not None
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(held)
    owned = test_access._owned_by(held.user) | {"own_role_id": held.pk}

    for address in addresses():
        path = reverse(address.name, kwargs=arguments(address, world.ours, owned))
        response = client.post(path)
        assert response.status_code == 403, address.name
        assert response.templates[0].name == "403_csrf.html", address.name


@pytest.mark.parametrize("visitor", ["trésorerie", "sans rôle"])
def test_nothing_shown_to_a_person_is_kept_by_a_browser(world: World, visitor: str) -> None:
    for address, response in visits(world, visitor, world.ours):
        content_of(response)
        assert "no-store" in response["Cache-Control"], address.name
        assert "private" in response["Cache-Control"], address.name
        assert response["X-Frame-Options"] == "DENY", address.name
        assert response["X-Content-Type-Options"] == "nosniff", address.name
        assert response["Referrer-Policy"] == "same-origin", address.name


def test_a_page_of_nobody_s_may_be_kept(client: Client) -> None:
    assert "Cache-Control" not in client.get("/simulateur/")


def test_an_account_that_is_closed_is_nobody_at_once(cpts: Cpts) -> None:
    held = assign(Role.COORDINATOR, cpts)
    client = client_of(held)
    assert client.get("/cpts/littoral/").status_code == 200

    held.user.is_active = False
    held.user.save()

    assert client.get("/cpts/littoral/")["Location"].startswith("/compte/connexion/?next=")
    assert "Bonjour" not in client.get("/").content.decode()


def test_a_pdf_prints_words_that_ask_for_an_address_and_asks_for_none(world: World) -> None:
    words = '<img src="http://127.0.0.1:9/x"><link rel=attachment href="file:///etc/hosts">'
    fill(world.ours, words)
    statement = Statement.objects.latest_of(world.ours.objects["contract_id"])
    assert statement is not None
    job = request_statement_pdf(statement, now=NOW)

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    document = statement_document(statement)
    assert document is not None
    with document.file.open("rb") as file:
        assert b"/EmbeddedFile" not in file.read()


def test_cookies_are_out_of_reach_of_pages_and_of_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY is True
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.CSRF_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_COOKIE_SECURE == settings.CSRF_COOKIE_SECURE == settings.HTTPS


def test_the_catalogue_of_components_is_for_development(client: Client) -> None:
    assert client.get("/catalogue/").status_code == 404
