"""The logo: what is accepted, how it is kept, and how it is sent."""

import io
import struct
import zlib
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from PIL import Image, ImageFile, PngImagePlugin

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.domain import logo as logos
from core.organisations.domain.logo import drawn_again, logo_hash, remove_logo, replace_logo
from core.organisations.models import Cpts

pytestmark = pytest.mark.usefixtures("cpts")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
IMAGE = "/cpts/littoral/association/logo/"
EDIT, REMOVE = f"{IMAGE}modifier/", f"{IMAGE}retirer/"


def image(size=(40, 20), mode="RGB", kind="PNG", colour="#0b5f66", **options):
    stream = io.BytesIO()
    Image.new(mode, size, colour).save(stream, format=kind, **options)
    return stream.getvalue()


def sent(content, name="logo.png", kind="image/png"):
    return {"image": SimpleUploadedFile(name, content, kind)}


def reopened(content):
    return Image.open(io.BytesIO(content))


def bomb(width, height):
    """Return a PNG of a few bytes that declares this size."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def stored(media_root):
    return sorted(path.name for path in media_root.rglob("*") if path.is_file())


class TestDrawing:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_a_small_image_keeps_its_size(self, kind):
        drawn = reopened(drawn_again(io.BytesIO(image(kind=kind))))

        assert (drawn.format, drawn.size, drawn.mode) == ("PNG", (40, 20), "RGB")

    @pytest.mark.parametrize(
        ("size", "drawn"), [((1200, 300), (600, 150)), ((300, 1200), (150, 600)), ((600, 10), (600, 10))]
    )
    def test_a_large_image_is_reduced(self, size, drawn):
        assert reopened(drawn_again(io.BytesIO(image(size)))).size == drawn

    @pytest.mark.parametrize(
        ("mode", "kind", "drawn"),
        [
            ("RGBA", "PNG", "RGBA"),
            ("LA", "PNG", "RGBA"),
            ("L", "PNG", "RGB"),
            ("P", "PNG", "RGB"),
            ("1", "PNG", "RGB"),
            ("I;16", "PNG", "RGB"),
            ("CMYK", "JPEG", "RGB"),
        ],
    )
    def test_every_mode_is_drawn(self, mode, kind, drawn):
        content = image(mode=mode, kind=kind, colour=0 if mode in {"1", "L", "P", "I;16"} else None)

        assert reopened(drawn_again(io.BytesIO(content))).mode == drawn

    def test_transparency_is_kept(self):
        clear = image(mode="RGBA", colour=(0, 0, 0, 0))

        assert reopened(drawn_again(io.BytesIO(clear))).getpixel((0, 0))[3] == 0

    def test_a_photograph_stands_upright_and_says_nothing_of_its_author(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by a quarter
        exif[0x013B] = "Dominique Exemple"
        drawn = drawn_again(io.BytesIO(image(kind="JPEG", exif=exif)))

        assert reopened(drawn).size == (20, 40)
        assert b"Dominique" not in drawn
        assert not reopened(drawn).getexif()

    def test_hidden_texts_do_not_follow(self):
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "<script>alert(1)</script>")
        drawn = drawn_again(io.BytesIO(image(pnginfo=notes)))

        assert b"script" not in drawn

    def test_the_same_image_gives_the_same_bytes(self):
        assert drawn_again(io.BytesIO(image())) == drawn_again(io.BytesIO(image()))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<!doctype html><title>logo.png</title>",
            b"%PDF-1.7",
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n" + b"<html>" * 100,
            b"\xff\xd8\xff\xe0" + b"\x00" * 100 + b"\xff\xd9",
            image(kind="GIF", mode="P", colour=0),
            image(kind="BMP"),
            image(kind="WEBP"),
            image(kind="TIFF"),
            image(kind="ICO", size=(16, 16)),
            image()[:60],
            image(kind="JPEG", size=(200, 200))[:300] + b"\xff\xd9",
            bomb(100, 100),
        ],
        ids=range(15),
    )
    @pytest.mark.parametrize("printing", [False, True])
    def test_what_is_no_image_is_refused(self, content, printing, monkeypatch):
        # WeasyPrint sets it for the whole process as soon as it is imported.
        monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", printing)

        with pytest.raises(ValidationError, match="PNG ou JPEG"):
            drawn_again(io.BytesIO(content))

    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    @pytest.mark.parametrize("rest", [b"<html>", b"PK\x03\x04", b"\x00"])
    def test_an_image_followed_by_something_else_is_refused(self, kind, rest):
        with pytest.raises(ValidationError, match="autre chose après l’image"):
            drawn_again(io.BytesIO(image(kind=kind) + rest))

    @pytest.mark.parametrize("size", [(4001, 4000), (10_000, 10_000), (2**31 - 1, 2**31 - 1)])
    def test_a_bomb_is_refused_undecoded(self, size):
        with pytest.raises(ValidationError, match="trop de pixels"):
            drawn_again(io.BytesIO(bomb(*size)))

    def test_a_heavy_file_is_refused(self):
        with pytest.raises(ValidationError, match="dépasse 2"):
            drawn_again(io.BytesIO(image() + b"\x00" * 2 * 1024 * 1024))


class TestKeeping:
    def test_the_file_is_named_after_its_content_and_told(self, cpts, media_root):
        content = drawn_again(io.BytesIO(image()))
        digest = sha256(content).hexdigest()
        updated = replace_logo(cpts, content, by=PLATFORM, now=NOW)

        assert updated.logo.name == f"logos/{cpts.pk}/{digest}.png"
        assert (media_root / updated.logo.name).read_bytes() == content
        assert logo_hash(updated) == digest
        (entry,) = AuditEntry.objects.about(cpts)
        assert (entry.action, entry.changes) == ("organisations.logo_replaced", {"logo": [None, digest]})

    def test_the_same_image_again_writes_nothing(self, cpts, media_root):
        for _ in range(2):
            replace_logo(cpts, drawn_again(io.BytesIO(image())), by=PLATFORM, now=NOW)

        assert AuditEntry.objects.about(cpts).count() == 1
        assert len(stored(media_root)) == 1

    def test_the_former_file_goes_once_the_new_one_holds(
        self, cpts, media_root, django_capture_on_commit_callbacks
    ):
        first = replace_logo(cpts, b"first", by=PLATFORM, now=NOW).logo.name
        with django_capture_on_commit_callbacks() as callbacks:
            second = replace_logo(cpts, b"second", by=PLATFORM, now=NOW).logo.name
        assert len(stored(media_root)) == 2

        for callback in callbacks:
            callback()
        assert not (media_root / first).exists()
        assert (media_root / second).read_bytes() == b"second"

    def test_nothing_is_lost_when_the_write_fails(self, cpts, media_root, monkeypatch):
        name = replace_logo(cpts, b"first", by=PLATFORM, now=NOW).logo.name

        def fail(*args, **values):
            raise RuntimeError("no journal")

        monkeypatch.setattr(logos, "record", fail)
        with pytest.raises(RuntimeError, match="no journal"):
            replace_logo(cpts, b"second", by=PLATFORM, now=NOW)
        with pytest.raises(RuntimeError, match="no journal"):
            remove_logo(cpts, by=PLATFORM, now=NOW)
        cpts.refresh_from_db()
        assert cpts.logo.name == name
        assert stored(media_root) == [name.rpartition("/")[2]]
        assert AuditEntry.objects.about(cpts).count() == 1

    def test_a_lost_file_is_written_again(self, cpts, media_root, django_capture_on_commit_callbacks):
        name = replace_logo(cpts, b"first", by=PLATFORM, now=NOW).logo.name
        (media_root / name).unlink()
        with django_capture_on_commit_callbacks(execute=True):
            again = replace_logo(cpts, b"first", by=PLATFORM, now=NOW)

        assert (media_root / again.logo.name).read_bytes() == b"first"

    @pytest.mark.django_db(transaction=True)
    def test_removing_takes_the_file_away_and_is_told_once(self, cpts, media_root):
        replace_logo(cpts, b"first", by=PLATFORM, now=NOW)
        for _ in range(2):
            removed = remove_logo(cpts, by=PLATFORM, now=NOW)

        assert (removed.logo.name, logo_hash(removed), stored(media_root)) == ("", "", [])
        actions = AuditEntry.objects.about(cpts).values_list("action", flat=True)
        assert list(actions) == ["organisations.logo_removed", "organisations.logo_replaced"]
        assert AuditEntry.objects.about(cpts).first().changes == {
            "logo": [sha256(b"first").hexdigest(), None]
        }

    def test_a_write_that_is_rolled_back_outside_keeps_the_former_file(self, cpts, media_root):
        name = replace_logo(cpts, b"first", by=PLATFORM, now=NOW).logo.name
        with transaction.atomic():
            replace_logo(cpts, b"second", by=PLATFORM, now=NOW)
            transaction.set_rollback(True)
        cpts.refresh_from_db()

        assert cpts.logo.name == name
        assert (media_root / name).read_bytes() == b"first"


class TestScreens:
    def test_a_coordinator_sends_changes_and_removes_the_logo(self, coordinator):
        response = coordinator.post(EDIT, sent(image()))
        assert (response.status_code, response["Location"]) == (302, "/cpts/littoral/")
        assert coordinator.get(IMAGE).content == drawn_again(io.BytesIO(image()))
        page = coordinator.get("/cpts/littoral/").content.decode()
        assert f'src="{IMAGE}?v=' in page
        assert "Changer ou retirer le logo" in page
        assert "Retirer le logo" in coordinator.get(EDIT).content.decode()

        assert coordinator.post(REMOVE).status_code == 302
        assert coordinator.get(IMAGE).status_code == 404
        assert "Aucun logo" in coordinator.get("/cpts/littoral/").content.decode()

    def test_the_image_is_sent_as_an_image_and_nothing_else(self, coordinator):
        coordinator.post(EDIT, sent(image(kind="JPEG"), "logo.html", "text/html"))
        response = coordinator.get(IMAGE)

        assert response["Content-Type"] == "image/png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == 'inline; filename="logo.png"'
        assert "private" in response["Cache-Control"]
        assert response.content.startswith(b"\x89PNG")

    @pytest.mark.parametrize("role", [Role.MEMBER, Role.TREASURER, Role.BOARD, Role.REVIEWER])
    def test_whoever_sees_the_sheet_sees_the_logo(self, cpts, sign_in, role):
        replace_logo(cpts, drawn_again(io.BytesIO(image())), by=PLATFORM, now=NOW)

        assert sign_in(role).get(IMAGE).status_code == 200

    def test_a_lost_file_is_not_found(self, cpts, coordinator, media_root):
        updated = replace_logo(cpts, b"first", by=PLATFORM, now=NOW)
        (media_root / updated.logo.name).unlink()

        assert coordinator.get(IMAGE).status_code == 404
        assert coordinator.get("/cpts/littoral/").status_code == 200

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({}, "Choisissez une image."),
            (sent(b""), "Ce fichier est vide."),
            (sent(b"<svg></svg>", "logo.svg", "image/svg+xml"), "PNG ou JPEG"),
            (sent(b"<html></html>"), "PNG ou JPEG"),
            (sent(image() + b"<html>"), "autre chose"),
            (sent(bomb(60_000, 60_000)), "trop de pixels"),
        ],
        ids=range(6),
    )
    def test_a_refused_file_is_explained_and_nothing_changes(
        self, cpts, coordinator, data, sentence, media_root
    ):
        replace_logo(cpts, b"first", by=PLATFORM, now=NOW)
        before = Cpts.objects.values().get(), stored(media_root), AuditEntry.objects.count()
        for upload in data.values():
            upload.seek(0)
        response = coordinator.post(EDIT, data)

        assert response.status_code == 400
        assert sentence in response.content.decode()
        assert (Cpts.objects.values().get(), stored(media_root), AuditEntry.objects.count()) == before

    def test_stored_logos_have_no_address_of_their_own(self, cpts, coordinator):
        name = replace_logo(cpts, b"first", by=PLATFORM, now=NOW).logo.name

        for address in (f"/media/{name}", f"/{name}"):
            assert coordinator.get(address).status_code == 404


class TestRefusals:
    @pytest.mark.parametrize(
        ("url", "method"), [(IMAGE, "get"), (EDIT, "get"), (EDIT, "post"), (REMOVE, "post")]
    )
    def test_strangers_get_nothing(self, cpts, other_cpts, sign_in, url, method):
        replace_logo(cpts, b"first", by=PLATFORM, now=NOW)
        before = Cpts.objects.values().get(pk=cpts.pk)
        anonymous = getattr(Client(), method)(url)
        foreign = getattr(sign_in(Role.COORDINATOR, other_cpts), method)(url)

        assert (anonymous.status_code, anonymous["Location"].partition("?")[0]) == (302, "/compte/connexion/")
        assert foreign.status_code == 404
        assert Cpts.objects.values().get(pk=cpts.pk) == before

    @pytest.mark.parametrize(
        "role", [Role.TREASURER, Role.BOARD, Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR]
    )
    @pytest.mark.parametrize(("url", "method"), [(EDIT, "get"), (EDIT, "post"), (REMOVE, "post")])
    def test_only_the_coordinator_changes_it(self, sign_in, role, url, method):
        response = getattr(sign_in(role), method)(url)

        assert response.status_code == 403
        assert "tenue par la coordination" in response.content.decode()

    @pytest.mark.parametrize(
        ("url", "method"),
        [(IMAGE, "post"), (IMAGE, "delete"), (EDIT, "put"), (REMOVE, "get")],
    )
    def test_a_wrong_method_is_refused(self, coordinator, url, method):
        assert getattr(coordinator, method)(url).status_code == 405

    @pytest.mark.parametrize("url", [EDIT, REMOVE])
    def test_another_site_changes_nothing(self, coordinator, url):
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = coordinator.cookies

        assert strict.post(url, sent(image())).status_code == 403
        assert AuditEntry.objects.count() == 0
