"""The text of the statutes: eighteen articles in the model's order, every setting in it, blanks shown."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from core.organisations.models import Cpts
from members.domain.shares import exact_share, of_share_words, share_words, stored_share
from members.domain.statutes_settings import SETTINGS, label_of, origin_of, settings_of, value_words
from members.domain.statutes_text import BLANK, articles_of, missing_from
from members.models import StatutesVersion

SHEET = Cpts(
    name="CPTS d’essai", rna="W501234567", departement_code="50",
    address="1 rue de l’Essai", postal_code="50400", city="Granville",
)  # fmt: skip
COMPLETE = {"purpose": "Coordonner les soins", "ordinary_month": 3}
QUORUMS = {"ordinary_quorum": Decimal("0.25"), "extraordinary_quorum": Decimal("0.5")}
OTHER = {
    "purpose": "Prévenir",
    "seat_transfer_body": "general_assembly",
    "duration_years": 99,
    "has_benefactors": False,
    "has_honorary": False,
    "has_legal_persons": False,
    "admission_conditions": "exercer sur le territoire",
    "admission_body": "bureau",
    "honorary_votes": False,
    "removal_body": "general_assembly",
    "affiliation": "la Fédération d’essai",
    "economic_activities": "des formations",
    "ordinary_month": 4,
    "ordinary_notice_days": 21,
    "ordinary_quorum": Decimal("0.333"),
    "quorum_base": "present",
    "second_convocation_free": False,
    "proxies_per_holder": 0,
    "ordinary_majority": Decimal("0.6"),
    "majority_base": "cast",
    "votes_by_college": True,
    "secret_elections": False,
    "extraordinary_request_share": Decimal("0.25"),
    "extraordinary_notice_days": 30,
    "extraordinary_quorum": Decimal("0.667"),
    "extraordinary_majority": Decimal("0.667"),
    "board_seats": 15,
    "board_term_years": 4,
    "board_terms_limit": 2,
    "board_renewal_fractions": 1,
    "board_meeting_months": 3,
    "board_request_share": Decimal("0.5"),
    "board_notice_days": 10,
    "board_quorum": Decimal("0.5"),
    "board_proxies_per_holder": 2,
    "casting_vote": False,
    "absences_before_resignation": 1,
    "vice_presidents": 2,
    "has_deputies": False,
    "allows_indemnities": True,
    "accepts_gifts": False,
}
"""Another value of each setting than the one of the tests."""


def text_of(sheet=SHEET, colleges=(), **values):
    articles = articles_of(StatutesVersion(**values), sheet, colleges)
    return "\n".join(
        line
        for article in articles
        for each in ((article.heading,), *((part.text, *part.items) for part in article.paragraphs))
        for line in each
    )


def test_the_articles_follow_the_model():
    titles = [article.title for article in articles_of(StatutesVersion(), SHEET, [])]

    assert titles == [
        "Nom", "But", "Siège", "Durée", "Composition", "Admission", "Cotisations", "Fin de l’adhésion",
        "Affiliation", "Ressources", "Assemblée générale ordinaire", "Assemblée générale extraordinaire",
        "Conseil d’administration", "Bureau", "Indemnités", "Règlement intérieur", "Dissolution",
        "Dons et legs",
    ]  # fmt: skip


def test_another_value_of_each_setting_is_listed_here():
    assert OTHER.keys() == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_is_in_the_text(name):
    base = COMPLETE | QUORUMS

    assert text_of(**base | {name: OTHER[name]}) != text_of(**base)


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_has_words(name):
    for version in (StatutesVersion(), StatutesVersion(**OTHER)):
        assert value_words(version, name)
        assert label_of(name)[0].isupper()


@pytest.mark.parametrize("field", ["name", "rna", "address", "city"])
def test_the_sheet_is_in_the_text(field):
    values = {each.attname: getattr(SHEET, each.attname) for each in Cpts._meta.concrete_fields}
    other = Cpts(**values | {field: "Autre"})
    assert text_of(other) != text_of()


def test_what_is_missing_is_shown_and_listed():
    articles = articles_of(StatutesVersion(), Cpts(name="CPTS d’essai"), [])

    assert missing_from(articles) == ["l’objet", "l’adresse du siège", "le mois de l’assemblée ordinaire"]
    assert text_of(Cpts(name="CPTS d’essai")).count(BLANK) == 3
    assert missing_from(articles_of(StatutesVersion(**COMPLETE), SHEET, [])) == []
    assert BLANK not in text_of(**COMPLETE)


def test_colleges_and_their_seats_are_named():
    colleges = [SimpleNamespace(name="Libéraux", seats=8), SimpleNamespace(name="Usagers", seats=None)]
    text = text_of(colleges=colleges)

    assert "se répartissent en 2\u00a0collèges" in text
    assert "Libéraux\u00a0: 8\u00a0sièges" in text
    assert "Usagers\u00a0:" not in text


def test_an_association_of_alsace_follows_its_own_law():
    assert "code civil local" in text_of(Cpts(name="CPTS d’essai", departement_code="68"))
    assert "1er juillet 1901" in text_of()


def test_several_purposes_make_a_list():
    text = text_of(purpose="- Coordonner\n\n• Prévenir")
    assert "les buts suivants\u00a0:\nCoordonner\nPrévenir" in text


@pytest.mark.parametrize(
    ("majority", "words"),
    [
        ("0.5", "demande plus de la moitié des voix"),
        ("0.667", "demande les deux tiers au moins des voix"),
        ("0.6", "demande 60\u00a0% au moins des voix"),
        ("1", "demande l’unanimité des voix"),
    ],
)
def test_majorities_read_as_people_say_them(majority, words):
    assert words in text_of(ordinary_majority=Decimal(majority))


@pytest.mark.parametrize(
    ("times", "years", "words"),
    [
        (1, 3, "renouvelé en entier à la fin de chaque mandat"),
        (2, 2, "renouvelé par moitié, tous les ans"),
        (3, 6, "renouvelé par tiers, tous les 2\u00a0ans"),
        (8, 8, "renouvelé en 8 fois, tous les ans"),
    ],
)
def test_renewals_read_as_people_say_them(times, years, words):
    assert words in text_of(board_renewal_fractions=times, board_term_years=years)


def test_who_chose_is_told():
    version = StatutesVersion(board_seats=9, ordinary_month=3)
    origins = {name: origin_of(version, name).value for name in SETTINGS}

    assert [name for name, origin in origins.items() if origin == "chosen"] == [
        "ordinary_month",
        "board_seats",
    ]
    assert [name for name, origin in origins.items() if origin == "missing"] == ["purpose"]
    assert origins["board_term_years"] == "ours"
    assert origins["ordinary_notice_days"] == "model"
    assert settings_of(version, ["purpose"])[0].kind == "warning"


@pytest.mark.parametrize(
    ("share", "stored"),
    [((2, 3), "0.667"), ((1, 3), "0.333"), ((1, 6), "0.167"), ((1, 4), "0.25"), ((3, 5), "0.6")],
)
def test_a_share_is_counted_exactly(share, stored):
    exact = Fraction(*share)
    assert stored_share(exact) == Decimal(stored)
    assert exact_share(Decimal(stored)) == exact
    assert exact_share(Decimal(stored)) * 30 <= Fraction(30) * exact


def test_a_share_is_read_as_people_say_it():
    assert (share_words(Decimal("0.333")), of_share_words(Decimal("0.333"))) == ("le tiers", "du tiers")
    assert (share_words(Decimal("0.55")), of_share_words(Decimal("0.55"))) == ("55\u00a0%", "de 55\u00a0%")
    assert share_words(Decimal("0.167")) == "1/6"
