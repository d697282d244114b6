"""Communes found in spreadsheets as ARS and CPAM circulate them."""

import pytest

from core.spreadsheets.reading import Line
from core.territories.domain.spreadsheet_import import ImportReport, match_lines, read_entries
from core.territories.models import Commune
from tests.factories.territories import GRANVILLE


def report(vintage, *rows: list[object]) -> ImportReport:
    return match_lines([Line(number, tuple(row)) for number, row in enumerate(rows, start=1)], vintage)


def accepted(read: ImportReport) -> list[str]:
    assert read.refused == ()
    return [line.commune.code for line in read.accepted]


def only_refusal(read: ImportReport) -> tuple[str, list[str]]:
    (line,) = read.refused
    return line.reason, [commune.code for commune in line.suggestions]


@pytest.mark.parametrize(
    "header",
    [
        "Code INSEE",
        "code_insee",
        "CODGEO",
        "Code commune",
        "INSEE",
        "N° INSEE",
        "DEPCOM",
        "Code officiel géographique",
    ],
)
def test_codes_under_usual_headers(granville, header):
    assert accepted(report(granville, [header, "Population"], ["50218", 5], [50502.0, 6])) == [
        "50218",
        "50502",
    ]


def test_a_cell_longer_than_any_name_is_cut():
    long = "Saint-Lô " + "x" * 100_000
    (entry,) = read_entries([Line(1, ("Code", "Commune")), Line(2, ("50502", long))])
    assert entry.name == long[:150]


@pytest.mark.parametrize("header", ["Commune", "COMMUNES", "Nom de la commune", "Libellé", "LIBGEO", "Ville"])
def test_names_under_usual_headers(granville, header):
    assert accepted(report(granville, [header], ["GRANVILLE"], ["St Lo"], ["Haye-Pesnel (La)"])) == [
        "50218", "50502", "50237",
    ]  # fmt: skip


def test_a_title_above_and_totals_below_are_left_out(granville):
    read = report(
        granville,
        ["Composition de la CPTS", ""], ["Nom", "Code INSEE"],
        ["Granville", "50218"], ["Total", 1], ["Note", ""],
    )  # fmt: skip
    assert accepted(read) == ["50218"]


def test_one_column_without_header(granville):
    assert accepted(report(granville, ["50218"], ["50502"])) == ["50218", "50502"]
    assert accepted(report(granville, ["Granville"], ["Saint-Lô"])) == ["50218", "50502"]
    assert accepted(report(granville, [1, "Granville"], [2, "Saint-Lô"])) == ["50218", "50502"]


def test_codes_in_a_column_of_names_and_names_in_a_column_of_codes(granville):
    assert accepted(report(granville, ["Commune"], ["50218"])) == ["50218"]
    assert accepted(report(granville, ["Code"], ["Granville"])) == ["50218"]


def test_a_lost_leading_zero_is_put_back(granville):
    assert accepted(report(granville, ["Code"], [5156.0])) == ["05156"]


def test_whole_epci_by_siren_or_name(granville):
    read = report(granville, ["EPCI"], [GRANVILLE], ["CC de Villedieu Intercom"], ["CC Nulle"])
    assert (read.epci_codes, read.commune_codes) == ([GRANVILLE, "200043354"], [])
    assert only_refusal(read) == ("Aucun EPCI n’a ce code ou ce nom.", [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Paris 1er", "75101"), ("PARIS 01", "75101"), ("Paris 12ème arrondissement", "75112"),
        ("Lyon 3e arr.", "69383"), ("Marseille 16e Arrondissement", "13216"), ("Paris", "75056"),
    ],
)  # fmt: skip
def test_arrondissements_as_people_write_them(granville, text, code):
    assert accepted(report(granville, ["Commune"], [text])) == [code]


