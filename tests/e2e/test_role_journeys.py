"""A day of each role: the chain from a new association to its money, read back with other software."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from cpts.demonstration.story import FOUGERES, MAIN, POINTE
from tests.e2e.community import Community
from tests.e2e.pages import follow

SECRET = "quatre sages-femmes à la barre"
NEW = "CPTS de l’Estuaire (essai)"
MAIN_PAGES = "/cpts/cpts-des-marees-et-du-bocage-fictive/"


@pytest.fixture
def community(page: Page, site: str, site_environment: dict[str, str]) -> Community:
    """Return the site, nobody signed in yet. Any error of the page's scripts fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Community(page, site, Path(site_environment["CPTS_DATA_DIR"]) / "mail")
    assert errors == []


def test_a_new_association_up_to_its_first_schedule(community: Community) -> None:
    page, email = community.page, "nouvelle.coordination@demo.test"
    community.sign_in("admin@demo.test")
    community.go("Administration")
    follow(page.get_by_role("link", name="Ouvrir une CPTS").first)
    page.get_by_label("Nom de la CPTS").fill(NEW)
    page.get_by_label("Département du siège").select_option("44")
    page.get_by_label("Prénom").fill("Noa")
    page.get_by_label("Nom", exact=True).fill("Exemple")
    page.get_by_label("Adresse électronique").fill(email)
    follow(page.get_by_role("button", name="Ouvrir et inviter"))
    expect(page.get_by_role("main")).to_contain_text(NEW)
    community.leave()

    community.choose_password(community.last_link(email), SECRET)
    community.sign_in(email, SECRET)
    assert community.todos() == [
        "Compléter la fiche de l’association",
        "Choisir les communes du territoire",
        "Simuler les versements du futur contrat",
    ]

    community.do("Compléter la fiche")
    _fill_sheet(page)
    expect(page.get_by_role("main")).to_contain_text(re.compile("732.829.320.00074"))

    community.go("Accueil")
    community.do("Choisir les communes")
    _choose_territory(page)
    expect(page.get_by_role("main")).to_contain_text("CC d'Erdre et Gesvres")

    community.go("Contrat")
    follow(page.get_by_role("link", name="Enregistrer le contrat").first)
    _sign(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Contrat du 1er juillet 2024")

    community.go("Échéancier")
    main = page.get_by_role("main")
    # Size 2 from that day on: 60 000 € at the signature, and the advances of four missions.
    expect(main.locator(".stat", has_text="Total du contrat")).to_contain_text("€")
    expect(main.locator("details.due-date").first).to_contain_text("1er juillet 2024")
    expect(main.locator("details.due-date")).to_have_count(6)
    community.go("Accueil")
    assert "Enregistrer les taux d’atteinte de l’année 1" in community.todos()


def _fill_sheet(page: Page) -> None:
    page.get_by_label("RNA").fill("W441234567")
    page.get_by_label("SIRET").fill("123 456 789 12345")
    page.get_by_label("Adresse", exact=True).fill("2 quai de l’Exemple")
    page.get_by_label("Code postal").fill("44390")
    page.get_by_label("Ville").fill("Nort-sur-Erdre")
    page.get_by_label("Nom et prénom").or_(page.get_by_label("Nom du représentant")).first.fill("Noa Exemple")
    page.get_by_label("Qualité").fill("présidence")
    page.get_by_label("Adresse électronique").fill("contact@demo.test")
    follow(page.get_by_role("button", name="Enregistrer la fiche"))
    # The wrong key is said beside the field, and what was typed is still there.
    expect(page.get_by_label("SIRET")).to_have_value("123 456 789 12345")
    expect(page.get_by_role("alert").first).to_contain_text("SIRET")
    page.get_by_label("SIRET").fill("732 829 320 00074")
    follow(page.get_by_role("button", name="Enregistrer la fiche"))


def _choose_territory(page: Page) -> None:
    page.get_by_label("Ajouter une commune ou une intercommunalité").press_sequentially("erdre et ges")
    page.locator("#territoire-resultats").get_by_role("button", name="CC d'Erdre et Gesvres").first.click()
    expect(page.locator(".territory-groups")).to_contain_text("CC d'Erdre et Gesvres")
    page.get_by_label("Date d’effet").fill("2024-01-01")
    follow(page.get_by_role("button", name="Vérifier avant d’enregistrer"))
    follow(page.get_by_role("button", name="Enregistrer ce territoire"))


def _sign(page: Page) -> None:
    page.get_by_label("Date de signature du contrat").fill("2024-07-01")
    page.get_by_label(re.compile("Agence régionale de santé|ARS")).first.fill("ARS d’essai")
    page.get_by_label(re.compile("Caisse primaire|CPAM")).first.fill("CPAM d’essai")
    follow(page.get_by_role("button", name="Enregistrer le contrat"))


def test_the_treasurer_takes_the_schedule_away_and_writes_a_payment_down(
    community: Community, tmp_path: Path
) -> None:
    page = community.page
    community.sign_in("tresorerie@demo.test")
    community.do("auraient dû arriver")
    expect(page.locator("#lignes")).to_contain_text("111\u202f125,00\u00a0€")
    follow(page.get_by_role("link", name="Tout revoir"))

    workbook = load_workbook(community.save("Tableur", "echeancier.xlsx", tmp_path))
    sheet = workbook["Échéancier"]
    header = [cell.value for cell in sheet[1]]
    amounts = [row[header.index("Montant")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert round(sum(amount for amount in amounts if isinstance(amount, int | float)), 2) == 1_167_897.54
    assert any(str(amount).startswith("=SUBTOTAL(109,") for amount in amounts)
    assert sheet.auto_filter.ref

    pdf = _statement_pdf(community, tmp_path)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u202f", " ")
    assert "1 167 897,54" in text
    assert MAIN.name in text
    assert "26 106,56" in text

    page.goto(f"{community.site}{MAIN_PAGES}echeancier/?etat=en-retard")
    late = page.locator("details.due-date", has_text="15 mars 2026")
    expect(late).to_contain_text("En retard")
    follow(page.get_by_role("link", name="Enregistrer un versement"))
    expect(page.get_by_role("group", name="Échéance du 15 mars 2026")).to_be_visible()


def _statement_pdf(community: Community, folder: Path) -> bytes:
    """Return the PDF of the statement in force: made by the worker since the demonstration was filled."""
    page = community.page
    page.goto(f"{community.site}{MAIN_PAGES}echeancier/")
    link = page.get_by_role("link", name=re.compile("PDF"))
    if not link.count():
        follow(page.get_by_role("button", name="Préparer le PDF"))
        link = page.get_by_role("link", name="Télécharger le PDF")
        link.wait_for(timeout=60_000)
    with page.expect_download() as waiting:
        link.first.click()
    path = folder / "decompte.pdf"
    waiting.value.save_as(path)
    return path.read_bytes()


def test_a_reviewer_reads_the_scope_and_nothing_else(community: Community) -> None:
    page = community.page
    community.sign_in("cpam@demo.test")
    community.go("CPTS")
    main = page.get_by_role("main")
    expect(main).to_contain_text(MAIN.name)
    expect(main).to_contain_text(POINTE.name)
    expect(main).not_to_contain_text(FOUGERES.name)
    follow(page.get_by_role("link", name=MAIN.name))
    expect(page.get_by_role("heading", level=1)).to_have_text(MAIN.name)
    expect(page.get_by_role("link", name="Modifier la fiche")).to_have_count(0)
    answer = page.goto(f"{community.site}{MAIN_PAGES}echeancier/")
    assert answer
    assert answer.status == 200
    expect(page.get_by_role("link", name="Enregistrer un versement")).to_have_count(0)
    answer = page.goto(f"{community.site}/cpts/cpts-du-pays-des-ajoncs-fictive/")
    assert answer
    assert answer.status == 404


def test_one_person_changes_role_in_one_click(community: Community) -> None:
    page = community.page
    community.sign_in("coordination@demo.test")
    expect(page.get_by_role("main")).to_contain_text(MAIN.name)
    community.take_role("Coordination", FOUGERES.name)
    expect(page.get_by_role("main")).to_contain_text(FOUGERES.name)

    # A link to the other CPTS offers the role that opens it, then opens the page.
    answer = page.goto(f"{community.site}{MAIN_PAGES}territoire/")
    assert answer
    assert answer.status == 403
    follow(page.get_by_role("button", name=MAIN.name))
    expect(page).to_have_url(f"{community.site}{MAIN_PAGES}territoire/")
    expect(page.locator(".account-menu summary")).to_contain_text(MAIN.name)


def test_two_people_on_one_machine_share_nothing(browser: Browser, community: Community) -> None:
    community.sign_in("adherent@demo.test")
    answer = community.page.goto(f"{community.site}{MAIN_PAGES}echeancier/")
    assert answer
    assert answer.status == 403
    community.leave()
    answer = community.page.goto(f"{community.site}{MAIN_PAGES}")
    assert answer
    assert "/compte/connexion/" in community.page.url
