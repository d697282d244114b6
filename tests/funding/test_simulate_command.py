"""The interface other people script: JSON in, JSON out, one clear line when the input is bad."""

import gzip
import json
import subprocess
import sys
import time
from decimal import Decimal
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.territories.domain.geographic_code import load_geographic_code
from funding.domain.simulation import SimulationError, parse_simulation, run_simulation
from funding.management.commands.simulate import LARGEST_INPUT_IN_BYTES

CONTRACT: dict[str, Any] = {
    "signed_on": "2023-03-15",
    "size": 2,
    "missions": {"acces_soins": "2023-09-15"},
}


def contract(**changes: Any) -> dict[str, Any]:
    """A valid contract with keys replaced; a key set to `...` is left out."""
    return {key: value for key, value in (CONTRACT | changes).items() if value is not ...}


def errors_of(**changes: Any) -> dict[str, str]:
    """The sentences that refuse such a contract, with ordinary spaces."""
    with pytest.raises(SimulationError) as refused:
        run_simulation(parse_simulation(contract(**changes)))
    return {field: sentence.replace("\u00a0", " ") for field, sentence in refused.value.errors.items()}


# --- The command --------------------------------------------------------------------------------------------


class Outcome:
    """What one run of the command gave."""

    def __init__(self, code: int, stdout: str, stderr: str) -> None:
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@pytest.fixture
def simulate(tmp_path: Path):
    """Run the command on a JSON value, or on bytes as they are."""

    def run(payload: object) -> Outcome:
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        path = tmp_path / "contrat.json"
        path.write_bytes(content)
        return run_file(str(path))

    return run


def run_file(path: str) -> Outcome:
    stdout, stderr, code = StringIO(), StringIO(), 0
    try:
        call_command("simulate", path, stdout=stdout, stderr=stderr)
    except SystemExit as stop:
        code = int(str(stop.code))
    return Outcome(code, stdout.getvalue(), stderr.getvalue())


def assert_refused(outcome: Outcome, sentence: str) -> None:
    assert outcome.code == 2
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    assert sentence in outcome.stderr.replace("\u00a0", " ")


def test_a_contract_gives_its_schedule(simulate):
    outcome = simulate(contract())
    assert outcome.code == 0
    assert outcome.stderr == ""
    assert list(outcome.json) == [
        "size",
        "population",
        "baremes",
        "contract_years",
        "instalments",
        "total",
        "by_date",
        "by_calendar_year",
    ]
    assert (outcome.json["size"], outcome.json["population"]) == (2, None)
    assert outcome.json["baremes"] == dict.fromkeys("12345", "avenant-2")
    assert outcome.json["contract_years"][0] == {
        "number": 1,
        "starts_on": "2023-03-15",
        "next_anniversary": "2024-03-15",
        "days": 366,
        "bareme": "avenant-2",
    }


def test_a_line_says_everything(simulate):
    line = simulate(contract()).json["instalments"][1]
    explanation = line.pop("explanation")
    assert line == {
        "due_on": "2023-09-15",
        "payable_by": "2023-11-15",
        "contract_year": 1,
        "mission": "acces_soins",
        "share": "fixed",
        "kind": "advance",
        "amount": "26106.56",
    }
    assert explanation.startswith("Accès aux soins, volet fixe, taille 2, année 1")


def test_french_is_written_as_it_is(simulate):
    assert "Accès aux soins" in simulate(contract()).stdout


def test_a_list_gives_the_results_in_order_with_errors_in_their_place(simulate):
    outcome = simulate([contract(), contract(size=9), 3, contract(size=1), []])
    assert outcome.code == 0
    assert [result.get("size") for result in outcome.json] == [2, None, None, 1, None]
    assert outcome.json[1]["error"].startswith("size\u00a0: La taille 9 n’existe pas")
    assert (
        outcome.json[2]
        == outcome.json[4]
        == {"error": "contrat\u00a0: Un contrat est décrit par un objet JSON."}
    )
    assert simulate([]).json == []


