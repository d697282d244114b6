"""Reading the open national directory: what is kept, what is refused, and nothing half done."""

import gc
import io
import tracemalloc
import zipfile
from datetime import date
from itertools import chain, repeat

import pytest
from django.core.management import CommandError, call_command

from core.audit.models import AuditEntry
from members.domain import national_directory
from members.domain.directory_lines import DirectoryFileError, DirectoryLines, date_of
from members.domain.national_directory import communes_followed
from members.models import DirectoryEdition, Professional
from tests.factories.directory import COLUMNS, NAME, NOW, PUBLISHED_ON, directory, hold, line, load
from tests.factories.territories import GRANVILLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("granville")]
FIELDS = (
    "identifier",
    "last_name",
    "first_name",
    "profession",
    "is_general_practitioner",
    "exercise_mode",
    "commune_code",
    "structure_name",
)


@pytest.fixture
def littoral(cpts, granville):
    hold(cpts, epci=[GRANVILLE])
    return cpts


def kept():
    return list(
        Professional.objects.order_by("identifier", "profession", "commune_code").values_list(*FIELDS)
    )


def people():
    return list(Professional.objects.order_by("pk").values_list("identifier", flat=True))


@pytest.mark.usefixtures("littoral")
class TestWhatIsKept:
    def test_what_coverage_and_invitations_need_and_nothing_more(self):
        reading = load(
            line(),
            line(identifier="899900000002", commune="35115", last_name="AILLEURS"),
            line(identifier="899900000003", commune="", last_name="NULLE PART"),
        )

        assert kept() == [
            ("899900000001", "ESSAI", "CAMILLE", "60", False, "liberal", "50218", "CABINET D'ESSAI")
        ]
        assert {field.name for field in Professional._meta.fields} == {"id", "edition", *FIELDS}
        assert (reading.tally.lines, reading.tally.malformed) == (3, 0)
        edition = DirectoryEdition.objects.get()
        assert (edition.file_name, edition.published_on, edition.line_count, edition.kept_count) == (
            NAME,
            PUBLISHED_ON,
            3,
            1,
        )
        assert edition.started_at == NOW
        assert edition.completed_at is not None
        told = AuditEntry.objects.filter(action="members.directory_loaded")
        assert told.values_list("chain", "target_id").get() == ("platform", str(edition.pk))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    def test_both_encodings(self, encoding):
        load(stream=directory(line(last_name="Œillet", first_name="Maé"), encoding=encoding))

        assert Professional.objects.values_list("last_name", "first_name").get() == ("Œillet", "Maé")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "|\r\n"])
    def test_ends_of_lines(self, end):
        load(stream=directory(line(), end=end))

        assert people() == ["899900000001"]

    def test_columns_are_found_by_name_in_any_order_and_added_ones_do_not_matter(self):
        columns = ("Colonne nouvelle", *reversed(COLUMNS), "Autre colonne")

        load(stream=directory(line(columns=columns), columns=columns))

        assert people() == ["899900000001"]

    @pytest.mark.parametrize("skill", ["SM26", "SM53", "SM54"])
    def test_general_practitioners_are_told_by_their_qualification(self, skill):
        load(
            line(profession="10", skill=skill),
            line(identifier="899900000002", profession="10", skill="SM04"),
            line(identifier="899900000003", profession="10", skill=""),
            line(identifier="899900000004", profession="60", skill=skill),
        )

        assert [row[4] for row in kept()] == [True, False, False, False]

    def test_a_qualification_told_once_holds_in_every_commune(self):
        load(
            line(profession="10", skill="SM04", commune="50532"),
            line(profession="10", skill="SM26"),
            line(identifier="899900000002", profession="10", skill="SM04"),
        )

        assert [(row[0], row[6], row[4]) for row in kept()] == [
            ("899900000001", "50218", True),
            ("899900000001", "50532", True),
            ("899900000002", "50218", False),
        ]

    @pytest.mark.parametrize("batch", [1, 1000])
    def test_somebody_several_times_is_one_by_profession_and_commune(self, monkeypatch, batch):
        monkeypatch.setattr(national_directory, "_BATCH", batch)
        reading = load(
            line(mode="L", company="", sign=""),
            line(mode="S", company="HÔPITAL D'ESSAI"),
            line(commune="50532", mode="B"),
            line(profession="93"),
            line(mode="L", sign="AUTRE"),
        )

        assert [row[3:] for row in kept()] == [
            ("60", False, "mixed", "50218", "HÔPITAL D'ESSAI"),
            ("60", False, "", "50532", "CABINET D'ESSAI"),
            ("93", False, "liberal", "50218", "CABINET D'ESSAI"),
        ]
        assert reading.edition.kept_count == 1

    def test_the_sign_is_better_known_than_the_company(self):
        load(line(company="SELARL DES ESSAIS", sign="  Cabinet \x00 du   Port "))

        assert Professional.objects.get().structure_name == "Cabinet du Port"

    def test_what_cannot_be_read_is_counted_and_stops_nothing(self):
        broken = line(identifier="899900000009").encode().replace(b"CAMILLE", b"CAMILL\xc9")
        stream = io.BytesIO(
            directory(
                line(),
                "une|ligne|courte",
                line(identifier="899900000002") + "|de|trop",
                line(identifier=""),
                line(identifier="8" * 15),
                line(identifier="899900000003", last_name=""),
                "",
                line(identifier="899900000004"),
            ).read()
            + broken
            + b"\r\n"
        )

        reading = load(stream=stream)

        assert people() == ["899900000001", "899900000004"]
        assert (reading.tally.lines, reading.tally.malformed) == (8, 6)

    def test_students_and_unknown_professions_are_counted_not_kept(self):
        reading = load(
            line(),
            line(identifier="899900000002", category="E"),
            line(identifier="899900000003", profession="77"),
            line(identifier="899900000004", profession="77"),
            line(identifier="899900000005", profession=""),
        )

        assert people() == ["899900000001"]
        assert reading.tally.students == 1
        assert dict(reading.tally.unknown_professions) == {"77": 2, "": 1}


