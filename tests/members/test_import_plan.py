"""What a row of a file of members would do: read, recognised, compared, refused with its reason."""

from datetime import date

import pytest

from core.organisations.models import Cpts
from members.domain.import_columns import mapping_fault, recognised
from members.domain.import_plan import PlannedRow
from members.domain.import_values import MemberResource
from members.enums import MemberCategory, MembershipState, RowChoice, RowVerdict
from members.models import Member, Membership, PracticePlace
from tests.factories.imports import plan_of
from tests.factories.members import (
    MemberFactory,
    MembershipFactory,
    StructureFactory,
    VotingCollegeFactory,
)

pytestmark = pytest.mark.django_db
NAMES = ("Nom", "Prénom")


def only(cpts: Cpts, headers: tuple[str, ...], *row: str, **options: object) -> PlannedRow:
    """Return what a file of one row would do."""
    (planned,) = plan_of(cpts, headers, row, **options).rows
    return planned


def refusal(row: PlannedRow) -> str:
    assert row.verdict == RowVerdict.REFUSED
    return " ".join(row.reasons)


# --- Columns ---------------------------------------------------------------------------------------


def test_usual_headers_are_recognised_whatever_their_case_and_accents() -> None:
    headers = ["NOM DE NAISSANCE", "prenom", "Métier", "Mail", "Portable", "N° RPPS", "CP", "Ville"]

    assert recognised([*headers, "Lieu d'exercice", "Date d'adhésion", "Collège", "Statut", "Pointure"]) == [
        "last_name", "first_name", "profession", "email", "phone", "rpps", "postal_code", "commune_name",
        "structure", "starts_on", "college", "exercise_mode", "",
    ]  # fmt: skip


def test_a_second_column_of_the_same_meaning_is_left_aside() -> None:
    assert recognised(["Nom", "Nom d’exercice"]) == ["last_name", ""]


def test_columns_that_name_nobody_are_refused() -> None:
    assert "Nom ou raison sociale" in mapping_fault(["profession", ""])
    assert "Deux colonnes" in mapping_fault(["last_name", "last_name"])
    assert mapping_fault(["number", "email"]) == ""


# --- Values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code", "doctor_kind", "speciality", "mode"),
    [
        ("infirmière", "60", "", "", ""),
        ("IDE", "60", "", "", ""),
        ("IDEL", "60", "", "", "liberal"),
        ("IPA", "60", "", "Infirmier en pratique avancée", ""),
        ("kiné", "70", "", "", ""),
        ("Masseur-Kinésithérapeute", "70", "", "", ""),
        ("MÉDECIN GÉNÉRALISTE", "10", "general", "", ""),
        ("cardiologue", "10", "specialist", "Cardiologue", ""),
        ("60 - Infirmier", "60", "", "", ""),
    ],
)
def test_professions_are_read_as_people_write_them(
    typed: str, code: str, doctor_kind: str, speciality: str, mode: str
) -> None:
    values, errors = MemberResource().values_of({"profession": typed})

    parsed = values["profession"]
    assert errors == {}
    assert (parsed.code, parsed.doctor_kind, parsed.speciality, parsed.exercise_mode) == (
        code,
        doctor_kind,
        speciality,
        mode,
    )


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("starts_on", "15/01/2024", date(2024, 1, 15)),
        ("starts_on", "2024-01-15", date(2024, 1, 15)),
        ("starts_on", "15 janvier 2024", date(2024, 1, 15)),
        ("starts_on", "45306", date(2024, 1, 15)),
        ("phone", "612345678", "+33612345678"),
        ("postal_code", "1000", "01000"),
        ("commune_code", "1001", "01001"),
        ("rpps", "810003456780", "10003456780"),
        ("rpps", "10 003 456 780", "10003456780"),
        ("finess", "10012345", "010012345"),
        ("participation", "orange", "to_confirm"),
        ("participation", "Certain", "certain"),
        ("in_governance", "X", True),
        ("in_governance", "non", False),
        ("kind", "personne morale", "legal"),
        ("structure_kind", "Officine", "pharmacy"),
        ("exercise_mode", "Remplaçante", "substitute"),
        ("category", "bienfaiteur", "benefactor"),
        ("number", "n° 12", 12),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, typed: str, value: object) -> None:
    values, errors = MemberResource().values_of({name: typed})

    assert errors == {}
    assert values == {name: value}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("profession", "kinésy", "Vouliez-vous dire Masseur-kinésithérapeute"),
        ("profession", "plombier", "n’est pas une profession connue"),
        ("starts_on", "31/02/2024", "n’est pas une date"),
        ("starts_on", "2024", "n’est pas une date"),
        ("phone", "0612", "ne peut pas être composé"),
        ("rpps", "123", "onze chiffres"),
        ("adeli", "12", "neuf caractères"),
        ("email", "camille à example.org", "n’est pas une adresse électronique"),
        ("email", "a@example.org; b@example.org", "une seule"),
        ("siret", "7,32E+13", "quatorze chiffres"),
        ("commune_code", "Granville", "n’est pas un code INSEE"),
        ("number", "-3", "n’est pas un numéro du registre"),
        ("in_governance", "peut-être", "écrivez oui ou non"),
        ("category", "roi", "Valeurs possibles"),
    ],
)
def test_what_a_cell_cannot_be_is_said_in_french(name: str, typed: str, said: str) -> None:
    values, errors = MemberResource().values_of({name: typed})

    assert values == {}
    assert said in errors[name][0]