def test_a_repeated_key_or_a_number_that_is_none_spoils_its_own_contract_only(simulate):
    missions = b'{"parcours": "2023-03-15", "parcours": "2024-03-15"}'
    twice = b'{"signed_on": "2023-03-15", "size": 1, "missions": %s}' % missions
    nan = b'{"signed_on": "2023-03-15", "size": 1, "missions": {}, "default_attainment": NaN}'
    outcome = simulate(b"[%s, %s, %s]" % (twice, json.dumps(contract()).encode(), nan))
    assert outcome.json[0]["error"] == "parcours\u00a0: Cette clé est donnée deux fois."
    assert outcome.json[1]["total"]
    assert "default_attainment" in outcome.json[2]["error"]


def test_a_repeated_key_among_a_hundred_thousand_is_found_at_once(simulate):
    keys = ", ".join(f'"k{number}": 1' for number in range(100_000))
    started = time.perf_counter()
    assert_refused(simulate(f'{{{keys}, "k99999": 1}}'.encode()), "k99999 : Cette clé est donnée deux fois.")
    assert time.perf_counter() - started < 5


def test_a_file_of_nonsense_is_told_briefly(simulate):
    outcome = simulate(contract(missions={f"m{number}": "2023-09-15" for number in range(1_500)}))
    assert_refused(outcome, "missions.m19 : ")
    assert "missions.m20" not in outcome.stderr
    assert outcome.stderr.replace("\u00a0", " ").endswith("Autres refus : 1\u202f480.\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "pas du JSON valide (ligne 1, colonne 1)"),
        (b"{\n'size': 1}", "pas du JSON valide (ligne 2, colonne 1)"),
        ('{"size": "é"}'.encode("latin-1"), "pas du texte en UTF-8"),
        (b"[" * 100_000, "trop de niveaux"),
        (b'{"size": ' + b"9" * 5_000 + b"}", "nombre démesuré"),
        (b'{"size": 1e99999999999999999999}', "nombre démesuré"),
        (b" " * (LARGEST_INPUT_IN_BYTES + 1), "dépasse 5 Mio"),
        (b"null", "contrat : Un contrat est décrit par un objet JSON."),
        (b'"2023-03-15"', "contrat : Un contrat est décrit par un objet JSON."),
        (b'{"size": 1, "size": 2}', "size : Cette clé est donnée deux fois."),
        (
            b'{"signed_on": "2023-03-15", "missions": {}, "size": Infinity}',
            "size : Un nombre entier est attendu",
        ),
        (b'{"signed_on": ' + b"[" * 900 + b"]" * 900 + b"}", "signed_on : Une date au format AAAA-MM-JJ"),
        (b"{}", "signed_on : Ce champ est obligatoire. missions : Ce champ est obligatoire. size : Indiquez"),
    ],
)
def test_bad_input_gives_one_line_and_nothing_else(simulate, content, sentence):
    assert_refused(simulate(content), sentence)


def test_a_byte_order_mark_is_no_obstacle(simulate):
    assert simulate(b"\xef\xbb\xbf" + json.dumps(contract()).encode()).code == 0


def test_a_missing_file_or_a_directory_is_named(tmp_path: Path):
    assert_refused(run_file(str(tmp_path / "x.json")), "x.json » n’existe pas.")
    assert_refused(run_file("/"), "Le fichier « / » ne peut pas être lu.")


def test_a_dash_reads_the_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(json.dumps(contract()).encode())))
    assert run_file("-").json["size"] == 2


@pytest.mark.process
def test_a_real_process_speaks_utf8_and_touches_no_database(root: Path, tmp_path: Path):
    def run(payload: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "manage.py", "simulate", "-"],
            input=json.dumps(payload).encode(),
            capture_output=True,
            check=False,
            cwd=root,
            env={
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/db.sqlite3",
                "PYTHONIOENCODING": "latin-1",
            },
        )

    good, bad = run(contract()), run(contract(size=0))
    assert (good.returncode, good.stderr) == (0, b"")
    assert "Accès aux soins" in good.stdout.decode()
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert bad.stderr.count(b"\n") == 1


