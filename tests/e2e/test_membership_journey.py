"""Somebody applies from a phone, the coordination decides: what each of them sees."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.community import Community
from tests.e2e.pages import follow

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def community(page: Page, site: str, site_environment: dict[str, str]) -> Community:
    """Return the site, nobody signed in yet."""
    return Community(page, site, Path(site_environment["CPTS_DATA_DIR"]) / "mail")


def test_a_nurse_applies_from_a_phone_and_is_admitted(community: Community, browser: Browser) -> None:
    page = community.page
    community.sign_in("coordination@demo.test")
    page.goto(f"{community.site}/cpts/cpts-des-marees-et-du-bocage-fictive/membres/demandes/")
    if page.get_by_role("button", name="Ouvrir le formulaire").count():
        follow(page.get_by_role("button", name="Ouvrir le formulaire"))
    link = page.locator(".desk-link a")
    expect(link).to_be_visible()
    address = link.get_attribute("href")

    phone = browser.new_context(viewport=PHONE, locale="fr-FR").new_page()
    phone.goto(f"{community.site}{address}")
    follow(phone.get_by_role("button", name="Envoyer ma demande"))
    expect(phone.get_by_role("alert").filter(has_text="erreurs sont à corriger")).to_be_focused()
    phone.get_by_label("Prénom").fill("Nolwenn")
    phone.get_by_label("Nom", exact=True).fill("Parcours")
    phone.get_by_label("Profession").select_option(label="Infirmier")
    phone.get_by_label("Commune d’exercice").fill("Granville")
    phone.get_by_label("Adresse électronique").fill("nolwenn.parcours@demo.test")
    phone.get_by_label("J’ai lu les statuts").check()
    follow(phone.get_by_role("button", name="Envoyer ma demande"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Votre demande est partie")
    phone.context.close()

    community.go("Accueil")
    community.do("à décider")
    sheet = page.get_by_role("link", name="Nolwenn Parcours").first.get_attribute("href")
    page.get_by_label("Choisir la demande de Nolwenn Parcours").check()
    follow(page.get_by_role("button", name="Décider des demandes cochées"))
    expect(page.get_by_role("main")).to_contain_text("Nolwenn Parcours")
    page.get_by_label("Référence de la décision").fill("Conseil du jour")
    follow(page.get_by_role("button", name="Enregistrer la décision"))
    expect(page.get_by_role("status")).to_contain_text("Demande admise.")

    page.goto(f"{community.site}{sheet}")
    panel = page.locator("section", has=page.get_by_role("heading", name="Adhésion"))
    expect(panel).to_contain_text("Membre depuis le")
    expect(panel).to_contain_text("Conseil du jour")
