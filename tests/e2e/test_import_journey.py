"""A coordinator's spreadsheet, mistakes included: read, mended, decided, imported, exported, read again."""

import csv
import io
import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page, expect

from core.access.enums import Role
from tests.e2e.conftest import manage
from tests.e2e.pages import follow
from tests.e2e.registry import Registry

HEADERS = (
    "NOM", "Prénom", "Métier", "N° RPPS", "Contact", "Portable", "CP", "Ville", "Lieu d’exercice",
    "Adhérent depuis",
)  # fmt: skip
ROWS = (
    ("KERVADEC", "Maëlys", "IDEL", None, "maelys@cpts.test", None, 50290, "Bréhal", None, date(2024, 1, 15)),
    ("Lemaître", "Chloé", "sage-femme", None, None, "06 98 76 54 32", 50400, "Granville", None, None),
    ("MÉNARD", "Bastien", "Pharmacien", None, None, None, 50400, "GRANVILLE", None, None),
    ("Le Goff", "Élodie", "kiné", 1000345678, "e@cpts.test", None, 50400, "Granville", None, "01/09/2025"),
    ("d’Astrée", "Zoé-Anaïs", "Orthophoniste", None, None, None, 50400, "Granvile", None, "1er mars 2025"),
    (
        "Œuvrard", "François", "médecin généraliste", 10003456787, None, None, 50800,
        "Villedieu-les-Poêles-Rouffigny", "Cabinet des Cordiers", None,
    ),
)  # fmt: skip
CONTACT = {"Contact": "Adresse électronique"}


@pytest.fixture
def registry(page: Page, site: str, site_environment: dict[str, str]) -> Iterator[Registry]:
    """Return a registry of three people, its coordinator signed in. An error of a script fails the test."""
    key = f"import-{uuid.uuid4().hex[:8]}"
    story = f"from tests.e2e.stories import registry_to_import_into as tell; tell({key!r})"
    manage(["shell", "--no-imports", "-c", story], site_environment)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    registry = Registry(page, site, Path(site_environment["CPTS_DATA_DIR"]) / "mail", key)
    registry.enter(Role.COORDINATOR)
    yield registry
    assert errors == []


def workbook() -> bytes:
    book, content = Workbook(), io.BytesIO()
    for row in (HEADERS, *ROWS):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def mended(report: Path) -> bytes:
    """Correct what the report says, and save it as a French Excel saves CSV."""
    header, *rows = [list(row) for row in load_workbook(report).active.values]
    reason, rpps, town = (header.index(name) for name in ("À corriger", "N° RPPS", "Ville"))
    wrong = {row[1]: row for row in rows if row[reason]}
    assert sorted(wrong) == ["Le Goff", "d’Astrée"]
    assert "onze chiffres" in wrong["Le Goff"][reason]
    assert "« Granvile » n’est pas le nom d’une commune" in wrong["d’Astrée"][reason].replace("\u00a0", " ")
    wrong["Le Goff"][rpps], wrong["d’Astrée"][town] = "10003456786", "Granville"
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([header, *rows])
    return text.getvalue().encode("cp1252")


def test_a_spreadsheet_with_mistakes_is_mended_and_imported(
    registry: Registry, browser: Browser, tmp_path: Path
) -> None:
    registry.send_members("membres 2026.xlsx", workbook(), renamed=CONTACT)
    expect_first_preview(registry)
    registry.expect_members(3)

    registry.page.go_back()
    registry.expect_title("Ce que l’import changerait")
    report = registry.save("Mon fichier, avec les raisons", "a-corriger.xlsx", tmp_path)
    registry.send_members("membres 2026 corrigés.csv", mended(report), renamed=CONTACT)
    registry.expect_verdicts(
        "Doublon possible 1", "Modification 1", "Nouvelle inscription 3", "Sans changement 1"
    )
    decide_duplicate(registry)

    agree_in_two_windows(registry, browser)
    registry.follow_job("Import du fichier de membres", "Voir le résultat de l’import")
    registry.expect_title("Import terminé")
    registry.expect_figures({"Modification": "2", "Nouvelle inscription": "3", "Sans changement": "1"})
    registry.click("Voir les membres")
    for name in ("Kervadec Maëlys", "Le Goff Élodie", "d’Astrée Zoé-Anaïs", "Œuvrard François"):
        expect(registry.main.get_by_role("link", name=name)).to_be_visible()

    registry.expect_members(6)
    exported = registry.save("Toutes les colonnes", "membres.xlsx", tmp_path)
    registry.send_members("membres.xlsx", exported.read_bytes(), renamed={})
    registry.expect_verdicts("Sans changement 6")
    expect(registry.main).to_contain_text("Le registre contient déjà tout ce fichier")


def expect_first_preview(registry: Registry) -> None:
    registry.expect_verdicts(
        "À corriger 2", "Doublon possible 1", "Modification 1", "Nouvelle inscription 1", "Sans changement 1"
    )
    expect(registry.main).to_contain_text("Rien n’est encore enregistré.")
    expect(registry.main.get_by_role("button", name="Enregistrer dans le registre")).to_have_count(0)
    wrong = registry.rows("À corriger")
    expect(wrong.filter(has_text="Le Goff")).to_contain_text("Un numéro RPPS compte onze chiffres")
    expect(wrong.filter(has_text="d’Astrée")).to_contain_text("« Granvile » n’est pas le nom d’une commune")
    changed = registry.rows("Modification").filter(has_text="Lemaître")
    expect(changed.locator("del")).to_have_text("06 12 34 56 78")
    expect(changed.locator("ins")).to_have_text("06 98 76 54 32")
    new = registry.rows("Nouvelle inscription").filter(has_text="Œuvrard")
    expect(new).to_contain_text("Médecine générale")
    expect(new).to_contain_text("sa clé est fausse")
    expect(registry.rows("Sans changement")).to_contain_text("Bastien Ménard")


def decide_duplicate(registry: Registry) -> None:
    row = registry.page.get_by_role("group", name="Maëlys KERVADEC")
    expect(row).to_contain_text("même nom")
    row.get_by_label("Même inscription que Maëlys Kervadec").check()
    registry.press("Garder ces choix")
    registry.expect_said("Lignes encore à décider : 0")


def agree_in_two_windows(registry: Registry, browser: Browser) -> None:
    """Two people read the same preview and agree at once: it is one import, which both follow."""
    page = registry.page
    context = browser.new_context(storage_state=page.context.storage_state(), locale="fr-FR")
    other = registry.beside(context.new_page())
    other.page.goto(page.url)
    agree = [
        window.main.get_by_role("button", name="Enregistrer dans le registre") for window in (registry, other)
    ]
    expect(agree[1]).to_be_visible()
    with page.expect_navigation():
        agree[0].dblclick(no_wait_after=True)
        follow(agree[1])
    expect(page).to_have_url(re.compile("/travaux/"))
    assert other.page.url == page.url
    context.close()