class TestCommunes:
    def test_those_of_every_cpts_to_come_included_and_not_those_left(self, cpts, other_cpts):
        hold(cpts, communes=["50218"], starts_on=date(2024, 1, 1))
        hold(cpts, communes=["50532"], starts_on=date(2025, 1, 1))
        hold(other_cpts, communes=["35115"], starts_on=date(2027, 1, 1))

        followed = communes_followed(NOW.date())

        assert set(followed.values()) == {"50532", "35115"}

    def test_a_city_held_whole_brings_its_arrondissements(self, cpts):
        hold(cpts, communes=["69123"])

        followed = communes_followed(NOW.date())

        assert followed["69123"] == "69123"
        assert followed["69383"] == "69383"
        assert len([code for code in followed if code.startswith("6938")]) == 9

    def test_an_arrondissement_brings_its_city_and_not_the_others(self, cpts):
        hold(cpts, communes=["69383"])

        followed = communes_followed(NOW.date())

        assert set(followed.values()) == {"69383", "69123"}
        assert followed["69383"] == "69383"

    def test_a_merged_commune_counts_for_the_one_it_joined(self, cpts, granville):
        former = granville.communes.filter(former_communes__isnull=False).exclude(
            former_communes__code="50218"
        )
        heir = former.first()
        old = heir.former_communes.exclude(code=heir.code).first()
        hold(cpts, communes=[heir.code])

        load(line(commune=old.code))

        assert Professional.objects.get().commune_code == heir.code

    def test_without_any_territory_nothing_can_be_kept(self):
        with pytest.raises(DirectoryFileError, match="Aucune CPTS n’a encore de territoire"):
            load(line())

        assert not DirectoryEdition.objects.exists()


