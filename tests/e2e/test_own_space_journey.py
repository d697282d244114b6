"""A member on a phone: their space, their telephone number, their data, then leaving."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.community import Community
from tests.e2e.pages import follow

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(browser: Browser, site: str, site_environment: dict[str, str]) -> Iterator[Community]:
    """Return the site on a phone, nobody signed in yet."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR")
    yield Community(context.new_page(), site, Path(site_environment["CPTS_DATA_DIR"]) / "mail")
    context.close()


def test_a_member_uses_their_space_on_a_phone_then_leaves(phone: Community, tmp_path: Path) -> None:
    page = phone.page
    phone.sign_in("adherent@demo.test")
    phone.go("Mon espace")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")

    follow(page.get_by_role("link", name="Corriger mes coordonnées"))
    page.get_by_label("Téléphone").fill("02 33 00 00 12")
    follow(page.get_by_role("button", name="Enregistrer mes coordonnées"))
    expect(page.get_by_role("status")).to_contain_text("Vos coordonnées sont enregistrées.")
    expect(page.get_by_role("main")).to_contain_text("02 33 00 00 12")

    follow(page.get_by_role("link", name="Voir et télécharger mes données"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Télécharger le fichier (JSON)").click()
    waiting.value.save_as(tmp_path / "donnees.json")
    told = json.loads((tmp_path / "donnees.json").read_text(encoding="utf-8"))
    assert told["Fiche"][0]["téléphone"] == "02 33 00 00 12"

    phone.go("Mon espace")
    follow(page.get_by_role("link", name="Voir ce que termine une démission"))
    follow(page.get_by_role("button", name="Continuer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmer mon départ")
    follow(page.get_by_role("button", name="Je quitte l’association"))
    expect(page.get_by_role("status")).to_contain_text("Votre démission est enregistrée")
    expect(page.get_by_role("link", name="Voir ce que termine une démission")).to_have_count(0)
