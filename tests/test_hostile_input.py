"""Whatever a signed-in person sends, a page answers; what is refused and what is others' stays as it was.

Every address of the site is tried by the first visitor that `docs/access.md` lets in. The wrong values take
turns over the names and the addresses: all of them everywhere would take an hour.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from core.organisations.models import Cpts
from funding.models import StatementLine
from tests import test_access
from tests.factories.people import UserFactory
from tests.page_forms import PageForm, PageForms
from tests.test_access import ALLOWED, Address, World, addresses, arguments, rows, session_of, world

__all__ = ["world"]
pytestmark = pytest.mark.usefixtures("granville")

ANSWERS = {200, 302, 400, 403, 404, 405, 409, 410, 413, 422, 429}
"""What an address may answer to anything: 410 for what is no longer kept, 422 for a file no one reads."""
ACTORS = ("coordination", "trésorerie", "administration", "instruction", "sans rôle", "anonyme")
SIGNED_OUT = {
    "account_login",
    "account_reset_password",
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
"""Tried by somebody who is not signed in: to others they say so."""
NEW_EACH_TIME = {"mfa_generate_recovery_codes"}
"""Asked for twice, they make something new twice: the page shows the latest."""

WRONG: tuple[str | bytes, ...] = (
    *("", " ", "\x00", "Essai\x00", "\ud800", b"\xff\xfe", "é" * 10_000, "\u202e<script>", "\r\nX: y"),
    *("0", "-1", "999999999", str(2**31), str(2**63), str(2**70), "9" * 5_000, "1e999", "1E-30", "NaN"),
    *("1,5", "0,001", "Infinity", "²", "٣", "1_000", "0x10", "true", "None", "[]", "{}"),
    *("31/02/2024", "0001-01-01", "9999-12-31", "2024-13-45", "2024-02-30", "0000-00-00"),
    *("inconnu", "ACI-2019", "%", "_", "' OR 1=1 --", "../../etc/passwd", "//example.org", "," * 2_000),
)
PATHS = {
    "int": ("0", str(2**31), str(2**63), str(2**70), "9" * 5_000, "-1", "٣"),
    "slug": ("inconnue", "LITTORAL", "Littoral", "-", "a" * 5_000, "%00", "%FF"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "0"),
    "iso_date": ("0001-01-01", "9999-12-31", "2024-02-30", "0000-00-00", "2024-13-45"),
    "str": ("%00", "%FF", "a" * 5_000, "..", "0" * 64, "é", "%0d%0aX:y"),
    "base36": ("0", "z" * 300, "ZZZZZZZZZZZZZZ"),
}
"""Values of an address by kind: none of them names anything of ours."""
COMMON = ("page", "recherche", "chercher", "retour", "suite", "next", "vu", "etat", "annee", "contrat")
"""Names that addresses read, although not every page shows them."""
UNSHOWN: dict[str, dict[str, list[str]]] = {
    "account_login": {"login": ["x@example.org"], "password": ["x"], "remember": ["on"], "next": ["/"]},
    "accounts:switch_role": {"suite": ["/"]},
    "mfa_authenticate": {"code": ["123456"], "credential": ["{}"], "trust": ["on"]},
    "mfa_login_webauthn": {"credential": ["{}"]},
    "mfa_reauthenticate": {"code": ["123456"]},
    "account_set_password": {"password1": ["a"], "password2": ["b"]},
    "account_reset_password_from_key": {"password1": ["a"], "password2": ["b"]},
    "organisations:stage": {"seen_stage": ["interest"], "seen_since": ["2023-01-02"], "stage": ["project"]},
    "organisations:contacts_agree": {"lecture": ["x"]},
    "organisations:shared_contacts_agree": {"lecture": ["x"]},
    "organisations:territory_edit": {
        "epci": ["200042604"],
        "communes": ["50218"],
        "effet": ["2026-04-01"],
        "depuis": ["0"],
        "ajouter": [],
        "retirer": [],
        "verifier": [],
    },
    "territories:use_communes": {"epci": [], "communes": ["50218"], "choix-3": ["50218"], "suite": ["a=b"]},
    "funding:simulation_pdf": {
        "source": ["population"],
        "population": ["60200"],
        "signature": ["2023-03-15"],
    },
}
"""What addresses read that no page visited here shows as a form of theirs."""
BODIES = (
    ("application/x-www-form-urlencoded", ""),
    ("application/x-www-form-urlencoded", b"\xff\x00=%%%&&&=;"),
    ("application/x-www-form-urlencoded", "&".join(f"a{rank}=b" for rank in range(1_200))),
    ("application/x-www-form-urlencoded", "a=" + "b" * 3_000_000),
    ("application/x-www-form-urlencoded; charset=utf-7", "a=+ADw-"),
    ("application/x-www-form-urlencoded; charset=inconnu", "a=b"),
    ("application/json", b"{"),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
    ("multipart/form-data", b"zz"),
    ("text/plain", b"\x00"),
)
FILES = (
    ("x.xlsx", b""),
    ("x.xlsx", b"PK\x03\x04" + b"\x00" * 80),
    ("x.ods", b"PK\x05\x06" + b"\x00" * 18),
    ("x.csv", b"a;b\n\xff\xfe;\x00\n"),
    ("x.csv", "é;".encode() * 20_000),
    ("../../x.csv", b"50218\n=cmd()\n"),
    ("x", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
    ("x.png", b"GIF89a\xff\xff\xff\xff"),
    ("x.svg", b'<svg onload="x()"/>'),
    ("x.pdf", b"%PDF-1.7"),
    ("\x00.pdf", b"%PDF-1.7\n%%EOF"),
    ("é" * 300 + ".xlsx.exe", b"MZ" + b"\x00" * 10),
)


# --- Who sends, and what came of it --------------------------------------------------------------


class Writes:
    """Notes the tables that statements write, but that of sessions: asking who one is may end one."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql):
            self.tables |= {found[1]} - {"django_session"}
        return execute(sql, params, many, context)


