"""The directory of contacts: verbs, and the spreadsheets that come in and go out."""

import io
from datetime import UTC, datetime

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import pytest
from django.core.exceptions import ValidationError

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from core.organisations.domain.contact_import import (
    COLUMNS,
    SheetRow,
    import_contacts,
    plan_import,
    read_contacts,
)
from core.organisations.domain.contacts import add_contact, archive_contact, update_contact
from core.organisations.domain.phones import parse_phone
from core.organisations.enums import ContactKind, ImportVerdict
from core.organisations.exports.contacts import contact_list
from core.organisations.models import Contact
from core.spreadsheets.errors import SpreadsheetError
from core.spreadsheets.writing import write_csv, write_xlsx

pytestmark = pytest.mark.usefixtures("granville")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CPAM = {"kind": ContactKind.CPAM, "institution": "CPAM de la Manche", "email": "cpam@example.org"}
ROW = {"kind": "CPAM", "institution": "CPAM de la Manche", "email": "cpam@example.org"}


@pytest.fixture
def by(cpts):
    return Actor(role=Role.COORDINATOR, user_id=7, cpts_id=cpts.pk)


def add(cpts=None, **values):
    return add_contact(cpts, CPAM | values, by=PLATFORM, now=NOW)


def rows():
    return list(Contact.objects.order_by("pk").values())


def plan(cpts, *cells):
    return plan_import(cpts, [SheetRow(number, each) for number, each in enumerate(cells, start=2)])


def verdicts(planned):
    return [row.verdict for row in planned.rows]


def ods(table):
    document = odf.opendocument.OpenDocumentSpreadsheet()
    sheet = odf.table.Table(name="Annuaire")
    for row in table:
        line = odf.table.TableRow()
        for value in row:
            cell = odf.table.TableCell(valuetype="string")
            cell.addElement(odf.text.P(text=value))
            line.addElement(cell)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


