"""What makes a long day bearable: figures in sight, the focus where one works, a phone, one's own colours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.community import Community
from tests.e2e.pages import Simulator, follow

TWO_EPCI = "200042604,200043354"
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Simulator]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="fr-FR")
    yield Simulator(context.new_page(), site)
    context.close()


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("group", name="Thème de couleurs").get_by_role("button", name=name).click()


def test_the_theme_is_kept_from_page_to_page(simulator):
    page = simulator.page
    simulator.open()
    choose_theme(page, "Sombre")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto(f"{simulator.site}/documents/verifier/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="Sombre")).to_have_attribute("aria-pressed", "true")
    choose_theme(page, "Auto")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_total_follows_the_form_on_a_phone_and_leads_to_the_result(phone):
    phone.open(epci=TWO_EPCI, signature="2023-03-15", missions="parcours", atteinte="80")
    page, summary = phone.page, phone.page.locator("#bilan")
    expect(summary).to_be_in_viewport()
    before = summary.inner_text()
    phone.start("Prévention", "2024-03-15")
    page.keyboard.press("Tab")
    expect(summary).not_to_have_text(before)
    expect(summary).to_be_in_viewport()
    expect(phone.result.locator(".stat").first).not_to_be_in_viewport()
    summary.get_by_role("link").tap()
    expect(phone.result.locator(".stat").first).to_be_in_viewport()
    lines = phone.open_due_date("15 mars 2025")
    box = lines.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_fingers_find_large_targets(phone):
    phone.open(epci=TWO_EPCI, ouvert="200043354", signature="2023-03-15", missions="parcours")
    small = phone.page.evaluate(
        """() => [...document.querySelectorAll("button, .btn, summary, .form-check, .download, .site-nav a")]
            .map(node => [node.getBoundingClientRect(), node])
            .filter(([box]) => box.height && box.height < 43.5)
            .map(([box, node]) => `${Math.round(box.height)} ${node.outerHTML.slice(0, 80)}`)"""
    )
    assert small == []


def test_the_figures_stay_in_sight_on_a_desk(simulator):
    simulator.open(epci=TWO_EPCI, signature="2023-03-15", missions="parcours")
    simulator.page.get_by_role("button", name="Calculer l’échéancier").scroll_into_view_if_needed()
    expect(simulator.result.locator(".stat").first).to_be_in_viewport()


def test_a_mistake_is_said_without_taking_the_focus_away(simulator):
    simulator.open(epci=TWO_EPCI, signature="2023-03-15", missions="parcours")
    start = simulator.page.get_by_label("Démarre le, mission Parcours pluriprofessionnels")
    start.fill("2020-01-01")
    start.press("Tab")
    expect(simulator.page.locator("#bilan")).to_contain_text("À corriger")
    expect(simulator.result.locator(".error-summary")).not_to_be_focused()
    assert simulator.page.evaluate("document.activeElement.closest('#simulation') !== null")


def test_the_summary_of_former_mistakes_does_not_outlive_them(simulator):
    simulator.open(epci=TWO_EPCI, signature="2023-03-15", missions="parcours", debut_parcours="2020-01-01")
    summary = simulator.page.locator(".error-summary")
    expect(summary).to_be_focused()
    simulator.start("Parcours pluriprofessionnels", "2023-06-01")
    simulator.page.keyboard.press("Tab")
    expect(simulator.due_date("1er juin 2023")).to_be_visible()
    expect(summary).to_have_count(0)


def test_every_line_of_the_summary_leads_to_its_field(page: Page, site: str):
    page.goto(
        f"{site}/simulateur/echeancier.csv?epci={TWO_EPCI}&signature=2023-03-15"
        "&missions=parcours&missions=inconnue&debut_parcours=2020-01-01"
    )
    follow(page.get_by_role("link", name="Missions"))
    expect(page).to_have_url(re.compile("/simulateur/.*#id_missions_0$"))
    expect(page.locator("#id_missions_0")).to_have_attribute("type", "checkbox")


def test_the_menu_of_the_header_closes_by_itself(page, site):
    person = Community(page, site, Path())
    person.sign_in("coordination@demo.test")
    panel = person.open_menu().locator(".account-panel")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".account-menu summary")).to_be_focused()

    person.open_menu()
    page.get_by_role("link", name="Mon compte").focus()
    expect(panel).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(panel).to_be_hidden()


def test_plus_leads_a_phone_to_the_other_pages(phone):
    person = Community(phone.page, phone.site, Path())
    person.sign_in("coordination@demo.test")
    bar = phone.page.get_by_role("navigation", name="Navigation principale")
    assert bar.get_by_role("link").all_inner_texts() == [
        "Accueil",
        "Membres",
        "Contrat",
        "Échéancier",
        "Plus",
    ]
    person.go("Plus")
    pages = phone.page.get_by_role("navigation", name="Toutes les pages")
    follow(pages.get_by_role("link", name="Personnes et rôles"))
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Personnes")
    expect(bar.get_by_role("link", name="Plus")).to_have_attribute("aria-current", "true")
