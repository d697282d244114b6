"""The downloads carry the engine's lines, with real dates and numbers."""

from datetime import UTC, date, datetime
from io import BytesIO

from icalendar import Calendar
from openpyxl import load_workbook

from funding.exports import simulation_csv, simulation_ics, simulation_xlsx
from tests.funding.simulations import simulated

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ADDRESS = "https://cpts.example.org/simulateur/?signature=2023-03-15"


def workbook(**changes):
    return load_workbook(BytesIO(simulation_xlsx(simulated(**changes), address=ADDRESS, now=NOW)))


def test_workbook_has_the_lines_with_real_dates_and_numbers():
    sheet = workbook()["Échéancier"]
    header, first, second = (list(row) for row in sheet.iter_rows(max_row=3, values_only=True))
    assert header == [
        "Échéance",
        "Payable au plus tard le",
        "Année de contrat",
        "Mission",
        "Part",
        "Versement",
        "Montant",
        "Explication",
    ]
    assert first[:7] == [
        datetime(2023, 3, 15),
        datetime(2023, 5, 15),
        1,
        "Fonctionnement",
        "Fonctionnement",
        "Versement intégral",
        60_000,
    ]
    assert second[0] == datetime(2023, 9, 15)
    assert second[4:7] == ["Volet fixe", "Avance", 26_106.56]
    assert sheet.auto_filter.ref == f"A1:H{1 + len(simulated().schedule.instalments)}"


def test_workbook_total_is_a_formula_over_every_line():
    sheet = workbook()["Échéancier"]
    last = sheet.max_row
    assert sheet.cell(last, 7).value == f"=SUBTOTAL(109,G2:G{last - 1})"
    assert round(sum(sheet.cell(row, 7).value for row in range(2, last)), 2) == 1_170_147.54


def test_workbook_sums_by_contract_year_and_by_civil_year():
    book = workbook()
    by_contract_year = list(book["Par année de contrat"].iter_rows(min_row=2, max_row=3, values_only=True))
    assert by_contract_year == [
        ("1", 60_000, 52_213.11, 11_934.43, 124_147.54),
        ("2", 60_000, 137_500, 64_000, 261_500),
    ]
    by_civil_year = list(book["Par année civile"].iter_rows(min_row=2, max_row=3, values_only=True))
    assert by_civil_year == [
        ("2023", 60_000, 39_159.84, 0, 99_159.84),
        ("2024", 45_000, 116_178.27, 11_934.43, 173_112.70),
    ]


def test_workbook_tells_its_assumptions():
    rows = dict(
        workbook(bareme="aci-2019", missions={}, supplements=["snp"])["Hypothèses"].iter_rows(
            values_only=True
        )
    )
    assert rows["Signature du contrat"] == "15 mars 2023"
    assert rows["Population"] == "60\u202f200 habitants"
    assert rows["Taille"] == "2"
    assert rows["Atteinte des objectifs"] == "80\u00a0% chaque année"
    assert rows["Adresse de la simulation"] == ADDRESS
    assert "Texte appliqué, années 1 à 5" in rows
    assert "Supplément demandé" in rows


def test_csv_follows_french_conventions():
    text = simulation_csv(simulated()).decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0].startswith("Échéance;Payable au plus tard le;Année de contrat;Mission;")
    assert lines[1].startswith(
        "15/03/2023;15/05/2023;1;Fonctionnement;Fonctionnement;Versement intégral;60000,00;"
    )
    assert len(lines) == 2 + len(simulated().schedule.instalments)


def test_calendar_has_one_whole_day_event_per_due_date():
    data = simulation_ics(simulated(), address=ADDRESS, series="abc", now=NOW)
    events = Calendar.from_ical(data).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [
        date(2023, 3, 15),
        date(2023, 9, 15),
        date(2024, 3, 15),
        date(2025, 3, 15),
        date(2026, 3, 15),
        date(2027, 3, 15),
        date(2028, 3, 15),
    ]
    second = events[1]
    assert str(second["summary"]) == "Versement ACI simulé\u00a0: 39\u202f159,84\u00a0€"
    assert "Payable au plus tard le 15 novembre 2023." in str(second["description"])
    assert str(second["description"]).endswith(ADDRESS)
    assert str(second["uid"]) == "abc-20230915@echeancier-aci"
    assert data == simulation_ics(simulated(), address=ADDRESS, series="abc", now=NOW)