# --- Verdicts --------------------------------------------------------------------------------------


def test_somebody_unknown_is_new_with_what_would_be_written(cpts: Cpts) -> None:
    row = only(cpts, (*NAMES, "Profession"), "Essai", "Camille", "IDE")

    assert row.verdict == RowVerdict.NEW
    assert row.differences == (
        ("Personne", "", "Personne physique"),
        ("Nom ou raison sociale", "", "Essai"),
        ("Prénom", "", "Camille"),
        ("Profession", "", "Infirmier"),
        ("Participation", "", "Certaine"),
    )


def test_the_number_of_the_registry_decides_first(cpts: Cpts) -> None:
    entry = MemberFactory(cpts=cpts, number=7, last_name="Essai", first_name="Camille")

    row = only(cpts, ("Numéro au registre", *NAMES), "7", "Épreuve", "Camille")

    assert (row.verdict, row.member) == (RowVerdict.CHANGED, entry)
    assert row.differences == (("Nom ou raison sociale", "Essai", "Épreuve"),)


def test_a_number_of_nobody_is_refused(cpts: Cpts, other_cpts: Cpts) -> None:
    MemberFactory(cpts=other_cpts, number=7)

    row = only(cpts, ("Numéro", *NAMES), "7", "Essai", "Camille")

    assert "Aucune inscription du registre n’a le numéro 7" in refusal(row)


def test_a_number_merged_away_names_the_one_kept(cpts: Cpts) -> None:
    kept = MemberFactory(cpts=cpts, number=3)
    MemberFactory(cpts=cpts, number=7, merged_into=kept)

    assert "fusionné avec le numéro 3" in refusal(only(cpts, ("Numéro", *NAMES), "7", "Essai", "Camille"))


def test_the_rpps_number_recognises_somebody_whatever_their_name(cpts: Cpts) -> None:
    entry = MemberFactory(cpts=cpts, last_name="Essai", first_name="Camille", rpps="10003456780")

    row = only(cpts, (*NAMES, "RPPS"), "Essai-Mariage", "Camille", "10003456780")

    assert (row.verdict, row.member) == (RowVerdict.CHANGED, entry)


def test_the_same_name_and_address_is_the_same_person(cpts: Cpts) -> None:
    entry = MemberFactory(cpts=cpts, last_name="Essai", first_name="Zoé", email="zoe@example.org")

    row = only(cpts, (*NAMES, "Mail"), "ESSAI", "ZOE", "Zoe@example.org")

    # Capitals and missing accents change nothing of what the registry writes better.
    assert (row.verdict, row.member) == (RowVerdict.UNCHANGED, entry)


def test_the_same_name_in_the_same_commune_is_the_same_person(cpts: Cpts, granville: object) -> None:
    entry = MemberFactory(
        cpts=cpts, last_name="Essai", first_name="Zoé", commune_code="50218", commune_name="Granville"
    )
    row = only(cpts, (*NAMES, "Ville"), "Essai", "Zoé", "GRANVILLE")

    assert (row.verdict, row.member) == (RowVerdict.UNCHANGED, entry)


def test_a_namesake_elsewhere_is_to_be_decided(cpts: Cpts) -> None:
    entry = MemberFactory(cpts=cpts, last_name="Essai", first_name="Zoé", commune_code="50218")

    row = only(cpts, (*NAMES, "Profession"), "Essai", "Zoé", "kiné")

    assert row.verdict == RowVerdict.DUPLICATE
    ((candidate, reasons, differences),) = row.candidates
    assert (candidate, reasons) == (entry, ("même nom",))
    assert differences == (("Profession", "Infirmier", "Masseur-kinésithérapeute"),)