def ways_to_cpts() -> dict[type[models.Model], str]:
    """Return how each model that belongs to a CPTS leads to it, as a lookup."""
    found: dict[type[models.Model], str] = {Cpts: "pk"}
    waiting: list[type[models.Model]] = [Cpts]
    while waiting:
        target = waiting.pop(0)
        for model in apps.get_models():
            names = [each.name for each in model._meta.concrete_fields if each.related_model is target]
            if names and model not in found:
                found[model] = names[0] if target is Cpts else f"{names[0]}__{found[target]}"
                waiting.append(model)
    return found


def rows_of(cpts: Cpts) -> dict[str, list[Any]]:
    """Return every row of a CPTS, by model."""
    return {
        model.__name__: list(model._default_manager.filter(**{way: cpts.pk}).order_by("pk").values_list())
        for model, way in ways_to_cpts().items()
    }


def every_row() -> dict[str, list[Any]]:
    """Return every row that people write, by model: neither sessions nor the geographic code."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.app_label not in {"sessions", "territories"}
    }


@dataclass
class Walk:
    """Everybody who tries, and what came out wrong so far: what was sent, and why it is wrong."""

    world: World
    before: dict[str, list[Any]]
    keys: dict[str, str]
    owned: dict[str, dict[str, Any]]
    who: dict[tuple[str, str], str]
    browser: Client = field(default_factory=Client)
    wrong: list[tuple[Any, ...]] = field(default_factory=list)
    sent: int = 0

    def path(self, address: Address, method: str, **changes: str) -> str:
        """Return an address filled with what is ours, but for `changes`."""
        known = arguments(address, self.world.ours, self.owned[self.who[address.name, method]])
        given = {name: quote(str(value)) for name, value in known.items()} | changes
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given[found[1]], address.route)

    def open_to_all(self, method: str) -> Iterator[Address]:
        """Return the addresses that somebody may ask for by this method."""
        return (address for address in addresses() if (address.name, method) in self.who)

    def ask(
        self, name: str, method: str, path: str, body: str | bytes = b"", kind: str = "", **headers: str
    ) -> str:
        """Ask as whoever may, undo whatever was written, note what is wrong, and return the page."""
        self.sent += 1
        writes, page, status = Writes(), "", 0
        try:
            with transaction.atomic():
                with connection.execute_wrapper(writes):
                    response = self.client(self.who[name, method]).generic(
                        method, path, body, kind or BODIES[0][0], headers=headers
                    )
                    status, page = response.status_code, page_of(response)
                self.check((name, method, path[:200], body[:200]), response, writes.tables)
                transaction.set_rollback(True)
        except Exception as error:  # each failure is told with the others
            self.wrong.append((name, method, path[:200], body[:200], repr(error)))
        return page if status == 200 else ""

    def client(self, visitor: str) -> Client:
        """Return the browser of somebody, as if nothing had been asked before."""
        cache.clear()
        self.browser.cookies.clear()
        if self.keys[visitor]:
            self.browser.cookies[settings.SESSION_COOKIE_NAME] = self.keys[visitor]
        return self.browser

    def check(self, sent: tuple[Any, ...], response: HttpResponse, written: set[str]) -> None:
        """Note an answer that should not be."""
        if response.status_code not in ANSWERS:
            self.wrong.append((*sent, response.status_code))
        if response.status_code >= 400 and written:
            self.wrong.append((*sent, response.status_code, "wrote", written))
        location = response.headers.get("Location", "/")
        # What a query carries comes back in it and leads nowhere: only where the browser goes counts.
        if (
            not url_has_allowed_host_and_scheme(location, {"testserver"})
            or "example.org" in urlsplit(location).path
        ):
            self.wrong.append((*sent, "leads to", location))
        if written and rows_of(self.world.theirs.cpts) != self.before:
            self.wrong.append((*sent, response.status_code, "changed another CPTS"))


def page_of(response: HttpResponse) -> str:
    """Return what an answer shows; a file is closed once it is read."""
    parts = list(response.streaming_content) if response.streaming else [response.content]
    return b"".join(parts).decode("utf-8", "replace")


def who_may() -> dict[tuple[str, str], str]:
    """Return the first visitor whom the table of access lets in, by view and method."""
    found = {}
    for name, (_, outcomes) in rows().items():
        for rank, method in enumerate(("GET", "POST")):
            visitors = ("anonyme",) if name in SIGNED_OUT else ACTORS
            if open_to := [each for each in visitors if outcomes[each].split()[rank] == ALLOWED]:
                found[name, method] = open_to[0]
    # It answers 503 while no worker runs, whatever is asked.
    return {key: visitor for key, visitor in found.items() if key[0] != "healthz"}


@pytest.fixture
def walk(world: World, settings: Any) -> Walk:
    """Return everybody, signed in, who just proved again who they are."""
    # How often a query comes back is looked at elsewhere, at a cost for each.
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("zeal.")]
    keys, owned = {}, {}
    for visitor in ACTORS:
        held = world.visitors[visitor]
        user = held.user if held else UserFactory()
        owned[visitor] = test_access._owned_by(user)
        owned[visitor]["own_role_id"] = held.pk if held and held.pk else world.ours.objects["assignment_id"]
        keys[visitor] = session_of(held)
        if held:
            prove_again(keys[visitor], user.pk)
    return Walk(world, rows_of(world.theirs.cpts), keys, owned, who_may())


def prove_again(key: str, user_id: int) -> None:
    """Write in a session that its person typed their password a moment ago."""
    session = SessionStore(key)
    proof = {"method": "password", "at": time.time(), "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [proof]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user_id)
    session.save()


# --- What is there to send -----------------------------------------------------------------------


def encoded(items: list[tuple[str, str | bytes]]) -> str:
    """Return a query or a body; what no UTF-8 can hold is sent as its bytes, as an attacker would."""
    return "&".join(f"{quote(name, safe='')}={quote(_bytes(value), safe='')}" for name, value in items)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def items(values: dict[str, list[str]]) -> list[tuple[str, str | bytes]]:
    """Return the values of a form, one by one."""
    return [(name, value) for name, each in values.items() for value in each]


def shown(walk: Walk) -> tuple[dict[str, set[str]], list[tuple[str, str, PageForm]]]:
    """Return what pages let one send: the names that a GET carries, by view, and the forms of POST."""
    names: dict[str, set[str]] = {}
    forms: dict[tuple[str, str, str], PageForm] = {}
    for address in walk.open_to_all("GET"):
        path = walk.path(address, "GET")
        page = PageForms(walk.ask(address.name, "GET", path))
        names.setdefault(address.name, set(COMMON)).update(page.names)
        for form in page.forms:
            target = urlsplit(form.action).path or path
            if form.method == "get":
                names.setdefault(_view(target), set(COMMON)).update(form.values)
            elif (_view(target), "POST") in walk.who:
                forms[_view(target), target, " ".join(form.values)] = form
    for address in walk.open_to_all("POST"):
        if address.name in UNSHOWN or not any(view == address.name for view, _, _ in forms):
            path = walk.path(address, "POST")
            values = UNSHOWN.get(address.name, {})
            forms[address.name, path, ""] = PageForm(path, "post", values, chosen=set(values))
    return names, [(view, target, form) for (view, target, _), form in forms.items()]


def _view(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        pytest.fail(f"a page leads to {path}, which is no address")


def turns(start: int, count: int) -> Iterator[str | bytes]:
    """Return wrong values, `count` of them, others each time."""
    return (WRONG[(start * 7 + rank) % len(WRONG)] for rank in range(count))


def things_of_others(walk: Walk) -> list[str]:
    """Return what another CPTS's things are called by, in addresses and in forms."""
    lines = StatementLine.objects.filter(statement__contract__cpts=walk.world.theirs.cpts)
    known = {str(each) for each in walk.world.theirs.objects.values()}
    return sorted({*known, *(str(line.pk) for line in lines[:2]), str(walk.world.theirs.cpts.pk)})


