"""Recording and revising a contract."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aci.domain.attainments import record_attainments
from aci.domain.contracts import ContractValues, revise_contract, values_of
from aci.enums import ProrationBasis
from aci.errors import ContractError
from aci.models import Contract, ContractMission
from aci.signals import contract_changed
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from core.organisations.enums import Stage, StageSource
from tests.factories.contracts import EXAMPLE_A, EXAMPLE_B, NOW, coordinator_of, make_territory, recorded

pytestmark = pytest.mark.django_db
REASON = "Avenant du 2 juin 2025"


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """Listen to what this app says to those above it."""
    calls: list[dict[str, Any]] = []

    def listen(**kwargs: Any) -> None:
        calls.append(kwargs)

    contract_changed.connect(listen)
    yield calls
    contract_changed.disconnect(listen)


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__startswith="aci.").order_by("pk"))


def revised(contract: Contract, values: ContractValues, **options: Any) -> Contract:
    given = {"revision": contract.revision, "reason": REASON, "by": coordinator_of(contract.cpts), "now": NOW}
    return revise_contract(contract, values, **(given | options))


def signed(day: date) -> ContractValues:
    """Example B signed on another day, its missions from that day on."""
    return replace(
        EXAMPLE_B, signed_on=day, bareme="avenant-2", missions=dict.fromkeys(EXAMPLE_B.missions, day)
    )


def refusals(call: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
    before = (Contract.objects.count(), ContractMission.objects.count(), AuditEntry.objects.count())
    with pytest.raises(ContractError) as caught:
        call(*args, **kwargs)
    assert (Contract.objects.count(), ContractMission.objects.count(), AuditEntry.objects.count()) == before
    return caught.value.errors


# --- Recording -----------------------------------------------------------------------------------


def test_a_contract_is_stored_as_it_was_signed_for_five_years(cpts):
    contract = recorded(cpts)

    assert values_of(contract) == EXAMPLE_A
    assert (contract.ends_on, contract.revision, contract.recorded_at) == (date(2028, 3, 15), 1, NOW)
    assert contract.cpts == cpts


def test_every_setting_is_stored(cpts):
    territory = make_territory(cpts)
    values = replace(
        EXAMPLE_A,
        reference="2023-50-01",
        msa_party="MSA d’essai",
        territory=territory,
        population=territory.population,
        population_source=territory.population_source,
        size=3,
        size_reason="Taille accordée par la CPAM",
        bareme="avenant-2",
        proration=ProrationBasis.MONTHS,
        prorate_first_variable=False,
        supplements=("medecin_traitant", "snp"),
        crisis_plan_year=2,
        crisis_years=(2, 3),
    )
    contract = recorded(cpts, values)

    assert values_of(contract) == values
    assert values_of(Contract.objects.get()) == values
    assert (contract.supplements, contract.crisis_years) == (["medecin_traitant", "snp"], [2, 3])


def test_a_contract_of_a_29_february_ends_on_a_28(cpts):
    contract = recorded(cpts, signed(date(2024, 2, 29)))
    assert contract.ends_on == date(2029, 2, 28)


def test_recording_writes_one_entry_that_says_all(cpts):
    contract = recorded(cpts)
    entry = entries()[0]

    assert len(entries()) == 1
    assert (entry.action, entry.chain, entry.actor_id) == ("aci.contract_recorded", f"cpts-{cpts.pk}", 1)
    assert (entry.target_id, entry.at) == (str(contract.pk), NOW)
    assert entry.changes["signed_on"] == [None, "2023-03-15"]
    assert entry.changes["ends_on"] == [None, "2028-03-15"]
    assert entry.changes["missions.parcours"] == [None, "2024-03-15"]
    assert entry.changes["size"] == [None, 2]


def test_a_running_contract_proves_the_stage(cpts):
    recorded(cpts)
    cpts.refresh_from_db()

    assert (cpts.stage, cpts.stage_source) == (Stage.UNDER_ACI, StageSource.FACT)
    assert cpts.stage_since == date(2023, 3, 15)


def test_a_contract_that_is_over_proves_nothing_about_today(cpts):
    recorded(cpts, now=NOW.replace(year=2028))
    cpts.refresh_from_db()

    assert cpts.stage == Stage.INTEREST


def test_those_above_are_told_once_with_the_terms(cpts, heard):
    contract = recorded(cpts)

    assert [
        (call["sender"], call["contract"], call["by"], call["now"], call["reason"]) for call in heard
    ] == [(Contract, contract, coordinator_of(cpts), NOW, "")]
    assert len(heard[0]["contract"].missions.all()) == 4


def test_a_listener_that_fails_takes_the_contract_back(cpts, django_db_blocker):
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("no statement")

    contract_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            recorded(cpts)
    finally:
        contract_changed.disconnect(fail)
    cpts.refresh_from_db()
    assert not Contract.objects.exists()
    assert not AuditEntry.objects.exists()
    assert cpts.stage == Stage.INTEREST


def test_the_same_contract_sent_twice_is_recorded_once(cpts, heard):
    first = recorded(cpts)
    second = recorded(cpts, now=NOW + timedelta(seconds=2))

    assert second == first
    assert Contract.objects.count() == 1
    assert (len(entries()), len(heard)) == (1, 1)


@pytest.mark.parametrize(
    ("signed_on", "overlaps"),
    [
        (date(2018, 3, 15), False),
        (date(2018, 3, 16), True),
        (date(2023, 3, 15), True),
        (date(2024, 1, 1), True),
        (date(2028, 3, 14), True),
        (date(2028, 3, 15), False),
    ],
)
def test_two_contracts_of_a_cpts_never_overlap(cpts, signed_on, overlaps):
    recorded(cpts)
    values = signed(signed_on)
    now = NOW.replace(year=2029)
    if overlaps:
        errors = refusals(recorded, cpts, values, now=now)
        assert errors == {
            "signed_on": "La CPTS a déjà un contrat du 15/03/2023 au 15/03/2028\u00a0: "
            "deux contrats ne se chevauchent pas."
        }
    else:
        assert recorded(cpts, values, now=now).signed_on == signed_on


def test_contracts_of_two_cpts_may_have_the_same_dates(cpts, other_cpts):
    assert recorded(cpts).pk != recorded(other_cpts).pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"signed_on": date(2025, 6, 3)}, "signed_on"),
        ({"ars_party": ""}, "ars_party"),
        ({"cpam_party": "x" * 151}, "cpam_party"),
        ({"representative_name": "Dominique\x00"}, "representative_name"),
        ({"reference": "a\nb"}, "reference"),
        ({"msa_party": "\ud800"}, "msa_party"),
        ({"size": 3}, "size_reason"),
        ({"size": 3, "size_reason": "  "}, "size_reason"),
        ({"size": -1, "size_reason": "?"}, "size"),
        ({"population": -5}, "population"),
        ({"population": 2**40}, "population"),
        ({"population": 100_000_001}, "population"),
        ({"population_source": ""}, "population_source"),
        ({"missions": {}}, "missions"),
        ({"proration": "weeks"}, "proration"),
        ({"expected_attainment": Decimal("1.5")}, "expected_attainment"),
        ({"expected_attainment": Decimal("-0.1")}, "expected_attainment"),
        ({"expected_attainment": Decimal("0.12345")}, "expected_attainment"),
        ({"expected_attainment": Decimal("NaN")}, "expected_attainment"),
        ({"population": 0}, "population"),
        ({"size": 0, "computed_size": 0}, "__all__"),
        ({"crisis_plan_year": 6}, "__all__"),
    ],
)
def test_what_no_contract_says_is_refused_beside_its_field(cpts, changes, field):
    errors = refusals(recorded, cpts, replace(EXAMPLE_A, **changes))
    assert list(errors) == [field]
    assert errors[field]


def test_no_break_spaces_are_text(cpts):
    name = "CPAM du «\u00a0Littoral\u00a0» d’essai"
    assert recorded(cpts, replace(EXAMPLE_A, cpam_party=name)).cpam_party == name


def test_every_fault_is_said_at_once(cpts):
    values = replace(EXAMPLE_A, signed_on=date(2030, 1, 1), ars_party="", missions={}, size=4)
    assert set(refusals(recorded, cpts, values)) == {"signed_on", "ars_party", "missions", "size_reason"}


def test_the_territory_of_another_cpts_is_refused(cpts, other_cpts):
    values = replace(EXAMPLE_A, territory=make_territory(other_cpts))
    assert refusals(recorded, cpts, values) == {"territory": "Ce territoire n’est pas celui de la CPTS."}


# --- Revising ------------------------------------------------------------------------------------


def test_a_revision_writes_what_changed_and_why(cpts, heard):
    contract = recorded(cpts)
    values = replace(
        EXAMPLE_A,
        size=3,
        size_reason="Décision de la CPAM",
        missions=EXAMPLE_A.missions | {"parcours": NOW.date()},
    )
    after = revised(contract, values)

    assert values_of(after) == values
    assert after.revision == 2
    entry = entries()[-1]
    assert (len(entries()), entry.action, entry.note) == (2, "aci.contract_revised", REASON)
    assert entry.changes == {
        "size": [2, 3],
        "size_reason": ["", "Décision de la CPAM"],
        "missions.parcours": ["2024-03-15", "2025-06-02"],
    }
    assert (len(heard), heard[-1]["reason"], values_of(heard[-1]["contract"])) == (2, REASON, values)


def test_missions_are_added_moved_withdrawn_and_taken_back(cpts):
    contract = recorded(cpts)
    without = {code: start for code, start in EXAMPLE_A.missions.items() if code != "prevention"}
    second = revised(contract, replace(EXAMPLE_A, missions=without | {"accompagnement_ps": NOW.date()}))

    rows = {row.code: (row.starts_on, row.withdrawn_at) for row in ContractMission.objects.all()}
    assert rows == {
        **{code: (start, None) for code, start in without.items()},
        "accompagnement_ps": (NOW.date(), None),
        "prevention": (date(2024, 3, 15), NOW),
    }
    assert entries()[-1].changes == {
        "missions.prevention": ["2024-03-15", None],
        "missions.accompagnement_ps": [None, "2025-06-02"],
    }

    third = revised(second, EXAMPLE_A, now=NOW + timedelta(days=1))
    assert values_of(third) == EXAMPLE_A
    back = {row.code: row.withdrawn_at for row in ContractMission.objects.all()}
    assert back["prevention"] is None
    assert back["accompagnement_ps"] == NOW + timedelta(days=1)


def test_a_mission_withdrawn_long_ago_keeps_its_day(cpts):
    without = {code: start for code, start in EXAMPLE_A.missions.items() if code != "prevention"}
    second = revised(recorded(cpts), replace(EXAMPLE_A, missions=without))
    revised(second, replace(EXAMPLE_A, missions=without, reference="R1"), now=NOW + timedelta(days=9))

    assert ContractMission.objects.get(code="prevention").withdrawn_at == NOW


def test_moving_the_signature_moves_the_end_and_the_stage(cpts):
    after = revised(recorded(cpts), replace(EXAMPLE_A, signed_on=date(2023, 2, 1)))
    cpts.refresh_from_db()

    assert after.ends_on == date(2028, 2, 1)
    assert cpts.stage_since == date(2023, 2, 1)


def test_a_stale_revision_writes_nothing(cpts, heard):
    contract = recorded(cpts)
    revised(contract, replace(EXAMPLE_A, reference="R1"))
    with pytest.raises(StaleError):
        revised(contract, replace(EXAMPLE_A, reference="R2"), revision=1)

    assert Contract.objects.get().reference == "R1"
    assert (len(entries()), len(heard)) == (2, 2)


def test_the_same_revision_sent_twice_is_written_once(cpts, heard):
    contract = recorded(cpts)
    values = replace(EXAMPLE_A, reference="R1")
    first = revised(contract, values)
    second = revised(contract, values, revision=1)

    assert (first.revision, second.revision) == (2, 2)
    assert (len(entries()), len(heard)) == (2, 2)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "pour\x00"])
def test_a_revision_says_why_in_a_sentence(cpts, reason):
    contract = recorded(cpts)
    errors = refusals(revised, contract, replace(EXAMPLE_A, reference="R1"), reason=reason)
    assert list(errors) == ["reason"]
    assert Contract.objects.get().reference == ""


def test_a_revision_may_not_overlap_another_contract(cpts):
    recorded(cpts)
    later = recorded(cpts, signed(date(2028, 3, 15)), now=NOW.replace(year=2029))
    moved = signed(date(2028, 3, 14))
    assert list(refusals(revised, later, moved, now=NOW.replace(year=2029))) == ["signed_on"]


def test_a_signature_may_not_pass_the_rates_recorded_under_it(cpts):
    contract = recorded(cpts)
    by, rates = coordinator_of(cpts), {"parcours": Decimal("0.5")}
    record_attainments(contract, 3, rates, "Dialogue de gestion", by=by, now=NOW, replacing={})
    errors = refusals(revised, contract, replace(EXAMPLE_A, signed_on=date(2024, 1, 1)))
    assert list(errors) == ["signed_on"]
