"""From what the agency sent to a territory, and from a territory to a slightly smaller one."""

from io import BytesIO

from openpyxl import Workbook
from playwright.sync_api import expect

from tests.e2e.pages import follow

NBSP, THIN = "\u00a0", "\u202f"
VILLEDIEU = "200043354"


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_from_the_spreadsheet_of_the_agency_to_a_result(simulator):
    """One commune has homonyms, one is unknown: the first is chosen, the second left, what was typed kept."""
    simulator.open(signature="2023-03-15", missions="parcours", atteinte="80")
    rows = [("Commune", "Département"), ("Granville", "50"), ("Saint-Aubin", ""), ("Xyzzyville", "")]
    simulator.read_spreadsheet("communes.xlsx", workbook(*rows, ("Bréhal", "50")))
    page = simulator.page
    expect(page.locator("main")).to_contain_text("2 lignes ne sont pas comprises")
    simulator.choose_for_line("Saint-Aubin", "Jura (39)")
    simulator.use_communes()
    # 12 510 of Granville, 3 487 of Bréhal, 1 871 of Saint-Aubin in the Jura.
    expect(simulator.result).to_contain_text(f"17{THIN}868 habitants")
    expect(page.locator("#territoire")).to_contain_text("Saint-Aubin")
    expect(page.locator("#territoire")).not_to_contain_text("Xyzzyville")
    expect(page.get_by_label("Taux d’atteinte")).to_have_value("80")
    expect(simulator.due_date("15 mars 2024")).to_be_visible()


def test_removing_communes_keeps_the_focus_at_work(simulator):
    """A commune taken out of an EPCI lowers the population; the keyboard stands on the next one."""
    simulator.open(epci=VILLEDIEU, signature="2023-03-15", missions="parcours")
    page = simulator.page
    expect(simulator.result).to_contain_text(f"15{THIN}779 habitants")
    page.get_by_role("button", name="Voir les 27 communes").press("Enter")
    expect(page.get_by_role("list", name="Communes de CC de Villedieu Intercom")).to_be_focused()
    simulator.remove_commune("Beslon")
    expect(simulator.result).to_contain_text(f"15{THIN}217 habitants")
    expect(page.get_by_role("button", name="Retirer Boisyvon")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#territoire")).to_contain_text("25 communes sur 27")
    expect(page.get_by_role("button", name="Retirer Bourguenolles")).to_be_focused()


def test_adding_places_goes_back_to_the_search(simulator):
    simulator.open(signature="2023-03-15", missions="parcours")
    page = simulator.page
    search = page.get_by_label("Ajouter une commune ou une intercommunalité")
    simulator.add_place("granville", "Granville")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.type("zzzz")
    expect(page.locator("#territoire-etat")).to_have_text(
        f"Rien ne correspond à «{NBSP}zzzz{NBSP}». Essayez un autre mot du nom, ou le code postal."
    )


def test_a_territory_leads_to_its_schedule(simulator):
    page = simulator.page
    page.goto(f"{simulator.site}/territoires/")
    expect(page.locator("main table")).to_have_count(0)
    page.goto(f"{simulator.site}/territoires/?epci={VILLEDIEU}")
    expect(page.get_by_role("table", name="Communes du territoire")).to_contain_text("Beslon")
    follow(page.get_by_role("link", name="Simuler l’échéancier"))
    expect(page.locator(".territory-groups")).to_contain_text("CC de Villedieu Intercom")
    page.get_by_role("button", name="Calculer l’échéancier").click()
    expect(simulator.result).to_contain_text(f"15{THIN}779 habitants")
    expect(simulator.result.locator(".stat").first).to_be_in_viewport()
