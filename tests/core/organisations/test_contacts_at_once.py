"""Several people at once on the sheet, the logo and the directory: nothing twice, nothing lost."""

from datetime import UTC, datetime

import pytest

from core.access.actors import PLATFORM
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.domain.association import update_association
from core.organisations.domain.contact_import import SheetRow, import_contacts, plan_import
from core.organisations.domain.contacts import add_contact
from core.organisations.domain.logo import replace_logo
from core.organisations.enums import ContactKind
from core.organisations.models import Contact, Cpts
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once, shared_base

__all__ = ["shared_base"]
pytestmark = pytest.mark.usefixtures("shared_base")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CPAM = {"kind": ContactKind.CPAM, "institution": "CPAM d’essai", "email": "cpam@example.org"}
PEOPLE = 4


@pytest.mark.parametrize("is_shared", [False, True])
def test_clicks_at_once_add_one_contact(is_shared):
    cpts = None if is_shared else CptsFactory()
    # The platform's journal exists as soon as anything was done.
    add_contact(None, CPAM | {"institution": "Autre"}, by=PLATFORM, now=NOW)
    added = at_once([lambda: add_contact(cpts, CPAM, by=PLATFORM, now=NOW)] * PEOPLE)

    assert len({contact.pk for contact in added}) == 1
    assert Contact.objects.filter(institution="CPAM d’essai").count() == 1
    assert AuditEntry.objects.about(added[0]).count() == 1
    assert list(chain_faults()) == []


def test_agreements_at_once_import_once():
    cpts = CptsFactory()
    rows = [SheetRow(2, {"kind": "CPAM", "institution": "CPAM d’essai", "phone": "0233500000"})]
    agreed = plan_import(cpts, rows).fingerprint()
    at_once([lambda: import_contacts(cpts, rows, agreed=agreed, by=PLATFORM, now=NOW)] * PEOPLE)

    assert Contact.objects.count() == 1
    assert AuditEntry.objects.filter(action="organisations.contact_added").count() == 1


def test_one_of_several_sheets_is_kept_and_the_others_are_told():
    cpts = CptsFactory()

    def write(city):
        return update_association(cpts, {"city": city}, revision=1, by=PLATFORM, now=NOW)

    results = at_once([lambda city=city: write(city) for city in ("Granville", "Avranches", "Coutances")])

    kept = [result for result in results if isinstance(result, Cpts)]
    assert [type(result) for result in results if not isinstance(result, Cpts)] == [StaleError] * 2
    assert Cpts.objects.get().city == kept[0].city
    assert Cpts.objects.get().revision == 2
    assert AuditEntry.objects.about(cpts).count() == 1


def test_logos_sent_at_once_leave_the_file_of_the_last(media_root):
    cpts = CptsFactory()
    images = [b"one", b"two", b"three", b"three"]
    at_once([lambda image=image: replace_logo(cpts, image, by=PLATFORM, now=NOW) for image in images])

    files = [path for path in media_root.rglob("*") if path.is_file()]
    cpts.refresh_from_db()
    assert files == [media_root / cpts.logo.name]
    assert list(chain_faults()) == []
