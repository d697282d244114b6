"""A text's data file is refused at the first doubt, naming the file and the key."""

import tomllib
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import funding
from funding.engine import BaremeError, parse_bareme

FILE = Path(funding.__file__).parent / "baremes" / "aci-2019.toml"
DATA = tomllib.loads(FILE.read_text())
ABSENT = object()


def altered(path: str, value: object) -> dict[str, Any]:
    """The data of ACI 2019 with one value replaced, or removed when ABSENT."""
    data: dict[str, Any] = deepcopy(DATA)
    *parents, last = [int(key) if key.isdigit() and key != "3" else key for key in path.split("/")]
    target: Any = data
    for key in parents:
        target = target[key]
    if value is ABSENT:
        del target[last]
    else:
        target[last] = value
    return data


def component(**changes: object) -> dict[str, object]:
    return DATA["missions"][0]["components"][0] | changes


def test_the_untouched_data_is_a_text():
    bareme = parse_bareme(DATA, "aci-2019.toml")
    assert (bareme.code, bareme.effective_from) == ("aci-2019", date(2019, 8, 25))
    assert bareme.payment_rules.advance_rate == Decimal("0.75")
    assert bareme.thresholds == (40_000, 80_000, 175_001)


FAULTS = [
    # unknown keys, at every level
    ("titel", "x", "titel : clé inconnue"),
    ("reference/x", 1, "reference.x : clé inconnue"),
    ("size_bands/0/x", 1, "size_bands[0].x : clé inconnue"),
    ("payment_rules/x", 1, "payment_rules.x : clé inconnue"),
    ("operating/x", 1, "operating.x : clé inconnue"),
    ("missions/1/x", 1, "missions[1].x : clé inconnue"),
    ("missions/1/components/0/x", 1, "missions[1].components[0].x : clé inconnue"),
    ("missions/1/components/0/amounts/5", 1, "missions[1].components[0].amounts.5 : clé inconnue"),
    ("supplements/0/x", 1, "supplements[0].x : clé inconnue"),
    ("published_totals/0/x", 1, "published_totals[0].x : clé inconnue"),
    # missing or mistyped values
    ("code", ABSENT, "code : clé manquante"),
    ("code", "  ", "code : texte vide"),
    ("title", 3, "title : il faut un texte ici"),
    ("effective_from", "2019-08-25", "effective_from : il faut une date ici"),
    ("effective_from", datetime(2019, 8, 25), "effective_from : il faut une date ici"),
    ("reference", "JORF", "reference : il faut une table ici"),
    ("missions", {}, "missions : il faut une liste ici"),
    ("missions", [1], "missions : il faut une liste de tables"),
    # size bands
    ("size_bands", [], "size_bands : la première tranche"),
    ("size_bands/0/first_population", 1, "size_bands : la première tranche"),
    ("size_bands/1/first_population", 0, "size_bands : la tranche 2 ne suit pas la tranche 1"),
    ("size_bands/1/size", 3, "size_bands : la tranche 3 ne suit pas la tranche 1"),
    # amounts
    ("operating/amounts/3", ABSENT, "operating.amounts.3 : clé manquante"),
    ("missions/0/components/1/amounts/3", ABSENT, "missions[0].components[1].amounts.3 : clé manquante"),
    ("operating/amounts/3", -1, "operating.amounts.3 : un montant ne peut pas être négatif"),
    ("operating/amounts/3", 75000.0, "operating.amounts.3 : il faut un nombre entier"),
    ("operating/amounts/3", True, "operating.amounts.3 : il faut un nombre entier"),
    # missions and components
    ("missions/1/code", "acces_soins", "missions[1].code : la mission « acces_soins » existe déjà"),
    ("missions/1/code", "fonctionnement", "missions[1].code : la mission « fonctionnement » existe déjà"),
    ("missions/1/kind", "socle", "missions[1].kind : « socle » n’existe pas"),
    ("missions/1/start_within_months", 0, "missions[1].start_within_months : il faut un nombre de mois"),
    (
        "missions/1/deployed_within_months",
        61,
        "missions[1].deployed_within_months : il faut un nombre de mois",
    ),
    ("missions/1/components/0/share", "operating", "missions[1].components[0].share : valeurs permises"),
    ("missions/1/components/0/condition", "x", "missions[1].components[0].condition : « x » n’existe pas"),
    (
        "missions/1/components",
        [component(), component()],
        "missions[1].components[1].condition : ce volet a déjà un montant",
    ),
    # payment rules
    ("payment_rules/advance_rate", 0.75, "payment_rules.advance_rate : il faut un texte ici"),
    ("payment_rules/advance_rate", "1.5", "payment_rules.advance_rate : il faut un taux entre 0 et 1"),
    ("payment_rules/advance_rate", "0", "payment_rules.advance_rate : il faut un taux entre 0 et 1"),
    ("payment_rules/advance_rate", "0.7x", "payment_rules.advance_rate : il faut un taux entre 0 et 1"),
    ("payment_rules/first_operating_year_in_full", 1, "first_operating_year_in_full : il faut true ou false"),
    # supplements
    ("supplements/1/code", "snp", "supplements[1].code : le supplément « snp » existe déjà"),
    ("supplements/0/mission", "crise", "supplements[0].mission : « crise » n’a pas de volet fixed"),
    ("supplements/0/share", "operating", "supplements[0].share : valeurs permises"),
    # published totals
    ("published_totals", [], "published_totals : au moins un total"),
    ("published_totals/0/conditions", ["always"], "published_totals[0].conditions : « always » n’existe pas"),
    ("published_totals/0/conditions", [1], "published_totals[0].conditions : il faut une liste de textes"),
    (
        "published_totals/0/supplements",
        ["snp", "snp"],
        "published_totals[0].supplements : il faut une liste de textes",
    ),
    (
        "published_totals/1/amounts/3",
        315_001,
        "published_totals[1].amounts.3 : le total publié est 315 001, la somme des montants est 315 000",
    ),
    ("missions/1/components/0/amounts/3", 45_001, "published_totals[0].amounts.3 : le total publié"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS, ids=[fault[2][:70] for fault in FAULTS])
def test_a_fault_names_the_file_and_the_key(path, value, message):
    with pytest.raises(BaremeError) as refused:
        parse_bareme(altered(path, value), "essai.toml")
    said = str(refused.value).replace("\u00a0", " ").replace("\u202f", " ")
    assert said.startswith("essai.toml, ")
    assert message in said


def test_a_supplement_needs_a_share_of_its_mission():
    data = altered("missions/0/components", [component()])
    with pytest.raises(BaremeError, match=r"supplements\[1\].mission"):
        parse_bareme(data, "essai.toml")


def test_a_text_may_have_no_supplement():
    data = altered("supplements", ABSENT)
    data["published_totals"] = [
        total | {"supplements": [], "amounts": {"1": 175_000, "2": 230_000, "3": 300_000, "4": 360_000}}
        for total in data["published_totals"]
    ]
    assert parse_bareme(data, "essai.toml").supplements == ()
