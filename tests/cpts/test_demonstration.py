"""The demonstration's story: told once, by the product's verbs, in demonstration mode only."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.test import Client

from core.accounts.models import User
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.enums import Stage
from core.organisations.models import Cpts, TerritoryVersion
from core.territories.domain.geographic_code import load_geographic_code, packaged_file
from cpts.demonstration.story import MAIN, PASSWORD, PEOPLE, STORIES
from cpts.env import Mode
from funding.models import Receipt, Statement
from members.domain.coverage import Figure, coverage_of
from members.domain.identifiers import has_right_rpps_key
from members.enums import NoticeState
from members.models import FeeCall, FeeNotice, FeePayment, Member, StatutesVersion, VotingCollege
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("mode", [Mode.DEVELOPMENT, Mode.PRODUCTION])
def test_nothing_is_told_outside_of_a_demonstration(settings, mode):
    settings.MODE = mode

    with pytest.raises(CommandError, match="CPTS_MODE=demonstration"):
        call_command("seed_demonstration")

    assert not User.objects.exists()
    assert not Cpts.objects.exists()


def test_nothing_is_told_in_a_base_that_has_accounts(settings):
    settings.MODE = Mode.DEMONSTRATION
    UserFactory()

    with pytest.raises(CommandError, match="a déjà des comptes"):
        call_command("seed_demonstration")

    assert User.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_the_story(settings, capsys):
    settings.MODE = Mode.DEMONSTRATION
    load_geographic_code(packaged_file())

    call_command("seed_demonstration")
    told = AuditEntry.objects.count()
    call_command("seed_demonstration")

    assert capsys.readouterr().out.splitlines() == [
        "La démonstration est remplie.",
        "La démonstration est déjà remplie.",
    ]
    assert AuditEntry.objects.count() == told
    assert list(chain_faults()) == []
    _check_associations()
    _check_money()
    _check_people()
    _check_registry()
    _check_coverage()


def _check_associations():
    stages = dict(Cpts.objects.values_list("name", "stage"))
    assert set(stages) == {story.name for story in STORIES}
    assert set(stages.values()) == set(Stage)
    assert all("(fictive)" in name for name in stages)
    main = TerritoryVersion.objects.get(cpts__name=MAIN.name)
    assert (main.population, main.commune_count) == (61_429, 59)


def _check_money():
    statements = Statement.objects.filter(contract__cpts__name=MAIN.name)
    anniversaries = statements.filter(occasion="anniversary").order_by("version")
    assert [row.as_of for row in anniversaries] == [date(2024, 3, 15), date(2025, 3, 15), date(2026, 3, 15)]
    # The worked example A, then 2 250 € less: prevention attained 65 % in year 3 instead of 80 %.
    assert anniversaries[0].total == Decimal("1170147.54")
    assert statements.order_by("version").last().total == Decimal("1167897.54")
    received = Receipt.objects.filter(contract__cpts__name=MAIN.name).order_by("received_on")
    assert [row.amount for row in received] == [
        Decimal("60000.00"),
        Decimal("39159.84"),
        Decimal("173112.70"),
        Decimal("261500.00"),
        Decimal("148125.00"),
    ]


def _check_people():
    assert {user.email for user in User.objects.all()} == {person.email for person in PEOPLE}
    for person in PEOPLE:
        client = Client()
        assert client.login(email=person.email, password=PASSWORD), person.email
        page = client.get("/").content.decode()
        assert f"Bonjour {person.first_name}" in page
        assert str(person.roles[0][0].label) in page


def _check_registry():
    people = Member.objects.filter(cpts__name=MAIN.name).with_status(NOW.date())
    statuses = Counter(people.values_list("status", flat=True))
    assert statuses == {"member": 174, "former": 5, "applicant": 3, "suspended": 1}
    assert all(has_right_rpps_key(number) for number in people.values_list("rpps", flat=True))
    assert not people.exclude(email="").exclude(email__endswith="@demo.test").exists()
    calls = FeeCall.objects.values_list("year").annotate(Sum("amount")).order_by("year")
    assert list(calls) == [(2024, Decimal(2740)), (2025, Decimal(3620)), (2026, Decimal(4940))]
    paid = FeePayment.objects.values_list("call__year").annotate(Sum("amount")).order_by("call__year")
    assert list(paid) == [(2024, Decimal(2740)), (2025, Decimal(3620)), (2026, Decimal("4232.50"))]
    assert not FeeNotice.objects.filter(state=NoticeState.WAITING).exists()
    versions = StatutesVersion.objects.order_by("starts_on").values_list("starts_on", "board_seats")
    assert list(versions) == [(date(2021, 9, 20), 9), (date(2025, 4, 1), 12)]
    colleges = (
        VotingCollege.objects.annotate(Count("memberships"))
        .order_by("position")
        .values_list("name", "memberships__count")
    )
    assert list(colleges) == [
        ("Professionnels libéraux", 156),
        ("Structures", 21),
        ("Usagers et partenaires", 3),
    ]


def _check_coverage():
    coverage = coverage_of(Cpts.objects.get(name=MAIN.name), NOW.date())
    assert coverage is not None
    assert coverage.edition.published_on == date(2026, 11, 19)
    assert coverage.total == Figure(in_practice=444, members=139, absent=12)
    assert len(coverage.epcis) == 2
