"""Opening a CPTS, and keeping its sheet."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.domain.association import (
    SHEET_FIELDS,
    missing_from_sheet,
    open_cpts,
    update_association,
)
from core.organisations.domain.phones import parse_phone
from core.organisations.enums import ContactKind, Stage, StageSource
from core.organisations.models import Contact, Cpts
from core.territories.models import Departement
from tests.factories.people import CptsFactory

pytestmark = pytest.mark.django_db
# Half past midnight in Paris: the day there is not the day in UTC.
NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.fixture
def manche(granville):
    return Departement.objects.get(vintage=granville, code="50")


@pytest.fixture
def by(cpts):
    return Actor(role=Role.COORDINATOR, user_id=7, cpts_id=cpts.pk)


def rows():
    return list(Cpts.objects.order_by("pk").values())


def contact(**values):
    defaults = {"kind": ContactKind.CPAM, "institution": "CPAM d’essai", "email": "cpam@example.org"}
    return Contact.objects.create(**(defaults | values))


class TestOpening:
    def test_a_cpts_opens_at_its_first_stage_today(self, manche):
        cpts = open_cpts("  CPTS de l’Avranchin   d’Essai ", manche, by=PLATFORM, now=NOW)

        cpts.refresh_from_db()
        assert (cpts.name, cpts.slug) == ("CPTS de l’Avranchin d’Essai", "cpts-de-l-avranchin-d-essai")
        assert (cpts.departement_code, cpts.departement_name, cpts.region_code) == ("50", "Manche", "28")
        assert (cpts.stage, cpts.stage_since) == (Stage.INTEREST, date(2026, 3, 2))
        assert (cpts.stage_source, cpts.created_at) == (StageSource.DECLARED, NOW)

    def test_it_is_told_once_in_its_own_journal(self, manche):
        cpts = open_cpts("CPTS d’Essai", manche, by=PLATFORM, now=NOW)

        (entry,) = AuditEntry.objects.about(cpts)
        assert (entry.action, entry.chain) == ("organisations.cpts_opened", f"cpts-{cpts.pk}")
        assert entry.changes["name"] == [None, "CPTS d’Essai"]
        assert list(chain_faults()) == []

    def test_names_in_addresses_are_never_shared(self, manche):
        slugs = [
            open_cpts(name, manche, by=PLATFORM, now=NOW).slug
            for name in ("CPTS d’Été", "CPTS d'été", "CPTS d été !", "…", "x" * 150)
        ]
        assert slugs == ["cpts-d-ete", "cpts-d-ete-2", "cpts-d-ete-3", "cpts", "x" * 55]

    def test_a_name_that_folds_to_a_longer_one_is_kept_all_the_same(self, manche):
        cpts = open_cpts("St " * 49 + "Lô", manche, by=PLATFORM, now=NOW)

        assert cpts.search_name == (" saint" * 49)[:200]

    @pytest.mark.parametrize("name", ["", "   ", "x" * 151])
    def test_a_name_is_needed_and_fits(self, manche, name):
        with pytest.raises(ValidationError) as caught:
            open_cpts(name, manche, by=PLATFORM, now=NOW)

        assert "name" in caught.value.error_dict
        assert (rows(), AuditEntry.objects.count()) == ([], 0)

    def test_a_taken_name_is_refused(self, cpts, manche):
        with pytest.raises(ValidationError, match="porte déjà ce nom"):
            open_cpts(cpts.name, manche, by=PLATFORM, now=NOW)

        assert AuditEntry.objects.count() == 0


class TestUpdating:
    def test_the_values_are_kept_and_told(self, cpts, by):
        referent = contact(cpts=cpts)
        values = {
            "name": "  CPTS  renommée ",
            "siret": "732 829 320 00074",
            "rna": "w502001234",
            "finess": "50 0012345",
            "contact_phone": parse_phone("02 33 50 00 00"),
            "cpam_referent": referent,
        }
        updated = update_association(cpts, values, revision=1, by=by, now=NOW)

        updated.refresh_from_db()
        assert (updated.name, updated.slug) == ("CPTS renommée", "littoral")
        assert updated.search_name == " cpts renommee"
        assert (updated.siret, updated.rna, updated.finess) == ("73282932000074", "W502001234", "500012345")
        assert (str(updated.contact_phone), updated.cpam_referent) == ("+33233500000", referent)
        assert updated.revision == 2
        (entry,) = AuditEntry.objects.about(cpts)
        assert (entry.action, entry.actor_id) == ("organisations.association_updated", 7)
        assert entry.changes == {
            "name": ["CPTS du Littoral d’essai", "CPTS renommée"],
            "siret": ["", "73282932000074"],
            "rna": ["", "W502001234"],
            "finess": ["", "500012345"],
            "contact_phone": ["", "+33233500000"],
            "cpam_referent": [None, referent.pk],
        }

    def test_the_same_values_again_write_nothing(self, cpts, by):
        values = {"name": "CPTS renommée", "siret": "732 829 320 00074"}
        update_association(cpts, values, revision=1, by=by, now=NOW)
        before = rows()
        update_association(cpts, values, revision=1, by=by, now=NOW)

        assert (rows(), AuditEntry.objects.about(cpts).count()) == (before, 1)

    def test_what_was_written_meanwhile_is_not_written_over(self, cpts, by):
        update_association(cpts, {"city": "Granville"}, revision=1, by=by, now=NOW)
        before = rows()

        with pytest.raises(StaleError):
            update_association(cpts, {"city": "Avranches"}, revision=1, by=by, now=NOW)
        assert (rows(), AuditEntry.objects.about(cpts).count()) == (before, 1)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"siret": "12345678912345"}, "siret"),
            ({"rna": "12"}, "rna"),
            ({"finess": "12"}, "finess"),
            ({"name": ""}, "name"),
            ({"name": "CPTS de la Colline d’essai"}, "name"),
            ({"city": "x" * 101}, "city"),
            ({"contact_email": "nobody"}, "contact_email"),
            ({"contact_phone": "12"}, "contact_phone"),
        ],
    )
    @pytest.mark.usefixtures("other_cpts")
    def test_what_cannot_be_kept_is_refused_by_field(self, cpts, by, values, field):
        before = rows()
        with pytest.raises(ValidationError) as caught:
            update_association(cpts, values, revision=1, by=by, now=NOW)

        assert list(caught.value.error_dict) == [field]
        assert (rows(), AuditEntry.objects.count()) == (before, 0)

    def test_the_number_of_another_cpts_is_refused(self, cpts, by):
        CptsFactory(siret="73282932000074")
        with pytest.raises(ValidationError) as caught:
            update_association(cpts, {"siret": "73282932000074"}, revision=1, by=by, now=NOW)

        assert caught.value.message_dict == {"siret": ["Ce SIRET est déjà celui d’une autre CPTS."]}

    @pytest.mark.parametrize("field", ["ars_referent", "cpam_referent", "msa_referent"])
    def test_a_referent_is_open_to_the_cpts_and_of_the_right_kind(self, cpts, other_cpts, by, field):
        kind = ContactKind(field.partition("_")[0])
        wrong = [
            contact(cpts=other_cpts, kind=kind),
            contact(kind=kind, archived_at=NOW),
            contact(kind=ContactKind.COMMUNE),
        ]
        for chosen in wrong:
            with pytest.raises(ValidationError, match="annuaire de la CPTS"):
                update_association(cpts, {field: chosen}, revision=1, by=by, now=NOW)
        right = contact(kind=kind)
        assert getattr(update_association(cpts, {field: right}, revision=1, by=by, now=NOW), field) == right

    def test_a_referent_withdrawn_since_stays(self, cpts, by):
        chosen = contact(kind=ContactKind.ELSM)
        update_association(cpts, {"cpam_referent": chosen}, revision=1, by=by, now=NOW)
        chosen.archived_at = NOW
        chosen.save()

        kept = update_association(
            cpts, {"cpam_referent": chosen, "city": "Granville"}, revision=2, by=by, now=NOW
        )
        assert kept.cpam_referent == chosen

    def test_only_the_sheet_is_written(self, cpts, by):
        for name in ("slug", "stage", "logo", "revision", "pk"):
            with pytest.raises(ValueError, match="Not fields of the sheet"):
                update_association(cpts, {name: "x"}, revision=1, by=by, now=NOW)
        assert "slug" not in SHEET_FIELDS

    def test_what_documents_need_is_said_to_be_missing(self, cpts):
        assert missing_from_sheet(cpts) == [
            "le numéro RNA",
            "le SIRET",
            "l’adresse du siège",
            "le représentant légal",
            "l’adresse électronique de contact",
        ]
        cpts.rna, cpts.siret, cpts.contact_email = "W502001234", "73282932000074", "x@example.org"
        cpts.address, cpts.postal_code, cpts.city = "1 rue d’Essai", "50400", "Granville"
        cpts.representative_name = "Dominique Exemple"
        assert missing_from_sheet(cpts) == ["le représentant légal"]