# --- What goes in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"signed_on": ...}, "signed_on", "Ce champ est obligatoire."),
        ({"signed_on": None}, "signed_on", "Ce champ est obligatoire."),
        ({"signed_on": "2023-02-30"}, "signed_on", "La date « 2023-02-30 » n’existe pas."),
        ({"signed_on": "15/03/2023"}, "signed_on", "AAAA-MM-JJ est attendue, pas « 15/03/2023 »."),
        ({"signed_on": "20230315"}, "signed_on", "AAAA-MM-JJ"),
        ({"signed_on": "2023-W11-3"}, "signed_on", "AAAA-MM-JJ"),
        ({"signed_on": "2023-03-15T00:00"}, "signed_on", "AAAA-MM-JJ"),
        ({"signed_on": "٢٠٢٣-٠٣-١٥"}, "signed_on", "AAAA-MM-JJ"),
        ({"signed_on": 20230315}, "signed_on", "pas « 20230315 »."),
        ({"signed_on": ["2023-03-15"]}, "signed_on", "pas une liste."),
        ({"signed_on": {}}, "signed_on", "pas un objet."),
        (
            {"signed_on": "2019-08-24"},
            "signed_on",
            "Aucun texte conventionnel n’est en vigueur le 24 août 2019.",
        ),
        ({"signed_on": "9999-01-01"}, "signed_on", "trop lointaine"),
        (
            {"size": ...},
            "size",
            "Indiquez un seul de ces trois champs : size, population, territory (donné : aucun).",
        ),
        ({"population": 5}, "size", "(donné : size, population)."),
        (
            {"territory": {"epci": []}, "size": ..., "population": 1},
            "size",
            "(donné : population, territory).",
        ),
        ({"size": 0}, "size", "La taille 0 n’existe pas"),
        ({"size": 5}, "size", "tailles possibles : 1, 2, 3, 4."),
        ({"size": True}, "size", "pas un booléen."),
        ({"size": "2"}, "size", "Un nombre entier est attendu, pas « 2 »."),
        ({"size": Decimal("2.0")}, "size", "Un nombre entier est attendu, pas « 2.0 »."),
        ({"size": 10**12}, "size", "Un nombre entier est attendu"),
        ({"size": ..., "population": 0}, "population", "entre 1 et 100 000 000 habitants."),
        ({"size": ..., "population": -5}, "population", "entre 1 et 100 000 000 habitants."),
        ({"size": ..., "population": 100_000_001}, "population", "entre 1 et 100 000 000 habitants."),
        ({"size": ..., "population": Decimal("60200.5")}, "population", "Un nombre entier est attendu"),
        ({"size": ..., "population": 9, "signed_on": "2019-01-01"}, "signed_on", "Aucun texte conventionnel"),
        ({"size": ..., "population": 9, "bareme": "aci-2024"}, "bareme", "« aci-2024 » est inconnu"),
        ({"size": ..., "territory": "50129"}, "territory", "Un objet est attendu"),
        (
            {"size": ..., "territory": {"epic": []}},
            "territory.epic",
            "inconnue ; clés permises : epci, communes.",
        ),
        ({"size": ..., "territory": {"communes": "50129"}}, "territory.communes", "Une liste est attendue."),
        ({"size": ..., "territory": {"communes": [50129]}}, "territory.communes", "Un texte est attendu"),
        ({"size": ..., "territory": {"communes": ["5\x00"]}}, "territory.communes", "pas « 5? »."),
        ({"missions": ...}, "missions", "Ce champ est obligatoire."),
        ({"missions": ["parcours"]}, "missions", "Un objet est attendu, de la forme {clé: valeur}."),
        ({"missions": {"parcours": None}}, "missions.parcours", "pas null."),
        ({"missions": {"sport": "2023-03-15"}}, "missions.sport", "La mission « sport » est inconnue"),
        ({"missions": {"parcours": "2023-03-14"}}, "missions.parcours", "avant la signature"),
        ({"missions": {"parcours": "2028-03-15"}}, "missions.parcours", "se termine le 15 mars 2028."),
        (
            {"missions": {"crise_sanitaire": "2023-03-15"}, "bareme": "aci-2019"},
            "missions.crise_sanitaire",
            "Le texte « ACI des CPTS de 2019 », qui régit l’année 1, ne connaît pas",
        ),
        (
            {"bareme": "aci-2024"},
            "bareme",
            "Le texte « aci-2024 » est inconnu ; textes connus : aci-2019, avenant-2.",
        ),
        ({"bareme": 2}, "bareme", "Un texte est attendu, pas « 2 »."),
        ({"proration": "weeks"}, "proration", "Les prorata possibles sont : days, months."),
        ({"proration": 30}, "proration", "Un texte est attendu"),
        ({"prorate_first_variable": 1}, "prorate_first_variable", "true ou false est attendu."),
        ({"prorate_first_variable": "false"}, "prorate_first_variable", "true ou false est attendu."),
        (
            {"default_attainment": "80 %"},
            "default_attainment",
            "Un taux est attendu, comme 0.8, pas « 80 % ».",
        ),
        ({"default_attainment": "0,8"}, "default_attainment", "pas « 0,8 »."),
        ({"default_attainment": "٠.٨"}, "default_attainment", "Un taux est attendu"),
        ({"default_attainment": True}, "default_attainment", "pas un booléen."),
        ({"default_attainment": 0.8}, "default_attainment", "Un taux est attendu"),
        ({"default_attainment": "1.2"}, "default_attainment", "compris entre 0 et 1."),
        ({"default_attainment": -1}, "default_attainment", "compris entre 0 et 1."),
        ({"default_attainment": Decimal("1E-999999999")}, "default_attainment", "au plus 30 décimales."),
        ({"attainment": []}, "attainment", "Un objet est attendu"),
        ({"attainment": {"parcours": "0.8"}}, "attainment.parcours", "Un objet est attendu"),
        (
            {"attainment": {"parcours": {"01": "1"}}},
            "attainment.parcours",
            'comme clé, de "1" à "5", pas « 01 ».',
        ),
        ({"attainment": {"parcours": {"6": "1"}}}, "attainment.parcours.6", "vont de 1 à 5, pas 6."),
        ({"attainment": {"parcours": {"1": "x"}}}, "attainment.parcours.1", "Un taux est attendu"),
        ({"attainment": {"sport": {"1": "1"}}}, "attainment.sport", "La mission « sport » est inconnue"),
        ({"crisis_plan_year": 6}, "crisis_plan_year", "vont de 1 à 5, pas 6."),
        ({"crisis_plan_year": "1"}, "crisis_plan_year", "Un nombre entier est attendu"),
        ({"crisis_years": 1}, "crisis_years", "Une liste est attendue."),
        ({"crisis_years": [True]}, "crisis_years", "Un nombre entier est attendu"),
        ({"crisis_years": [0]}, "crisis_years", "vont de 1 à 5, pas 0."),
        ({"supplements": ["sport"]}, "supplements", "Le supplément « sport » est inconnu"),
        ({"supplements": "snp"}, "supplements", "Une liste est attendue."),
        ({"siez": 2}, "siez", "Cette clé est inconnue ; clés permises : signed_on, size,"),
        ({"siez": None}, "siez", "Cette clé est inconnue"),
    ],
)
def test_each_fault_is_said_beside_its_field(changes, field, sentence):
    errors = errors_of(**changes)
    assert list(errors) == [field]
    assert sentence in errors[field].replace("\u202f", " ")


