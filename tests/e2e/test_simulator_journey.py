"""From the choice of two EPCI to an opened workbook and PDF whose figures are checked."""

import re
from io import BytesIO

import pikepdf
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.e2e.pages import follow

GRANVILLE, VILLEDIEU = "CC de Granville, Terre et Mer", "CC de Villedieu Intercom"
TOTAL = "1\u202f170\u202f147,54\u00a0€"
NBSP = "\u00a0"


def compose_example(simulator) -> None:
    """Type the worked example A of the domain reference on real communes, as a coordinator would."""
    simulator.open()
    simulator.add_place("granville terre", GRANVILLE)
    simulator.add_place("villedieu inter", VILLEDIEU)
    simulator.sign_on("2023-03-15")
    simulator.start("Accès aux soins", "2023-09-15")
    simulator.start("Crises sanitaires graves", "2023-09-15")
    simulator.start("Parcours pluriprofessionnels", "2024-03-15")
    simulator.start("Prévention", "2024-03-15")
    simulator.attain("80")
    simulator.page.keyboard.press("Tab")


def test_from_two_epci_to_files_that_tell_the_same(simulator, tmp_path, browser: Browser):
    compose_example(simulator)
    simulator.expect_total(TOTAL)
    expect(simulator.result).to_contain_text("61\u202f429 habitants")
    expect(simulator.due_date("15 septembre 2023")).to_contain_text("39\u202f159,84\u00a0€")
    lines = simulator.open_due_date("15 mars 2024")
    expect(lines).to_contain_text("8\u202f702,18\u00a0€")
    expect(lines).to_contain_text("182/366\u00a0jours")

    sheet = load_workbook(simulator.download("Tableur", tmp_path))["Échéancier"]
    amounts = [row[6] for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1, values_only=True)]
    assert round(sum(amounts), 2) == 1_170_147.54
    assert sheet.cell(sheet.max_row, 7).value.startswith("=SUBTOTAL(109,")
    assert b"1170147" not in simulator.download("Données", tmp_path).read_bytes()
    assert simulator.download("Agenda", tmp_path).read_bytes().count(b"BEGIN:VEVENT") == 7

    address = simulator.copy_address()
    visitor = browser.new_page()
    visitor.goto(address)
    expect(visitor.locator(".stat", has_text="Total sur cinq ans")).to_contain_text(TOTAL)
    visitor.close()

    pdf = simulator.make_pdf(tmp_path).read_bytes()
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u202f", " ")
    assert TOTAL.replace("\u202f", " ") in text
    assert "26 106,56" in text
    with pikepdf.open(BytesIO(pdf)) as document:
        assert document.Root.Lang == "fr"
        assert "/StructTreeRoot" in document.Root
        assert document.open_metadata()["pdfuaid:part"] == "1"
        assert document.docinfo["/Title"] == "Échéancier ACI simulé"


def test_the_printed_fingerprint_confirms_the_document_without_its_content(simulator, tmp_path):
    simulator.open(source="population", population="40000", signature="2024-02-29", missions="parcours")
    text = PdfReader(simulator.make_pdf(tmp_path)).pages[0].extract_text()
    fingerprint = "".join(re.findall(r"\b[0-9a-f]{8}\b", text))
    assert len(fingerprint) == 64
    page = simulator.page
    page.goto(f"{simulator.site}/documents/verifier/")
    page.get_by_label("Empreinte").first.fill(fingerprint)
    follow(page.get_by_role("button", name="Vérifier").first)
    expect(page.locator("main")).to_contain_text("Échéancier ACI simulé")
    # Neither the population nor an amount; 40 alone may well stand in the fingerprint or in the hour.
    expect(page.locator("main")).not_to_contain_text("40\u202f000")
    expect(page.locator("main")).not_to_contain_text("€")
    answer = page.request.get(f"{simulator.site}/documents/verifier/{'0' * 64}/")
    assert answer.status == 404


def test_a_mistake_is_said_at_once_and_nothing_typed_is_lost(simulator):
    simulator.open(source="population", population="60200", signature="2023-03-15", missions="parcours")
    simulator.start("Parcours pluriprofessionnels", "2022-01-01")
    page = simulator.page
    page.keyboard.press("Tab")
    error = page.locator("#id_debut_parcours_error")
    expect(error).to_contain_text("avant la signature du contrat")
    expect(simulator.result.get_by_role("link", name="avant la signature")).to_have_attribute(
        "href", "#id_debut_parcours"
    )
    expect(page.get_by_role("spinbutton", name="Nombre d’habitants")).to_have_value("60200")
    simulator.start("Parcours pluriprofessionnels", "2023-06-01")
    page.keyboard.press("Tab")
    expect(error).to_be_empty()
    expect(simulator.due_date("1er juin 2023")).to_be_visible()


def test_the_territory_is_chosen_with_the_keyboard_alone(simulator):
    simulator.open(signature="2024-01-01", missions="parcours")
    page = simulator.page
    page.get_by_label("Ajouter une commune ou une intercommunalité").focus()
    page.keyboard.type("villedieu inter")
    result = page.locator("#territoire-resultats").get_by_role("button", name=VILLEDIEU)
    expect(result).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
        if result.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".territory-groups")).to_contain_text(VILLEDIEU)
    expect(simulator.result).to_contain_text("15\u202f779 habitants")


def test_everything_works_without_javascript(browser: Browser, site: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/simulateur/?signature=2023-03-15&missions=parcours&recherche=villedieu+inter")
    follow(page.get_by_role("button", name=VILLEDIEU).first)
    expect(page.locator(".territory-groups")).to_contain_text(VILLEDIEU)
    page.get_by_label("Taux d’atteinte").fill("50")
    follow(page.get_by_role("button", name="Calculer l’échéancier"))
    expect(page.locator("#resultats")).to_contain_text("15 mars 2024")
    due_date = page.locator("details.due-date", has_text="15 mars 2024")
    due_date.locator("summary").click()
    follow(due_date.get_by_role("button", name="Voir les lignes"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Échéance du 15 mars 2024")
    expect(page.get_by_role("table")).to_contain_text("50\u00a0% d’atteinte")
    context.close()
