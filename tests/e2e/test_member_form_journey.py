"""Writing a person in the registry: places one by one with scripts, three blank rows without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.community import Community
from tests.e2e.pages import follow

ADD = "/cpts/cpts-des-marees-et-du-bocage-fictive/membres/ajouter/personne/"


@pytest.fixture
def community(page: Page, site: str, site_environment: dict[str, str]) -> Iterator[Community]:
    """Return the site as the coordination sees it. Any error of the page's scripts fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    community = Community(page, site, Path(site_environment["CPTS_DATA_DIR"]) / "mail")
    community.sign_in("coordination@demo.test")
    yield community
    assert errors == []


def fill_name(page: Page, last_name: str) -> None:
    page.get_by_label("Nom", exact=True).fill(last_name)
    page.get_by_label("Prénom").fill("Ève")


def save(page: Page) -> None:
    follow(page.get_by_role("button", name="Inscrire au registre"))


def test_places_are_added_one_by_one_from_the_keyboard(community: Community) -> None:
    page = community.page
    page.goto(f"{community.site}{ADD}")
    fill_name(page, "Premier Essai")
    expect(page.get_by_label("Médecine")).to_be_hidden()
    page.get_by_label("Profession").select_option("Médecin")
    page.get_by_label("Médecine").select_option("Médecine générale")
    rows = page.get_by_role("group", name="Lieu")
    expect(rows).to_have_count(1)
    for _ in range(3):
        page.get_by_role("button", name="Ajouter un lieu").press("Enter")
    expect(rows).to_have_count(4)
    expect(rows.last.get_by_label("Structure du registre")).to_be_focused()

    commune = rows.last.get_by_label("Commune, par son nom ou son code postal")
    commune.press_sequentially("granv")
    expect(page.locator('#suggestions-communes option[value="Granville (50218)"]')).to_be_attached()
    commune.fill("granville")
    rows.first.get_by_label("Nom du lieu, s’il n’est pas au registre").fill("Cabinet à quitter")
    rows.first.get_by_label("Retirer ce lieu").check()
    expect(rows.first.get_by_label("Adresse")).to_be_hidden()
    save(page)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Ève Premier Essai")
    expect(page.get_by_role("main")).to_contain_text("Granville")
    expect(page.get_by_role("main")).not_to_contain_text("Cabinet à quitter")


def test_three_rows_wait_for_who_has_no_scripts(community: Community, browser: Browser) -> None:
    context = browser.new_context(
        java_script_enabled=False, storage_state=community.page.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{community.site}{ADD}")
    rows = page.get_by_role("group", name="Lieu")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("button", name="Ajouter un lieu")).to_be_hidden()
    fill_name(page, "Sans Script")
    rows.last.get_by_label("Commune, par son nom ou son code postal").fill("saint-sauveur")
    save(page)
    expect(page.get_by_role("main")).to_contain_text("Plusieurs réponses sont possibles")
    page.get_by_label("Saint-Sauveur (29262), Finistère").check()
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ève Sans Script")
    expect(page.get_by_role("main")).to_contain_text("Saint-Sauveur")
    context.close()