def with_file(form: PageForm, name: str, filename: str, content: bytes) -> bytes:
    """Return the body of a form with a file."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{each}"\r\n\r\n'.encode() + _bytes(value) + b"\r\n"
        for each, value in items(form.values)
        if each != name
    ]
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return b"".join([*parts, head.encode(), content, b"\r\n--x--\r\n"])


# --- The walk ------------------------------------------------------------------------------------


def test_any_query_is_answered(walk: Walk) -> None:
    names, _ = shown(walk)
    tried = [(address, sorted(names[address.name])) for address in walk.open_to_all("GET")]

    for rank, (address, known) in enumerate(tried):
        path = walk.path(address, "GET")
        for turn in range(3):
            wrong = turns(rank * 3 + turn, len(known))
            walk.ask(address.name, "GET", f"{path}?{encoded(list(zip(known, wrong, strict=True)))}")
        for place, name in enumerate(sorted(set(known) - set(COMMON))):
            (value,) = turns(rank + place, 1)
            query = encoded([(name, value), (name, "1"), (f"{name}[]", "1"), (name, value)])
            walk.ask(address.name, "GET", f"{path}?{query}", **{"HX-Request": "true"})

    assert walk.wrong == []
    assert len(tried) > 60


def test_any_address_is_answered(walk: Walk) -> None:
    for method in ("GET", "POST"):
        for address in walk.open_to_all(method):
            for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", address.route):
                for value in PATHS[kind or "str"][:: 1 if method == "GET" else 3]:
                    walk.ask(address.name, method, walk.path(address, method, **{name: value}))

    assert walk.wrong == []
    assert walk.sent > 300


def test_any_body_is_answered(walk: Walk) -> None:
    for rank, address in enumerate(walk.open_to_all("POST")):
        for kind, body in (BODIES * 2)[rank % len(BODIES) :][:4]:
            walk.ask(address.name, "POST", walk.path(address, "POST"), body, kind)

    assert walk.wrong == []
    assert walk.sent > 200


def test_any_value_of_a_form_is_answered(walk: Walk) -> None:
    _, forms = shown(walk)
    for rank, (view, target, form) in enumerate(forms):
        fields = [*form.values, *form.files, *form.buttons, "inconnu", "form-TOTAL_FORMS"]
        for place, name in enumerate(fields):
            kept = {each: values for each, values in form.values.items() if each != name}
            (value,) = turns(rank + place, 1)
            sent = [*items(kept), (name, "1"), (name, value)] if place % 2 else [*items(kept), (name, value)]
            walk.ask(view, "POST", target, encoded(sent))
        for turn in range(3):
            wrong = turns(rank * 3 + turn, len(fields))
            walk.ask(view, "POST", target, encoded(list(zip(fields, wrong, strict=True))))

    assert walk.wrong == []
    assert len(forms) > 45


def test_the_things_of_others_stay_as_they_were(walk: Walk) -> None:
    _, forms = shown(walk)
    others = things_of_others(walk)
    for view, target, form in forms:
        # What may be several, boxes above all, then what is one: the choice of a list, what is sent unseen.
        walk.ask(view, "POST", target, encoded([(name, each) for name in form.values for each in others]))
        for name in form.chosen:
            kept = {each: values for each, values in form.values.items() if each != name}
            for each in others:
                walk.ask(view, "POST", target, encoded(items({**kept, name: [each]})))

    assert walk.wrong == []


def test_any_file_is_answered(walk: Walk) -> None:
    _, forms = shown(walk)
    for view, target, form in forms:
        # Where no file is awaited, one in the place of a text.
        for name in form.files or list(form.values)[:1]:
            for filename, content in FILES if form.files else FILES[3:4]:
                body = with_file(form, name, filename, content)
                walk.ask(view, "POST", target, body, "multipart/form-data; boundary=x")

    assert walk.wrong == []
    assert any(form.files for _, _, form in forms)


def test_what_is_sent_twice_is_done_once(walk: Walk) -> None:
    _, forms = shown(walk)
    done = set()
    for view, target, form in forms:
        client, body = walk.client(walk.who[view, "POST"]), encoded(items(form.values))
        with transaction.atomic():
            before = every_row()
            page_of(client.generic("POST", target, body, BODIES[0][0]))
            once = every_row()
            page_of(client.generic("POST", target, body, BODIES[0][0]))
            if view not in NEW_EACH_TIME:
                assert every_row() == once, view
            transaction.set_rollback(True)
        done |= {view} if once != before else set()

    assert len(done) > 15