def test_an_address_shared_by_a_whole_practice_is_to_be_decided(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, last_name="Essai", first_name="Zoé", email="accueil@example.org")

    row = only(cpts, (*NAMES, "Mail"), "Épreuve", "Alex", "accueil@example.org")

    assert row.verdict == RowVerdict.DUPLICATE
    assert row.candidates[0][1] == ("même adresse électronique",)


@pytest.mark.parametrize(
    ("choice", "verdict"),
    [
        (RowChoice.SAME, RowVerdict.CHANGED),
        (RowChoice.NEW, RowVerdict.NEW),
        (RowChoice.SKIP, RowVerdict.SKIPPED),
    ],
)
def test_what_was_decided_of_a_duplicate_is_followed(
    cpts: Cpts, choice: RowChoice, verdict: RowVerdict
) -> None:
    entry = MemberFactory(cpts=cpts, last_name="Essai", first_name="Zoé", commune_code="50218")
    chosen = entry.pk if choice == RowChoice.SAME else None

    row = only(cpts, (*NAMES, "Profession"), "Essai", "Zoé", "kiné", choices={2: (choice, chosen)})
    assert row.verdict == verdict


def test_a_choice_of_another_entry_than_those_shown_decides_nothing(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, last_name="Essai", first_name="Zoé", commune_code="50218")
    stranger = MemberFactory(cpts=cpts)

    row = only(cpts, NAMES, "Essai", "Zoé", choices={2: (RowChoice.SAME, stranger.pk)})

    assert row.verdict == RowVerdict.DUPLICATE


def test_structures_are_recognised_by_their_siret_or_finess(cpts: Cpts) -> None:
    by_siret = StructureFactory(cpts=cpts, siret="73282932000074")
    by_finess = StructureFactory(cpts=cpts, finess="500012345")
    plan = plan_of(
        cpts,
        ("Raison sociale", "Nature", "SIRET", "FINESS"),
        ("Centre un", "Centre de santé", "73282932000074", ""),
        ("Centre deux", "Centre de santé", "", "500012345"),
    )
    assert [row.member for row in plan.rows] == [by_siret, by_finess]


def test_the_same_person_twice_in_a_file_is_an_error_of_the_second_row(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, rpps="10003456780")
    plan = plan_of(
        cpts,
        (*NAMES, "RPPS", "Mail"),
        ("Essai", "Camille", "10003456780", ""),
        ("Essai", "Camille", "10003456780", ""),
        ("Neuf", "Alex", "", "alex@example.org"),
        ("Neuf", "Alex", "", "alex@example.org"),
        ("Neuf", "Alex", "", "autre.alex@example.org"),
    )
    assert [row.verdict for row in plan.rows] == ["changed", "refused", "new", "refused", "new"]
    assert "La ligne 2 parle déjà" in refusal(plan.rows[1])
    assert "La ligne 4 parle déjà" in refusal(plan.rows[3])


def test_the_rpps_number_of_another_is_refused(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, number=1, last_name="Tenant", first_name="Alex", rpps="10003456780")
    MemberFactory(cpts=cpts, number=2, last_name="Essai", first_name="Zoé")

    row = only(cpts, ("Numéro", *NAMES, "RPPS"), "2", "Essai", "Zoé", "10003456780")

    assert "déjà celui de Alex Tenant, numéro 1" in refusal(row)


def test_all_that_is_wrong_in_a_row_is_said_at_once(cpts: Cpts) -> None:
    row = only(cpts, (*NAMES, "Profession", "RPPS"), "Essai", "Camille", "plombier", "12")

    assert len(row.reasons) == 2
    assert row.reasons[0].startswith("Profession\u00a0:")


def test_what_the_kind_of_person_must_have_is_asked(cpts: Cpts) -> None:
    assert "Donnez le prénom" in refusal(only(cpts, (*NAMES, "Profession"), "Essai", "", "IDE"))
    row = only(cpts, ("Nom", "Personne"), "Centre", "Personne morale")
    assert "nature de la structure" in refusal(row)


def test_too_long_and_malformed_texts_are_refused(cpts: Cpts) -> None:
    assert refusal(only(cpts, NAMES, "E" * 200, "Camille"))
    assert "au moins une lettre" in refusal(only(cpts, NAMES, "+", "-"))
    assert refusal(only(cpts, (*NAMES, "Mail"), "Essai", "Camille", "camille à example.org"))
    assert refusal(only(cpts, (*NAMES, "Adresse"), "Essai", "Camille", "rue " * 80))


