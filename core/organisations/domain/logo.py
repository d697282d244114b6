"""The logo printed on documents: what is sent is decoded, bounded and drawn again, never kept as it came."""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageFile, ImageOps

from core.access.actors import Actor
from core.audit.domain.journal import record
from core.organisations.models import Cpts

MAX_MEGABYTES = 2
_MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
# Beyond, decoding would take more than 64 MB: a few kilobytes can declare a billion pixels.
_MAX_PIXELS = 16_000_000
_LONGEST_SIDE = 600
_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9", "MPO": b"\xff\xd9"}
_NOT_AN_IMAGE = (
    "Ce fichier n’est pas une image PNG ou JPEG lisible. Ouvrez votre logo dans un logiciel d’images, "
    "enregistrez-le en PNG et recommencez."
)
_TOO_MANY_PIXELS = (
    "Cette image a trop de pixels (16\u00a0millions au plus)\u00a0: réduisez-la à 600\u00a0pixels de large."
)
_SOMETHING_ELSE = (
    "Ce fichier contient autre chose après l’image. Ouvrez-le dans un logiciel d’images, "
    "enregistrez-le en PNG et recommencez."
)
# What decoders raise on bytes that were made to harm, besides their own errors.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def drawn_again(file: BinaryIO) -> bytes:
    """Return the image of a PNG or JPEG file as a new PNG of at most 600 pixels a side.

    Nothing of the file is kept but its pixels. Raises ValidationError with a French sentence for a file that
    is too large, of another kind, damaged, of too many pixels, or followed by something else.
    """
    content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValidationError(
            f"Ce fichier dépasse {MAX_MEGABYTES}\u00a0Mo\u00a0: réduisez l’image et recommencez."
        )
    try:
        with _whole_images_only():
            return _drawn_again(content)
    except _BROKEN as error:
        too_many = isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning)
        raise ValidationError(_TOO_MANY_PIXELS if too_many else _NOT_AN_IMAGE) from error


def replace_logo(cpts: Cpts, image: bytes, *, by: Actor, now: datetime) -> Cpts:
    """Keep `image` (as `drawn_again` returns it) as the logo, and return the CPTS as it now is.

    The former file goes once the transaction holds; when it fails the new one goes, and nothing is lost. The
    image that is already there is not written again.
    """
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _replace(cpts, image, stored, by=by, now=now)
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise


@transaction.atomic
def remove_logo(cpts: Cpts, *, by: Actor, now: datetime) -> Cpts:
    """Take the logo away, and return the CPTS as it now is; nothing is written when there is none."""
    locked = Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    return _point_to(locked, "", by=by, now=now) if locked.logo else locked


def logo_hash(cpts: Cpts) -> str:
    """Return the SHA-256 of the stored image, "" for none: its file is named after it."""
    return PurePosixPath(cpts.logo.name or "").stem.partition("_")[0]


def logo_data(cpts: Cpts) -> str:
    """Return the logo as an address that holds it, "" without one: a document loads nothing from outside."""
    name = cpts.logo.name or ""
    if not name or not default_storage.exists(name):
        return ""
    with default_storage.open(name) as file:
        return f"data:image/png;base64,{base64.b64encode(file.read()).decode()}"


@contextmanager
def _whole_images_only() -> Iterator[None]:
    """Refuse an image cut short: once imported, what prints documents makes Pillow accept them."""
    former, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = former


def _drawn_again(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise Image.DecompressionBombError
        image.load()
        if not content.endswith(_ENDS[image.format or ""]):
            raise ValidationError(_SOMETHING_ELSE)
        upright = ImageOps.exif_transpose(image)
        picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A new canvas: not one of the original's notes, profiles or comments follows.
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    stream = io.BytesIO()
    clean.save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def _replace(cpts: Cpts, image: bytes, stored: list[str], *, by: Actor, now: datetime) -> Cpts:
    locked = Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    digest = hashlib.sha256(image).hexdigest()
    if logo_hash(locked) == digest and locked.logo.storage.exists(str(locked.logo.name)):
        return locked
    path = locked.logo.field.generate_filename(locked, f"{digest}.png")
    stored.append(default_storage.save(path, ContentFile(image)))
    return _point_to(locked, stored[0], by=by, now=now)


def _point_to(cpts: Cpts, name: str, *, by: Actor, now: datetime) -> Cpts:
    former, before = cpts.logo.name, logo_hash(cpts)
    cpts.logo = name
    cpts.save(update_fields=["logo"])
    changes = {"logo": [before or None, logo_hash(cpts) or None]}
    verb = "logo_replaced" if name else "logo_removed"
    record(f"organisations.{verb}", cpts, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    if former and former != name:
        # A file that cannot be deleted is left over: the write stands all the same.
        transaction.on_commit(lambda: default_storage.delete(former), robust=True)
    return cpts