def test_all_the_faults_of_a_contract_are_said_together():
    errors = errors_of(signed_on="x", size=..., missions={"parcours": "x", "prevention": "y"}, z=1)
    assert list(errors) == ["signed_on", "missions.parcours", "missions.prevention", "z", "size"]


def test_messages_stay_on_one_line_whatever_the_keys():
    errors = errors_of(**{"a\nb" * 50: 1})
    assert all(len(field) < 70 and "\n" not in field for field in errors)


@pytest.mark.parametrize(
    ("population", "size"),
    [(1, 1), (39_999, 1), (40_000, 2), (79_999, 2), (80_000, 3), (175_000, 3), (175_001, 4)],
)
def test_the_size_is_read_from_the_population(simulate, population, size):
    result = simulate(contract(size=..., population=population)).json
    assert (result["size"], result["population"]) == (size, population)


@pytest.mark.parametrize("code", ["aci-2019", "ACI2019", "Aci-2019"])
def test_a_text_is_named_with_or_without_hyphen_and_capitals(simulate, code):
    assert set(simulate(contract(bareme=code)).json["baremes"].values()) == {"aci-2019"}


@pytest.mark.parametrize("rate", ["0.8", "0.80", Decimal("0.8")])
def test_a_rate_is_text_or_a_number(rate):
    assert parse_simulation(contract(default_attainment=rate)).terms.default_attainment == Decimal("0.8")