class TestVerbs:
    def test_a_contact_is_added_folded_and_told(self, cpts, by):
        values = CPAM | {
            "institution": "  CPAM  de la Manche ",
            "departement_code": "50",
            "territory": "Saint-Lô",
            "person": "Zoé D’Œuvre",
            "function": "Référente",
            "phone": parse_phone("02 33 50 00 00"),
        }
        added = add_contact(cpts, values, by=by, now=NOW)

        added.refresh_from_db()
        assert (added.institution, str(added.phone)) == ("CPAM de la Manche", "+33233500000")
        assert added.search_name == " cpam cpam de la manche zoe d oeuvre referente saint lo"
        (entry,) = AuditEntry.objects.about(added)
        assert (entry.action, entry.chain) == ("organisations.contact_added", f"cpts-{cpts.pk}")
        assert entry.changes["phone"] == [None, "+33233500000"]
        assert "territory" in entry.changes
        assert list(chain_faults()) == []

    def test_a_shared_contact_is_told_in_the_journal_of_the_platform(self):
        assert AuditEntry.objects.about(add()).get().chain == "platform"

    def test_the_same_contact_is_added_once(self, cpts):
        assert [add(cpts), add(cpts), add()][0] == Contact.objects.get(cpts=cpts)
        assert Contact.objects.count() == 2
        assert AuditEntry.objects.filter(action="organisations.contact_added").count() == 2

    def test_a_contact_that_says_otherwise_is_to_be_corrected(self, cpts):
        add(cpts)
        before = rows()
        with pytest.raises(ValidationError, match="déjà dans l’annuaire"):
            add(cpts, institution="cpam de la MANCHE", email="other@example.org")
        assert rows() == before
        assert add(cpts, departement_code="35").pk
        assert add(cpts, person="Camille Exemple").pk

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"kind": "bank"}, "kind"),
            ({"institution": " "}, "institution"),
            ({"institution": "x" * 151}, "institution"),
            ({"email": "nobody"}, "email"),
            ({"email": ""}, "__all__"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, values, field):
        with pytest.raises(ValidationError) as caught:
            add(**values)

        assert field in caught.value.error_dict
        assert (rows(), AuditEntry.objects.count()) == ([], 0)

    def test_only_what_a_contact_says_is_written(self, cpts):
        for name in ("archived_at", "revision", "search_name", "pk"):
            with pytest.raises(ValueError, match="Not fields of a contact"):
                add(cpts, **{name: "x"})

    def test_a_correction_is_told_and_folded_again(self, cpts, by):
        contact = add(cpts)
        updated = update_contact(contact, {"person": "Éloïse"}, revision=1, by=by, now=NOW)

        updated.refresh_from_db()
        assert (updated.person, updated.revision) == ("Éloïse", 2)
        assert updated.search_name.endswith(" eloise")
        entry = AuditEntry.objects.about(contact).first()
        assert (entry.action, entry.changes) == (
            "organisations.contact_updated",
            {"person": ["", "Éloïse"]},
        )

    def test_a_correction_sent_twice_is_written_once(self, cpts, by):
        contact = add(cpts)
        for _ in range(2):
            update_contact(contact, {"person": "Éloïse"}, revision=1, by=by, now=NOW)

        assert AuditEntry.objects.about(contact).count() == 2

    def test_what_was_written_meanwhile_is_not_written_over(self, cpts, by):
        contact = add(cpts)
        update_contact(contact, {"person": "Éloïse"}, revision=1, by=by, now=NOW)
        before = rows()
        with pytest.raises(StaleError):
            update_contact(contact, {"person": "Zoé"}, revision=1, by=by, now=NOW)
        archive_contact(contact, by=by, now=NOW)
        with pytest.raises(StaleError):
            update_contact(contact, {"person": "Zoé"}, revision=2, by=by, now=NOW)

        assert rows()[0] | {"archived_at": None} == before[0]

    def test_a_correction_into_another_contact_is_refused(self, cpts, by):
        add(cpts)
        other = add(cpts, person="Zoé")
        with pytest.raises(ValidationError, match="déjà dans l’annuaire"):
            update_contact(other, {"person": ""}, revision=1, by=by, now=NOW)

    def test_a_contact_is_withdrawn_once_and_may_come_back_as_another(self, cpts, by):
        contact = add(cpts)
        for _ in range(2):
            archive_contact(contact, by=by, now=NOW)

        assert list(Contact.objects.open_to(cpts.pk)) == []
        assert AuditEntry.objects.about(contact).count() == 2
        assert add(cpts).pk != contact.pk


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("manche", 1),
            ("MANCHE cpam", 1),
            ("zoe", 1),
            ("d'oeuvre", 1),
            ("œuvre", 1),
            ("st lo", 1),
            ("saint-lô", 1),
            ("anche", 0),
            ("manche inconnue", 0),
            ("", 1),
            ("%", 1),
            ("_anche", 0),
        ],
    )
    def test_words_are_found_by_their_beginning(self, query, found):
        add(person="Zoé D’Œuvre", territory="Saint-Lô")

        assert Contact.objects.matching(query).count() == found

    def test_contacts_come_by_kind_then_place(self):
        last = add(kind=ContactKind.OTHER, departement_code="14")
        second = add(kind=ContactKind.ARS, departement_code="50")
        first = add(kind=ContactKind.ARS, departement_code="14")

        assert list(Contact.objects.in_order()) == [first, second, last]


class TestReading:
    HEADER = "Nature;Institution;Code département;Téléphone;Adresse électronique"

    def test_columns_are_known_by_their_headers(self):
        content = "TYPE;organisme;Dép.;Mail;Inconnue\ncpam;CPAM;50;a@example.org;x\n".encode()
        (row,) = read_contacts(io.BytesIO(content), filename="a.csv")

        assert row == SheetRow(
            2, {"kind": "cpam", "institution": "CPAM", "departement_code": "50", "email": "a@example.org"}
        )

    def test_a_workbook_is_read_with_its_numbers(self):
        book = openpyxl.Workbook()
        for row in (["Nature", "Institution", "Département", "Téléphone"], ["MSA", "MSA", 1, 233500000]):
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        stream.seek(0)
        planned = plan_import(None, read_contacts(stream, filename="a.xlsx"))

        (row,) = planned.to_write
        assert (row.values["departement_code"], str(row.values["phone"])) == ("01", "+33233500000")

    def test_an_ods_file_is_read(self):
        content = ods([["Nature", "Institution", "Téléphone"], ["MSA", "MSA Côtes", "0233500000"]])
        (row,) = read_contacts(io.BytesIO(content), filename="a.ods")

        assert row.cells == {"kind": "MSA", "institution": "MSA Côtes", "phone": "0233500000"}

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("Nom;Tél\nx;y\n", "«\u00a0Nature\u00a0» et «\u00a0Institution\u00a0»"),
            ("Nature;Tél\nx;y\n", "«\u00a0Institution\u00a0»"),
            ("Nature;Institution\n", "aucune ligne de contact"),
            ("", "aucune ligne"),
            ("%PDF-1.7", "n’est pas un tableau lisible"),
            (HEADER + "\n" + "CPAM;x;;;\n" * 1001, "plus de"),
            ("x" * (2 * 1024 * 1024 + 1), "dépasse 2"),
        ],
        ids=range(7),
    )
    def test_a_file_that_cannot_be_used_is_explained(self, content, sentence):
        with pytest.raises(SpreadsheetError) as caught:
            read_contacts(io.BytesIO(content.encode()), filename="a.csv")

        assert sentence in str(caught.value)