def test_html_and_formulas_are_texts_like_others(cpts: Cpts) -> None:
    row = only(cpts, NAMES, "<script>alert(1)</script>", "=1+1")

    assert row.verdict == RowVerdict.NEW
    assert row.wanted is not None
    assert row.wanted.first_name == "=1+1"


def test_a_wrong_key_of_rpps_warns_and_does_not_refuse(cpts: Cpts) -> None:
    row = only(cpts, (*NAMES, "RPPS"), "Essai", "Camille", "10003456789")

    assert row.verdict == RowVerdict.NEW
    assert "sa clé est fausse" in row.advice[0]


def test_a_number_beside_a_whole_other_name_is_pointed_at(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, number=4, last_name="Essai", first_name="Camille")

    row = only(cpts, ("Numéro", *NAMES), "4", "Autre", "Alex")

    assert "vérifiez que le numéro 4 est le bon" in row.advice[0]


# --- Empty cells -----------------------------------------------------------------------------------


def test_an_empty_cell_or_an_absent_column_leaves_what_is_there(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, number=1, last_name="Essai", first_name="Zoé", email="z@example.org")

    assert only(cpts, ("Numéro", "Mail"), "1", "").verdict == RowVerdict.UNCHANGED


def test_an_empty_cell_erases_when_somebody_asks_for_it(cpts: Cpts) -> None:
    MemberFactory(cpts=cpts, number=1, email="z@example.org", speciality="Asalée")

    row = only(cpts, ("Numéro", "Mail"), "1", "", empties=True)

    assert row.differences == (("Adresse électronique", "z@example.org", ""),)


# --- Communes --------------------------------------------------------------------------------------


def test_a_commune_is_found_by_its_name_or_its_code(cpts: Cpts, granville: object) -> None:
    by_name = only(cpts, (*NAMES, "Commune"), "Essai", "Zoé", "50400 GRANVILLE Cedex")
    by_code = only(cpts, (*NAMES, "Code INSEE"), "Essai", "Zoé", "50218")

    for row in (by_name, by_code):
        assert row.wanted is not None
        assert (row.wanted.commune_code, row.wanted.commune_name) == ("50218", "Granville")
        assert [place.commune_code for place in row.places] == ["50218"]


def test_an_unknown_commune_and_a_code_of_another_are_refused(cpts: Cpts, granville: object) -> None:
    assert "n’est pas le nom d’une commune" in refusal(
        only(cpts, (*NAMES, "Commune"), "Essai", "Zoé", "Grnville")
    )
    row = only(cpts, (*NAMES, "Code INSEE", "Commune"), "Essai", "Zoé", "50218", "Avranches")
    assert "Le code INSEE 50218 est celui de Granville" in refusal(row)


def test_a_commune_gone_from_the_official_code_is_kept(cpts: Cpts, granville: object) -> None:
    MemberFactory(cpts=cpts, number=1, commune_code="50999", commune_name="Ancienneville")

    row = only(cpts, ("Numéro", "Code INSEE", "Commune"), "1", "50999", "Ancienneville")

    assert row.verdict == RowVerdict.UNCHANGED


# --- Structures where people practise --------------------------------------------------------------


def test_a_structure_of_the_registry_or_of_the_file_is_found_by_name(cpts: Cpts) -> None:
    known = StructureFactory(cpts=cpts, last_name="Maison de santé du Port")
    plan = plan_of(
        cpts,
        (*NAMES, "Type de structure", "Structure"),
        ("Essai", "Zoé", "", "MAISON DE SANTÉ DU PORT"),
        ("Essai", "Alex", "", "Pharmacie de l’Écluse"),
        ("Pharmacie de l’Écluse", "", "Pharmacie", ""),
    )
    first, second, new = plan.rows
    assert first.places[0].structure == known
    assert second.places[0].structure is new.wanted
    assert (new.verdict, second.advice) == (RowVerdict.NEW, ())


def test_a_structure_of_nowhere_is_kept_as_a_name_and_told(cpts: Cpts) -> None:
    row = only(cpts, (*NAMES, "Structure"), "Essai", "Zoé", "Cabinet inconnu")

    assert (row.places[0].structure, row.places[0].label) == (None, "Cabinet inconnu")
    assert "seul le nom du lieu est gardé" in row.advice[0]


