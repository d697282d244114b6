"""Registries: people, structures, memberships, each row with only what the test is about."""

from datetime import UTC, date, datetime

import factory

from members.domain.names import fold_names
from members.enums import Body, MemberCategory, MemberKind, MembershipSource, MembershipState, StructureKind
from members.models import Member, Membership, StatutesVersion, VotingCollege
from tests.factories.people import CptsFactory

SINCE_2024 = date(2024, 1, 15)
RECORDED = datetime(2024, 1, 15, 9, tzinfo=UTC)


class MemberFactory(factory.django.DjangoModelFactory[Member]):
    """A nurse known to a CPTS, without any membership."""

    class Meta:
        model = Member

    cpts = factory.SubFactory(CptsFactory)
    number = factory.Sequence(lambda number: number + 1)
    kind = MemberKind.NATURAL
    # No user's name, nor the beginning of another's: pages are asked whether they hold it.
    last_name = factory.Sequence(lambda number: f"Inscrit {number:05}")
    first_name = "Camille"
    profession = "60"
    created_at = RECORDED

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        member = fold_names(model_class(*args, **kwargs))
        member.save(force_insert=True)
        return member


class StructureFactory(MemberFactory):
    """A health centre known to a CPTS."""

    kind = MemberKind.LEGAL
    last_name = factory.Sequence(lambda number: f"Centre de santé d’essai {number:05}")
    first_name = ""
    profession = ""
    structure_kind = StructureKind.HEALTH_CENTRE


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """An active member since 2024, admitted by the board; their row says it is their last period."""

    class Meta:
        model = Membership
        skip_postgeneration_save = True

    member = factory.SubFactory(MemberFactory)
    state = MembershipState.ADMITTED
    category = MemberCategory.ACTIVE
    source = MembershipSource.COORDINATION
    applied_on = SINCE_2024
    decided_on = SINCE_2024
    decided_by = Body.BOARD
    starts_on = SINCE_2024
    recorded_at = RECORDED

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        membership = super()._create(model_class, *args, **kwargs)
        membership.member.last_membership = membership
        membership.member.save(update_fields=["last_membership"])
        return membership


class VotingCollegeFactory(factory.django.DjangoModelFactory[VotingCollege]):
    """The college of professionals."""

    class Meta:
        model = VotingCollege

    cpts = factory.SubFactory(CptsFactory)
    name = factory.Sequence(lambda number: f"Collège {number}")


class StatutesVersionFactory(factory.django.DjangoModelFactory[StatutesVersion]):
    """Statutes with every default, in force since 2023."""

    class Meta:
        model = StatutesVersion

    cpts = factory.SubFactory(CptsFactory)
    starts_on = date(2023, 1, 1)
    recorded_at = RECORDED