def test_a_json_number_is_never_a_binary_float(simulate):
    plain = simulate(contract(default_attainment="0.1234567890123456789"))
    number = simulate(
        json.dumps(contract()).encode()[:-1] + b', "default_attainment": 0.1234567890123456789}'
    )
    assert number.json == plain.json


def test_null_is_the_same_as_nothing(simulate):
    optional = dict.fromkeys(
        ["population", "territory", "bareme", "proration", "attainment", "crisis_plan_year", "supplements"]
    )
    assert simulate(contract(**optional)).json == simulate(contract()).json


def test_everything_given_reaches_the_engine():
    terms = parse_simulation(
        contract(
            bareme="avenant-2",
            proration="months",
            prorate_first_variable=False,
            attainment={"parcours": {"1": "0.5", "5": 1}},
            default_attainment="0.9",
            crisis_plan_year=2,
            crisis_years=[3, 3, 4],
            supplements=["snp", "medecin_traitant"],
        )
    ).terms
    assert (terms.bareme, terms.proration, terms.prorate_first_variable) == ("avenant-2", "months", False)
    assert terms.attainment == {"parcours": {1: Decimal("0.5"), 5: Decimal(1)}}
    assert terms.default_attainment == Decimal("0.9")
    assert (terms.crisis_plan_year, terms.crisis_years) == (2, {3, 4})
    assert terms.supplements == {"snp", "medecin_traitant"}


# --- A territory --------------------------------------------------------------------------------------------

GEOGRAPHY = {
    "vintage": 2026,
    "population_label": "INSEE, populations municipales",
    "package": "essai 1",
    "licence": "Licence Ouverte",
    "regions": [["28", "Normandie"]],
    "departements": [["50", "Manche", "28", 2023]],
    "epci": [["200000001", "CC", "CC du Test"]],
    "communes": [
        ["50001", "Ici", 30_000, "50", "200000001", ["50000"]],
        ["50002", "Là", 10_000, "50", "200000001", ["50000"]],
        ["50003", "Ailleurs", 40_000, "50", None, ["50100"]],
        ["50004", "Désert", None, "50", None, ["50100"]],
    ],
    "arrondissements": [],
    "former": [],
}


@pytest.fixture
def geography(db: None, tmp_path: Path) -> None:
    """Four invented communes, two of them in an EPCI."""
    path = tmp_path / "geographic-code.json.gz"
    path.write_bytes(gzip.compress(json.dumps(GEOGRAPHY).encode()))
    load_geographic_code(path)


@pytest.mark.usefixtures("geography")
@pytest.mark.parametrize(
    ("territory", "population", "size"),
    [
        ({"epci": ["200000001"]}, 40_000, 2),
        ({"communes": ["50001"]}, 30_000, 1),
        ({"epci": ["200000001"], "communes": ["50003"]}, 80_000, 3),
        ({"epci": ["200000001"], "communes": None}, 40_000, 2),
    ],
)
def test_a_territory_gives_a_population_and_a_size(simulate, territory, population, size):
    result = simulate(contract(size=..., territory=territory)).json
    assert (result["population"], result["size"]) == (population, size)


@pytest.mark.usefixtures("geography")
@pytest.mark.parametrize(
    ("territory", "sentence"),
    [
        ({"communes": ["99999"]}, "99999"),
        ({"epci": ["999999999"]}, "999999999"),
        ({"communes": ["50004"]}, "n’a pas d’habitant"),
        ({}, "n’a pas d’habitant"),
    ],
)
def test_a_territory_without_known_inhabitants_is_refused(territory, sentence):
    assert sentence in errors_of(size=..., territory=territory)["territory"]