def test_a_name_of_several_structures_asks_for_the_number(cpts: Cpts) -> None:
    StructureFactory(cpts=cpts, number=3, last_name="Cabinet du Port")
    StructureFactory(cpts=cpts, number=8, last_name="Cabinet du Port")

    assert "n°\u00a03" in refusal(only(cpts, (*NAMES, "Structure"), "Essai", "Zoé", "Cabinet du Port"))


def test_a_number_that_is_not_that_of_the_structure_named_is_refused(cpts: Cpts) -> None:
    StructureFactory(cpts=cpts, number=3, last_name="Cabinet du Port")

    row = only(cpts, (*NAMES, "Structure", "Numéro de la structure"), "Essai", "Zoé", "Autre", "3")

    assert "est celui de Cabinet du Port, pas de Autre" in refusal(row)


def test_other_places_are_kept_when_the_main_one_changes(cpts: Cpts) -> None:
    entry = MemberFactory(cpts=cpts, number=1)
    PracticePlace.objects.create(member=entry, label="Premier", is_main=True)
    PracticePlace.objects.create(member=entry, label="Second")

    row = only(cpts, ("Numéro", "Structure"), "1", "Troisième")

    assert [place.label for place in row.places] == ["Troisième", "Second"]


def test_what_the_registry_does_not_keep_for_a_kind_is_told(cpts: Cpts) -> None:
    row = only(cpts, (*NAMES, "SIRET"), "Essai", "Zoé", "73282932000074")

    assert row.verdict == RowVerdict.NEW
    assert "SIRET\u00a0: laissé de côté" in row.advice[0]


# --- Memberships -----------------------------------------------------------------------------------


def test_a_date_makes_a_member_and_its_absence_a_contact(cpts: Cpts) -> None:
    VotingCollegeFactory(cpts=cpts, name="Libéraux")
    plan = plan_of(
        cpts,
        (*NAMES, "Date d’adhésion", "Catégorie", "Collège"),
        ("Essai", "Zoé", "15/01/2024", "bienfaiteur", "LIBERAUX"),
        ("Essai", "Alex", "", "actif", ""),
    )
    begun = plan.rows[0].period.begun
    assert begun is not None
    assert (begun.starts_on, begun.category, str(begun.college)) == (
        date(2024, 1, 15),
        MemberCategory.BENEFACTOR,
        "Libéraux",
    )
    assert plan.rows[1].period.begun is None
    assert "reste sans adhésion" in plan.rows[1].advice[0]


def test_new_entries_can_all_be_members_since_a_day(cpts: Cpts) -> None:
    row = only(cpts, NAMES, "Essai", "Zoé", members_since=date(2025, 1, 1))

    assert row.period.begun is not None
    assert row.period.begun.starts_on == date(2025, 1, 1)


def test_a_recorded_date_is_never_written_over(cpts: Cpts) -> None:
    MembershipFactory(member__cpts=cpts, member__number=1)

    assert only(cpts, ("Numéro", "Membre depuis"), "1", "15/01/2024").verdict == RowVerdict.UNCHANGED
    assert "Le registre dit 15/01/2024" in refusal(only(cpts, ("Numéro", "Membre depuis"), "1", "16/01/2024"))


def test_a_college_of_nobody_is_refused_with_those_that_are(cpts: Cpts) -> None:
    VotingCollegeFactory(cpts=cpts, name="Libéraux")

    row = only(cpts, (*NAMES, "Membre depuis", "Collège"), "Essai", "Zoé", "15/01/2024", "Salariés")

    assert "Collèges des statuts\u00a0: Libéraux" in refusal(row)


def test_another_college_is_a_change_of_today(cpts: Cpts) -> None:
    college = VotingCollegeFactory(cpts=cpts, name="Libéraux")
    MembershipFactory(member__cpts=cpts, member__number=1)

    row = only(cpts, ("Numéro", "Collège"), "1", "Libéraux")

    assert row.period.changed == (MemberCategory.ACTIVE, college)
    assert row.differences == (("Collège", "", "Libéraux"),)


def test_an_application_waits_for_its_decision(cpts: Cpts) -> None:
    member = MemberFactory(cpts=cpts, number=1)
    period = Membership.objects.create(
        member=member,
        state=MembershipState.APPLIED,
        source="form",
        applied_on=date(2026, 1, 2),
        recorded_at=member.created_at,
    )
    Member.objects.filter(pk=member.pk).update(last_membership=period)

    assert "attend une décision" in refusal(only(cpts, ("Numéro", "Membre depuis"), "1", "15/01/2024"))
