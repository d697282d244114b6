"""The published texts: frozen files, and every amount against tables typed here by hand."""

from datetime import date
from pathlib import Path

import pytest

from funding.domain.baremes import published_baremes, published_texts, read_text
from funding.engine import Bareme, BaremeError

# A published file never changes: a correction is a decision, and goes with an entry in docs/adr.
CHECKSUMS = {
    "aci-2019.toml": "1fa9d980ceb3068bd61ab490645204dc8fc0f098bb35b86175f14d79a272e695",
    "avenant-2.toml": "1730ffa95d5846716300a3f8c731dfda5bb27e48e2414b3a778fc3aa7add6f58",
}

# Euros for sizes 1 to 4, by mission, share and condition.
OPERATING = (50_000, 60_000, 75_000, 90_000)
COMMON = {
    ("parcours", "fixed", "every_year"): (25_000, 35_000, 45_000, 50_000),
    ("parcours", "variable", "every_year"): (25_000, 35_000, 45_000, 50_000),
    ("prevention", "fixed", "every_year"): (10_000, 15_000, 17_500, 20_000),
    ("prevention", "variable", "every_year"): (10_000, 15_000, 17_500, 20_000),
    ("qualite_pertinence", "fixed", "every_year"): (7_500, 10_000, 15_000, 20_000),
    ("qualite_pertinence", "variable", "every_year"): (7_500, 10_000, 15_000, 20_000),
    ("accompagnement_ps", "fixed", "every_year"): (5_000, 7_500, 10_000, 15_000),
    ("accompagnement_ps", "variable", "every_year"): (5_000, 7_500, 10_000, 15_000),
}
TABLES = {
    "aci-2019": COMMON
    | {
        ("acces_soins", "fixed", "every_year"): (15_000, 17_500, 25_000, 30_000),
        ("acces_soins", "variable", "every_year"): (15_000, 17_500, 25_000, 30_000),
    },
    "avenant-2": COMMON
    | {
        ("acces_soins", "fixed", "every_year"): (55_000, 70_000, 90_000, 110_000),
        ("acces_soins", "variable", "every_year"): (25_000, 30_000, 35_000, 45_000),
        ("crise_sanitaire", "fixed", "crisis_plan_written"): (25_000, 35_000, 45_000, 50_000),
        ("crise_sanitaire", "fixed", "crisis_plan_updated"): (12_500, 17_500, 22_500, 25_000),
        ("crise_sanitaire", "variable", "crisis_occurred"): (37_500, 52_500, 67_500, 75_000),
    },
}
SUPPLEMENTS = {
    "aci-2019": {
        ("snp", "acces_soins", "fixed"): (35_000, 45_000, 55_000, 70_000),
        ("medecin_traitant", "acces_soins", "variable"): (10_000, 12_000, 15_000, 20_000),
    },
    "avenant-2": {},
}
TOTALS = {
    # The ceiling; then the aggregate published in Manche, which leaves unscheduled care out.
    "aci-2019": [(220_000, 287_000, 370_000, 450_000), (185_000, 242_000, 315_000, 380_000)],
    # The ceiling, plan first written and grave crisis in one year; then a later year without crisis.
    "avenant-2": [(287_500, 382_500, 487_500, 580_000), (237_500, 312_500, 397_500, 480_000)],
}
MISSIONS = {
    "acces_soins": ("core", 6, 18),
    "parcours": ("core", 12, 24),
    "prevention": ("core", 12, 24),
    "crise_sanitaire": ("core", 6, 18),
    "qualite_pertinence": ("optional", None, None),
    "accompagnement_ps": ("optional", None, None),
}

BAREMES = {bareme.code: bareme for bareme in published_baremes()}
each_text = pytest.mark.parametrize("bareme", BAREMES.values(), ids=BAREMES)


def by_size(*amounts: int) -> dict[int, int]:
    return dict(enumerate(amounts, start=1))


def test_published_files_are_frozen():
    assert {text.filename: text.sha256 for text in published_texts()} == CHECKSUMS


def test_texts_come_oldest_first():
    assert [(bareme.code, bareme.effective_from) for bareme in published_baremes()] == [
        ("aci-2019", date(2019, 8, 25)),
        ("avenant-2", date(2022, 4, 1)),
    ]


@each_text
def test_every_amount_of_the_table(bareme: Bareme):
    components = {
        (mission.code, component.share.value, component.condition.value): component.amounts
        for mission in bareme.missions
        for component in mission.components
    }
    assert components == {key: by_size(*amounts) for key, amounts in TABLES[bareme.code].items()}
    assert bareme.operating.amounts == by_size(*OPERATING)


@each_text
def test_every_supplement(bareme: Bareme):
    supplements = {(s.code, s.mission, s.share.value): s.amounts for s in bareme.supplements}
    assert supplements == {key: by_size(*amounts) for key, amounts in SUPPLEMENTS[bareme.code].items()}


@each_text
def test_published_totals_are_the_sums_of_the_table(bareme: Bareme):
    assert [total.amounts for total in bareme.published_totals] == [
        by_size(*amounts) for amounts in TOTALS[bareme.code]
    ]
    for total in bareme.published_totals:
        assert total.amounts == {size: bareme.counted_total(total, size) for size in bareme.sizes}


def test_the_manche_aggregate_is_the_aci_without_unscheduled_care():
    ceiling, aggregate = TOTALS["aci-2019"]
    snp = SUPPLEMENTS["aci-2019"]["snp", "acces_soins", "fixed"]
    assert aggregate == tuple(whole - part for whole, part in zip(ceiling, snp, strict=True))


def test_the_variable_share_a_size_3_community_reports():
    """An independent check of avenant 2: 97 500 € at stake on core missions, 122 500 € with both options."""
    at_stake = {
        mission.code: component.amounts[3]
        for mission in BAREMES["avenant-2"].missions
        for component in mission.components
        if (component.share, component.condition) == ("variable", "every_year")
    }
    assert sum(at_stake.values()) == 122_500
    assert at_stake["acces_soins"] + at_stake["parcours"] + at_stake["prevention"] == 97_500


@each_text
def test_missions_in_order_with_their_deadlines(bareme: Bareme):
    known = [(m.code, (m.kind, m.start_within_months, m.deployed_within_months)) for m in bareme.missions]
    assert known == [(code, rule) for code, rule in MISSIONS.items() if bareme.knows(code)]
    assert bareme.knows("crise_sanitaire") == (bareme.code == "avenant-2")


@each_text
def test_payment_rules(bareme: Bareme):
    assert str(bareme.payment_rules.advance_rate) == "0.75"
    assert bareme.payment_rules.payable_within_months == 2
    assert bareme.payment_rules.first_operating_year_in_full


def test_a_file_that_is_not_toml_is_named(tmp_path: Path):
    broken = tmp_path / "avenant-3.toml"
    broken.write_text("code = ")
    with pytest.raises(BaremeError, match=r"avenant-3.toml, fichier"):
        read_text(broken)


def test_a_file_in_another_encoding_is_named(tmp_path: Path):
    broken = tmp_path / "avenant-3.toml"
    broken.write_bytes("title = 'été'".encode("latin-1"))
    with pytest.raises(BaremeError, match=r"avenant-3.toml, fichier"):
        read_text(broken)


def test_a_faulty_text_is_named(tmp_path: Path):
    broken = tmp_path / "avenant-3.toml"
    broken.write_text("size_bands = []")
    with pytest.raises(BaremeError, match=r"avenant-3.toml, size_bands"):
        read_text(broken)