def test_homonyms_are_never_guessed(granville):
    reason, suggestions = only_refusal(report(granville, ["Commune"], ["Saint-Denis"]))
    assert reason == "2 communes portent ce nom."
    assert suggestions == ["93066", "97411"]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Département", "93"), ("Dept", "Seine-Saint-Denis"), ("Code postal", "93200"), ("CP", 93210.0),
        ("EPCI", "200054781"), ("Intercommunalité", "Métropole du Grand Paris"),
    ],
)  # fmt: skip
def test_other_columns_tell_homonyms_apart(granville, header, value):
    assert accepted(report(granville, ["Commune", header], ["Saint-Denis", value])) == ["93066"]


def test_a_name_that_the_other_columns_deny_is_refused(granville):
    reason, suggestions = only_refusal(report(granville, ["Commune", "Département"], ["Granville", "75"]))
    assert reason == "Aucune commune de ce nom dans ce département, ce code postal ou cet EPCI."
    assert suggestions == ["50218"]


def test_a_code_that_its_name_denies_is_refused(granville):
    reason, suggestions = only_refusal(report(granville, ["Code", "Commune"], ["50502", "Granville"]))
    assert reason == "Le code 50502 est celui de Saint-Lô, la ligne dit «\u00a0Granville\u00a0»."
    assert suggestions == ["50502", "50218"]
    assert accepted(report(granville, ["Code", "Commune"], ["50218", "Granvile sur mer"])) == ["50218"]


def test_unknown_codes_say_what_they_are(granville):
    assert only_refusal(report(granville, ["Code"], ["99999"])) == ("Aucune commune n’a le code 99999.", [])
    reason, suggestions = only_refusal(report(granville, ["Code"], ["50800"]))
    assert reason == "50800 est un code postal, pas un code INSEE."
    assert "50639" in suggestions


def test_former_communes_lead_to_the_one_they_joined(granville):
    reason, suggestions = only_refusal(report(granville, ["Commune"], ["Villedieu-les-Poêles"]))
    assert (reason, suggestions) == (
        "Cette ancienne commune a rejoint Villedieu-les-Poêles-Rouffigny.",
        ["50639"],
    )
    former = Commune.objects.get(code="50639").former_communes.exclude(code="50639").first()
    reason, suggestions = only_refusal(report(granville, ["Code"], [former.code]))
    assert reason == (
        f"{former.name} ({former.code}) n’est plus une commune\u00a0: "
        "elle a rejoint Villedieu-les-Poêles-Rouffigny."
    )
    assert suggestions == ["50639"]


def test_misspelt_names_get_suggestions(granville):
    reason, suggestions = only_refusal(report(granville, ["Commune"], ["Granvile"]))
    assert (reason, suggestions[0]) == ("Aucune commune ne porte ce nom.", "50218")
    assert only_refusal(report(granville, ["Commune"], ["Zzyzx"])) == ("Aucune commune ne porte ce nom.", [])


def test_suggestions_near_the_other_lines_come_first(granville):
    read = report(granville, ["Commune"], ["Saint-Denis"])
    assert only_refusal(read)[1] == ["93066", "97411"]
    read = report(granville, ["Commune"], ["Saint-Denis"], ["97418"])
    assert only_refusal(read)[1] == ["97411", "93066"]


def test_repeated_lines_are_counted_once(granville):
    read = report(granville, ["Commune"], ["Granville"], ["GRANVILLE"], ["Saint-Lô"])
    assert (read.commune_codes, read.repeated, len(read.accepted)) == (["50218", "50502"], 1, 3)


def test_lines_keep_their_number_and_text(granville):
    read = match_lines([Line(4, ("Code", "Commune")), Line(9, (99999, "Granvile"))], granville)
    assert [(line.number, line.text) for line in read.refused] == [(9, "99999 Granvile")]


def test_queries_do_not_grow_with_the_lines(granville, django_assert_max_num_queries):
    codes = list(Commune.objects.filter(kind="commune").values_list("code", flat=True)[:200])
    for rows in (
        [["50218"]],
        [[code] for code in codes],
        [[code] for code in codes] + [["99999"], ["Granvile"]],
    ):
        with django_assert_max_num_queries(9):
            report(granville, ["Code"], *rows)