class TestPlanning:
    def test_each_row_has_its_verdict(self, cpts):
        add(cpts)
        add(cpts, institution="CPAM d’Ille-et-Vilaine", departement_code="35")
        planned = plan(
            cpts,
            ROW,
            {**ROW, "institution": "cpam d'ille-et-vilaine", "departement_code": "Ille-et-Vilaine"},
            ROW | {"institution": "CPAM du Calvados", "phone": "02 31 00 00 00"},
            ROW | {"kind": "Zorro"},
        )

        assert verdicts(planned) == list(map(ImportVerdict, ("unchanged", "changed", "new", "refused")))
        assert planned.rows[1].differences == (
            ("Institution", "CPAM d’Ille-et-Vilaine", "cpam d'ille-et-vilaine"),
        )
        assert planned.rows[2].differences == (
            ("Nature", "", "CPAM"),
            ("Institution", "", "CPAM du Calvados"),
            ("Adresse électronique", "", "cpam@example.org"),
            ("Téléphone", "", "02 31 00 00 00"),
        )
        assert planned.rows[3].reasons[0].startswith("Nature\u00a0: «\u00a0Zorro\u00a0» n’est pas une nature")
        assert planned.counts[ImportVerdict.NEW] == 1

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ({"institution": ""}, "Institution\u00a0: "),
            ({"institution": "x" * 151}, "Institution\u00a0: "),
            ({"email": "nobody"}, "Adresse électronique\u00a0: "),
            ({"email": ""}, "Adresse électronique\u00a0: donnez au moins une adresse"),
            ({"phone": "12"}, "Téléphone\u00a0: «\u00a012\u00a0» ne peut pas être composé"),
            ({"departement_code": "99"}, "Code département\u00a0: «\u00a099\u00a0» n’est ni le code"),
            ({"kind": ""}, "Nature\u00a0: il en faut une\u00a0: Délégation"),
        ],
    )
    def test_a_wrong_row_says_why(self, cpts, cells, reason):
        (row,) = plan(cpts, ROW | cells).rows

        assert row.verdict == ImportVerdict.REFUSED
        assert row.reasons[0].startswith(reason)

    def test_all_that_is_wrong_in_a_row_is_said_at_once(self, cpts):
        (row,) = plan(cpts, {"kind": "x", "institution": "", "email": "nobody", "phone": "12"}).rows

        assert len(row.reasons) == 4

    def test_a_contact_given_twice_is_refused(self, cpts):
        planned = plan(cpts, ROW, ROW | {"email": "other@example.org"})

        assert verdicts(planned) == [ImportVerdict.NEW, ImportVerdict.REFUSED]
        assert planned.rows[1].reasons == ("ce contact est déjà à la ligne 2.",)

    def test_a_shared_contact_is_not_the_cpts_s_to_change(self, cpts, other_cpts):
        add()
        add(other_cpts, email="other@example.org")

        assert verdicts(plan(cpts, ROW)) == [ImportVerdict.UNCHANGED]
        (row,) = plan(cpts, ROW | {"email": "new@example.org"}).rows
        assert row.verdict == ImportVerdict.REFUSED
        assert "l’annuaire commun, que tient l’administration" in row.reasons[0]
        assert verdicts(plan(cpts, ROW | {"person": "Camille Exemple"})) == [ImportVerdict.NEW]

    def test_a_withdrawn_contact_is_new_again(self, cpts):
        archive_contact(add(cpts), by=PLATFORM, now=NOW)

        assert verdicts(plan(cpts, ROW)) == [ImportVerdict.NEW]

    def test_a_column_that_is_not_in_the_file_changes_nothing(self, cpts):
        add(cpts, territory="Sud-Manche", address="1 rue d’Essai")

        assert verdicts(plan(cpts, ROW)) == [ImportVerdict.UNCHANGED]

    @pytest.mark.parametrize("count", [1, 300])
    def test_it_costs_the_same_whatever_the_rows(self, cpts, django_assert_num_queries, count):
        cells = [ROW | {"person": f"Personne {number}"} for number in range(count)]
        add(cpts)
        with django_assert_num_queries(3):
            plan(cpts, *cells)


