"""From an application to a receipt: somebody is admitted, called, pays in two parts, and gets the paper."""

import re
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from core.access.enums import Role
from tests.e2e.conftest import manage
from tests.e2e.registry import Registry

NAME = ("Nolwenn", "Cotisante")


@pytest.fixture
def registry(page: Page, site: str, site_environment: dict[str, str]) -> Iterator[Registry]:
    """Return the fees of one member paid up, nobody signed in yet. An error of a script fails the test."""
    key = f"fees-{uuid.uuid4().hex[:8]}"
    manage(
        ["shell", "--no-imports", "-c", f"from tests.e2e.stories import fees_to_call as tell; tell({key!r})"],
        site_environment,
    )
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Registry(page, site, Path(site_environment["CPTS_DATA_DIR"]) / "mail", key)
    assert errors == []


def email_of(registry: Registry) -> str:
    """Return where the applicant is written to: nobody of another journey."""
    return f"nolwenn-{registry.key}@cpts.test"


def text_of(pdf: bytes) -> str:
    """Return what a PDF says, each space a plain one."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def statement(year: int, call: str) -> bytes:
    """Return what a bank gives: lines before the header, a debit, a credit that pays a fee and another."""
    day = f"{timezone.localdate():%d/%m/%Y}"
    lines = [
        "Compte n° 00012345678;Édité pour l’association",
        "",
        "Date opération;Libellé;Débit;Crédit",
        f"{day};VIR INST MME COTISANTE NOLWENN REF {call};;17,50",
        f"{day};PRLV ÉLECTRICITÉ {year};-84,20;",
        f"{day};VIR COMMUNE DE GRANVILLE PRÊT DE SALLE;;120,00",
    ]
    return "\r\n".join(lines).encode("cp1252")


def test_an_application_becomes_a_fee_paid_in_two_parts_with_its_receipt(
    registry: Registry, browser: Browser, tmp_path: Path
) -> None:
    year = timezone.localdate().year
    admit(registry, browser)

    registry.enter(Role.TREASURER)
    registry.go("Cotisations")
    registry.expect_title(f"Cotisations {year}")
    registry.expect_figures(
        {"En retard": "0,00 €", "Appelé": "30,00 €", "Reçu": "30,00 €", "À recevoir": "0,00 €"}
    )
    call_fees(registry, year)
    registry.go("Cotisations")
    registry.expect_figures(
        {"En retard": "0,00 €", "Appelé": "60,00 €", "Reçu": "30,00 €", "À recevoir": "30,00 €"}
    )

    registry.click(" ".join(NAME))
    pay_a_part(registry)
    pay_the_rest(registry, year)
    receipt = text_of(take_receipt(registry, tmp_path))
    paid = f"avoir reçu de {' '.join(NAME)} 30,00 € pour sa cotisation {year}, qui est réglée."
    assert paid in receipt
    assert re.search(r"Chèque Règlement 12,50 €.*Virement Règlement 17,50 €.*Reçu en tout 30,00 €", receipt)

    registry.go("Cotisations")
    registry.expect_figures(
        {"En retard": "0,00 €", "Appelé": "60,00 €", "Reçu": "60,00 €", "À recevoir": "0,00 €"}
    )


def admit(registry: Registry, browser: Browser) -> None:
    """Apply without an account, and be admitted by the coordination, in windows of their own."""
    context = browser.new_context(locale="fr-FR")
    coordination = registry.beside(context.new_page())
    coordination.apply(*NAME, email_of(registry))
    coordination.enter(Role.COORDINATOR)
    coordination.choose_application(" ".join(NAME))
    coordination.press("Enregistrer la décision")
    coordination.expect_said("Demande admise.")
    context.close()


def call_fees(registry: Registry, year: int) -> None:
    """Call those who are not called yet, and read what they received."""
    registry.click("Appeler les cotisations")
    registry.expect_figures({"Membres à appeler": "1", "Montant total": "30,00 €"})
    registry.press("Appeler 1 cotisation")
    registry.follow_job("Appel des cotisations", "Voir ce qui est parti")
    expect(registry.main).to_contain_text(f"Tous les e-mails de {year} sont partis.")
    letters = [
        each for each in registry.letters_to(email_of(registry)) if "cotisation" in str(each["Subject"])
    ]
    assert [str(each["Subject"]) for each in letters] == [f"Votre cotisation {year} – CPTS {registry.key}"]
    [attached] = letters[0].iter_attachments()
    text = text_of(attached.get_content())
    assert f"Appel de cotisation {year}, n° {year}-0002" in text
    assert f"À payer avant le 31 décembre {year} 30,00 €" in text


def pay_a_part(registry: Registry) -> None:
    """A double click records one payment."""
    registry.click("Noter un règlement")
    registry.page.get_by_label("Montant reçu").fill("12,50")
    registry.page.get_by_label("Moyen").select_option(label="Chèque")
    registry.press_twice("Enregistrer le règlement")
    registry.expect_said("Règlement de 12,50 € enregistré.")
    registry.expect_figures({"Appelé": "30,00 €", "Reçu": "12,50 €", "Reste": "17,50 €"})
    expect(registry.main.get_by_role("table", name="Règlements").locator("tbody tr")).to_have_count(1)


def pay_the_rest(registry: Registry, year: int) -> None:
    """The bank says the rest: its line is recognised and confirmed, another one set aside."""
    registry.go("Cotisations")
    registry.click("Importer un relevé")
    registry.send("Relevé de la banque", "releve.csv", statement(year, f"{year}-0002"))
    registry.expect_title("releve.csv")
    expect(registry.main).to_contain_text("2 encaissements ; 1 ligne sans encaissement")
    line = registry.main.get_by_role("row").filter(has_text="COTISANTE")
    expect(line).to_contain_text("Sûr")
    expect(line).to_contain_text(f"Numéro d’appel {year}-0002, montant exact.")
    registry.press_in(line, "Confirmer")
    registry.expect_said(f"17,50 € enregistrés pour {' '.join(NAME)}, appel {year}-0002.")
    other = registry.main.get_by_role("row").filter(has_text="PRÊT DE SALLE")
    expect(other).to_contain_text("Sans correspondance")
    registry.press_in(other, "Écarter")
    expect(registry.main).to_contain_text("Tout est rapproché")


def take_receipt(registry: Registry, folder: Path) -> bytes:
    registry.go("Cotisations")
    registry.click(" ".join(NAME))
    registry.expect_figures({"Appelé": "30,00 €", "Reçu": "30,00 €", "Reste": "0,00 €"})
    registry.press("Reçu en PDF")
    return registry.download_from_job("Reçu de cotisation", "Télécharger le reçu", folder).read_bytes()