@pytest.mark.usefixtures("littoral")
class TestEditions:
    def test_a_new_one_takes_the_place_of_the_former_whose_people_are_forgotten(self, monkeypatch):
        monkeypatch.setattr(national_directory, "_BATCH", 2)
        former = load(*(line(identifier=f"89990000001{digit}") for digit in range(5))).edition

        latest = load(line(identifier="899900000002"), published_on=date(2026, 3, 1)).edition

        assert people() == ["899900000002"]
        assert list(DirectoryEdition.objects.order_by("pk")) == [former, latest]
        assert DirectoryEdition.objects.current() == latest

    def test_the_same_again_is_one_edition_to_read(self):
        load(line())
        again = load(line()).edition

        assert people() == ["899900000001"]
        assert DirectoryEdition.objects.current() == again

    def test_an_older_one_is_refused(self):
        load(line())

        with pytest.raises(DirectoryFileError, match="Une édition plus récente, du 27 février 2026"):
            load(line(identifier="899900000002"), published_on=date(2026, 1, 30))

        assert people() == ["899900000001"]
        assert DirectoryEdition.objects.count() == 1

    @pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
    def test_one_that_stops_halfway_leaves_the_former_and_can_be_run_again(self, monkeypatch, failure):
        monkeypatch.setattr(national_directory, "_BATCH", 1)
        former = load(line()).edition

        def fails(lines):
            raise failure

        monkeypatch.setattr("members.domain.directory_lines._REPORTED_EVERY", 3)
        lines = [line(identifier=f"89990000001{digit}") for digit in range(5)]
        with pytest.raises(failure):
            load(*lines, published_on=date(2026, 3, 1), report=fails)
        assert people() == ["899900000001"]
        assert DirectoryEdition.objects.current() == former
        assert DirectoryEdition.objects.count() == 1

        load(*lines, published_on=date(2026, 3, 1))

        assert len(people()) == 5

    def test_what_a_killed_reading_wrote_is_not_shown_and_goes_with_the_next(self):
        former = load(line()).edition
        half = DirectoryEdition.objects.create(
            file_name="tué.txt", published_on=date(2026, 3, 1), started_at=NOW
        )
        Professional.objects.create(
            edition=half,
            identifier="899900000009",
            last_name="À MOITIÉ",
            profession="60",
            commune_code="50218",
        )
        assert DirectoryEdition.objects.current() == former

        latest = load(line(identifier="899900000002"), published_on=date(2026, 3, 1)).edition

        assert people() == ["899900000002"]
        assert set(DirectoryEdition.objects.all()) == {former, latest}

    def test_one_that_another_reading_overtakes_says_so(self, monkeypatch):
        monkeypatch.setattr("members.domain.directory_lines._REPORTED_EVERY", 1)
        monkeypatch.setattr(national_directory, "_BATCH", 1)

        def overtakes(lines):
            if lines == 1:
                load(line(identifier="899900000002"))

        with pytest.raises(DirectoryFileError, match="Une autre lecture de l’annuaire est en cours"):
            load(line(), report=overtakes)

        assert people() == ["899900000002"]
        assert DirectoryEdition.objects.get().kept_count == 1

    def test_a_file_without_anybody_of_ours_replaces_nothing(self):
        load(line())

        with pytest.raises(DirectoryFileError, match="Aucune ligne du fichier ne tombe"):
            load(line(commune="01001"), published_on=date(2026, 3, 1))

        assert people() == ["899900000001"]
        assert DirectoryEdition.objects.count() == 1

    def test_a_download_cut_short_replaces_nothing(self):
        load(line())
        cut = io.BytesIO(directory(line(), line(identifier="899900000002")).read()[:-200])

        with pytest.raises(DirectoryFileError, match="s’arrête au milieu d’une ligne"):
            load(stream=cut, published_on=date(2026, 3, 1))

        assert people() == ["899900000001"]
        assert DirectoryEdition.objects.current().published_on == PUBLISHED_ON


@pytest.mark.usefixtures("littoral")
class TestFilesThatAreNotThisOne:
    @pytest.mark.parametrize(
        "content",
        [b"", b"\n", b"nom;prenom\r\n", b"\x00" * 100_000, b"\x81\x8d\x8f\n", "a|b".encode("utf-16")],
    )
    def test_they_are_refused_in_french(self, content):
        with pytest.raises(DirectoryFileError, match="Ce fichier n’est pas celui de l’annuaire national"):
            load(stream=io.BytesIO(content))

        assert not DirectoryEdition.objects.exists()

    def test_missing_columns_are_named(self):
        columns = tuple(name for name in COLUMNS if name not in ("Code profession", "Code mode exercice"))

        with pytest.raises(
            DirectoryFileError, match="colonnes «\u00a0Code profession\u00a0», «\u00a0Code mode"
        ):
            load(stream=directory(columns=columns))

    def test_one_missing_column_is_named(self):
        columns = tuple(name for name in COLUMNS if name != "Code commune (coord. structure)")

        with pytest.raises(DirectoryFileError, match="la colonne «\u00a0Code commune "):
            load(stream=directory(columns=columns))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        (NAME, date(2026, 2, 27)),
        ("PS_LibreAcces_202511200745.zip", date(2025, 11, 20)),
        ("PS_LibreAcces_Personne_activite_20251120.txt", date(2025, 11, 20)),
        ("PS_LibreAcces_Personne_activite_20251342.txt", None),
        ("annuaire.txt", None),
        ("123420251120.txt", None),
    ],
)
def test_the_date_of_a_file_is_in_its_name(name, day):
    assert date_of(name) == day