class TestImporting:
    def sheet(self, *cells):
        return [SheetRow(number, each) for number, each in enumerate(cells, start=2)]

    def test_what_was_agreed_to_is_written(self, cpts, by):
        known = add(cpts)
        read = self.sheet(ROW | {"phone": "0233500000"}, ROW | {"institution": "CPAM du Calvados"})
        agreed = plan_import(cpts, read).fingerprint()
        import_contacts(cpts, read, agreed=agreed, by=by, now=NOW)

        known.refresh_from_db()
        assert (str(known.phone), known.revision) == ("+33233500000", 2)
        new = Contact.objects.exclude(pk=known.pk).get()
        assert (new.cpts, new.institution) == (cpts, "CPAM du Calvados")
        notes = AuditEntry.objects.filter(actor_id=7).values_list("action", "note")
        assert set(notes) == {
            ("organisations.contact_updated", "Import d’un tableur."),
            ("organisations.contact_added", "Import d’un tableur."),
        }

    def test_agreeing_twice_writes_once(self, cpts, by):
        read = self.sheet(ROW)
        agreed = plan_import(cpts, read).fingerprint()
        for _ in range(2):
            import_contacts(cpts, read, agreed=agreed, by=by, now=NOW)

        assert Contact.objects.count() == 1
        assert AuditEntry.objects.filter(actor_id=7).count() == 1

    def test_what_changed_since_is_shown_again_and_nothing_is_written(self, cpts, by):
        read = self.sheet(ROW | {"phone": "0233500000"}, ROW | {"institution": "CPAM du Calvados"})
        agreed = plan_import(cpts, read).fingerprint()
        add(cpts)
        before = rows()
        with pytest.raises(StaleError):
            import_contacts(cpts, read, agreed=agreed, by=by, now=NOW)

        assert rows() == before

    def test_a_refused_row_stops_everything(self, cpts, by):
        read = self.sheet(ROW, ROW | {"kind": "Zorro"})
        with pytest.raises(StaleError):
            import_contacts(cpts, read, agreed=plan_import(cpts, read).fingerprint(), by=by, now=NOW)

        assert rows() == []

    def test_a_failure_half_way_writes_nothing(self, cpts, by, monkeypatch):
        read = self.sheet(ROW, ROW | {"institution": "CPAM du Calvados"})
        agreed = plan_import(cpts, read).fingerprint()
        saves = []

        def save(contact, **options):
            saves.append(contact)
            if len(saves) == 2:
                raise RuntimeError("half way")
            return original(contact, **options)

        original = Contact.save
        monkeypatch.setattr(Contact, "save", save)
        with pytest.raises(RuntimeError, match="half way"):
            import_contacts(cpts, read, agreed=agreed, by=by, now=NOW)

        assert (rows(), AuditEntry.objects.count()) == ([], 0)


class TestRoundTrip:
    @pytest.mark.parametrize("write", [lambda sheet: write_xlsx([sheet]), write_csv], ids=["xlsx", "csv"])
    def test_an_export_read_back_changes_nothing(self, cpts, write):
        add(cpts, person="=HYPERLINK(1)", function="-chargé", territory="@Sud", address="+1")
        add(cpts, institution="MSA", kind=ContactKind.MSA, phone=parse_phone("+44 20 7946 0000"))
        add(cpts, institution="Réunion", departement_code="50", phone=parse_phone("0262 90 12 34"))
        town = {"institution": "Mairie d’Essai; «\u00a0centre\u00a0»", "kind": ContactKind.COMMUNE}
        add(**town)
        add(cpts, **town, territory="x")
        contacts = Contact.objects.open_to(cpts.pk).in_order()
        content = write(contact_list(contacts))
        read = read_contacts(io.BytesIO(content), filename="annuaire")

        assert len(read) == 5
        assert verdicts(plan_import(cpts, read)) == [ImportVerdict.UNCHANGED] * 5

    def test_what_a_spreadsheet_would_execute_is_neutralised(self, cpts):
        add(cpts, institution="=1+1")
        content = write_csv(contact_list(Contact.objects.all())).decode("utf-8-sig")

        header, row = content.splitlines()
        assert header.split(";") == list(COLUMNS.values())
        assert row == "CPAM;'=1+1;;;;;cpam@example.org;;"
