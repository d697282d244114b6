"""What the database refuses about a CPTS and about a contact."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.organisations.enums import ContactKind, Stage, StageSource
from core.organisations.models import Contact, Cpts
from tests.factories.people import CptsFactory

pytestmark = pytest.mark.django_db


def contact(**values):
    defaults = {"kind": ContactKind.CPAM, "institution": "CPAM d’essai", "email": "cpam@example.org"}
    return Contact.objects.create(**(defaults | values))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"stage": "elsewhere"}, "stage_known"),
        ({"stage": Stage.UNDER_ACI, "stage_source": StageSource.DECLARED}, "contract_is_a_fact"),
        ({"rna": "W12"}, "rna_format"),
        ({"rna": "502001234"}, "rna_format"),
        ({"siret": "7328293200007"}, "siret_format"),
        ({"siret": "7328293200007X"}, "siret_format"),
        ({"finess": "50001234"}, "finess_format"),
        ({"finess": "5C0012345"}, "finess_format"),
    ],
)
def test_an_impossible_cpts_is_refused(values, name):
    with pytest.raises(IntegrityError, match=f"organisations_cpts_{name}"), transaction.atomic():
        CptsFactory(**values)


@pytest.mark.parametrize(
    ("field", "value"),
    [("rna", "W502001234"), ("siret", "73282932000074"), ("finess", "500012345")],
)
def test_a_number_belongs_to_one_cpts(field, value):
    CptsFactory(**{field: value})
    CptsFactory(**{field: ""})
    CptsFactory(**{field: ""})

    with pytest.raises(IntegrityError), transaction.atomic():
        CptsFactory(**{field: value})
    with pytest.raises(ValidationError, match="déjà celui d’une autre CPTS"):
        Cpts(**{field: value}).validate_constraints()
    assert f"organisations_cpts_{field}_once" in {each.name for each in Cpts._meta.constraints}


@pytest.mark.parametrize("field", ["name", "slug"])
def test_a_name_belongs_to_one_cpts(field):
    taken = getattr(CptsFactory(), field)

    with pytest.raises(IntegrityError), transaction.atomic():
        CptsFactory(**{field: taken})


def test_a_cpts_under_contract_is_one_by_a_fact():
    assert CptsFactory(stage=Stage.UNDER_ACI, stage_source=StageSource.FACT).pk


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "bank"}, "kind_known"),
        ({"institution": ""}, "has_institution"),
        ({"email": ""}, "can_be_reached"),
    ],
)
def test_an_impossible_contact_is_refused(values, name):
    with pytest.raises(IntegrityError, match=f"organisations_contact_{name}"), transaction.atomic():
        contact(**values)


@pytest.mark.parametrize("reached", [{"phone": "+33233500000"}, {"address": "1 rue d’Essai"}])
def test_any_way_to_reach_a_contact_is_enough(reached):
    assert contact(email="", **reached).pk


def test_who_refers_to_a_contact_keeps_it(cpts):
    chosen = contact()
    Cpts.objects.filter(pk=cpts.pk).update(cpam_referent=chosen)

    with pytest.raises(ProtectedError):
        chosen.delete()


def test_a_cpts_sees_the_shared_contacts_and_its_own(cpts, other_cpts):
    shared, own = contact(), contact(cpts=cpts)
    contact(cpts=other_cpts)
    contact(archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    contact(cpts=cpts, archived_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert set(Contact.objects.open_to(cpts.pk)) == {shared, own}
    assert set(Contact.objects.shared()) == {shared}