@pytest.mark.usefixtures("littoral")
class TestTheCommand:
    def write(self, path, *lines):
        path.write_bytes(directory(*lines).read())
        return str(path)

    def test_it_says_what_it_kept_and_what_it_did_not(self, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr("members.domain.directory_lines._REPORTED_EVERY", 2)
        path = self.write(
            tmp_path / NAME,
            line(),
            "courte",
            line(identifier="899900000002", category="E"),
            line(identifier="899900000003", profession="77"),
        )

        call_command("load_health_directory", path)

        assert capsys.readouterr().out.splitlines() == [
            "2 lignes lues…",
            "4 lignes lues…",
            "Édition du 27 février 2026 chargée\u00a0: 1 professionnels gardés, sur 4 lignes lues.",
            "1 lignes illisibles (colonnes ou codage), laissées de côté.",
            "1 lignes d’étudiants, laissées de côté.",
            "Lignes de professions que la plateforme ne suit pas, par code\u00a0: 77 (1).",
        ]

    def test_an_archive_is_read_without_being_unpacked(self, tmp_path):
        path = tmp_path / "PS_LibreAcces.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("PS_LibreAcces_SavoirFaire_202602270812.txt", "autre")
            archive.writestr(f"dossier/{NAME}", directory(line()).read())

        call_command("load_health_directory", str(path), verbosity=0)

        edition = DirectoryEdition.objects.get()
        assert (edition.file_name, edition.published_on) == (NAME, PUBLISHED_ON)
        assert people() == ["899900000001"]

    def test_standard_input_needs_a_date(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(directory(line())))

        with pytest.raises(CommandError, match="--published-on AAAA-MM-JJ"):
            call_command("load_health_directory", "-")
        call_command("load_health_directory", "-", "--published-on", "2026-02-27")

        assert DirectoryEdition.objects.get().published_on == PUBLISHED_ON

    def test_what_cannot_be_opened_is_said(self, tmp_path):
        with pytest.raises(CommandError, match=r"absent\.txt est illisible"):
            call_command("load_health_directory", str(tmp_path / "absent.txt"))

    def test_an_archive_without_the_file(self, tmp_path):
        path = tmp_path / "PS_LibreAcces_202602270812.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("autre.txt", "rien")

        with pytest.raises(CommandError, match="L’archive ne contient pas un fichier PS_LibreAcces_Personne"):
            call_command("load_health_directory", str(path))

    def test_an_archive_that_is_damaged(self, tmp_path):
        path = tmp_path / "PS_LibreAcces_202602270812.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(NAME, directory(line()).read())
        content = bytearray(path.read_bytes())
        content[200] ^= 0xFF
        path.write_bytes(bytes(content))

        with pytest.raises(CommandError, match="illisible"):
            call_command("load_health_directory", str(path))

        assert not Professional.objects.exists()
        assert not DirectoryEdition.objects.exists()


class Lines(io.RawIOBase):
    """A file of any length, made as it is read: it takes no memory itself."""

    def __init__(self, lines):
        self._lines = iter(lines)

    def readable(self):
        return True

    def readline(self, _size=-1):
        return next(self._lines, b"")


def test_memory_does_not_grow_with_the_file():
    elsewhere = (line(commune="35115") + "\r\n").encode()
    header = ("|".join(COLUMNS) + "\r\n").encode()

    def peak(count):
        stream = Lines(chain([header], repeat(elsewhere, count)))
        gc.collect()
        tracemalloc.start()
        assert list(DirectoryLines(stream, {"50218": "50218"})) == []
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1_000)
    small, large = peak(1_000), peak(200_000)

    assert large < small + 20_000
