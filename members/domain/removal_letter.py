"""The letter that invites a member to explain before a radiation: printed once for each invitation."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.audit.domain.fingerprints import fingerprint_of
from core.documents.domain.documents import document_about, store_document
from core.documents.domain.fingerprints import verification_url
from core.documents.domain.rendering import render_pdf
from core.documents.models import Document
from core.jobs.domain.jobs import enqueue_job
from core.jobs.models import Job
from core.jobs.registry import JobKind, Report
from core.organisations.domain.followers import open_under
from core.organisations.domain.logo import logo_data
from core.organisations.domain.phones import phone_text
from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.domain.members import places_of
from members.domain.statutes import statutes_on
from members.enums import Body
from members.models import Member, Removal
from members.rules import can_decide_memberships

KIND_NAME = "members.removal_letter"
KEEP_FOR = timedelta(days=3 * 365)
"""No longer than the registry keeps people (`anonymisation.KEPT_YEARS`): no letter outlives them there."""
TITLE = "Invitation à s’expliquer"
_THE = {
    Body.GENERAL_ASSEMBLY: "l’assemblée générale",
    Body.BOARD: "le conseil d’administration",
    Body.BUREAU: "le bureau",
    Body.NOBODY: "l’association",
}
DESCRIPTION = "Lettre de l’association à l’un de ses membres"


def request_letter(removal: Removal, *, now: datetime) -> Job:
    """Queue the letter of an invitation in the caller's transaction, and return its job, always the same."""
    payload = {
        "removal": removal.pk,
        "cpts": removal.membership.member.cpts_id,
        "subject": _subject(removal),
        "invited_on": removal.invited_on.isoformat() if removal.invited_on else "",
        "hearing_on": removal.hearing_on.isoformat() if removal.hearing_on else "",
        "hearing_place": removal.hearing_place,
    }
    return enqueue_job(
        KIND_NAME,
        payload=payload,
        requester="",
        now=now,
        keep_for=KEEP_FOR,
        unique_key=f"{KIND_NAME}:{_subject(removal)}",
    )


def letter_of(removal: Removal) -> Document | None:
    """Return the letter of the invitation that stands, None while it is not made."""
    return document_about(KIND_NAME, _subject(removal)) if removal.invited_on else None


def letters_of(removal: Removal) -> list[Document]:
    """Return every letter of a procedure, the latest first: those of hearings put off included."""
    found = Document.objects.filter(Q(subject__startswith=f"removal:{removal.pk}:"), kind=KIND_NAME)
    return list(found.order_by("-created_at"))


def make_letter(job: Job, report: Report) -> None:
    """Print the letter of an invitation and keep it."""
    subject = job.payload["subject"]
    if document_about(KIND_NAME, subject):
        # A worker died after it stored the document and before it said so.
        return
    report(10, "Lecture de la procédure")
    removal = _as_invited(job)
    member = removal.membership.member
    body = statutes_on(member.cpts_id, removal.opened_on).removal_body
    content = _content(removal, body)
    fingerprint = fingerprint_of(content)
    context = content | {
        "title": TITLE,
        "logo": logo_data(member.cpts),
        "fingerprint": fingerprint,
        "verification_url": verification_url(fingerprint),
    }
    report(40, "Mise en page de la lettre")
    now = timezone.now()
    pdf = render_pdf(
        "documents/removal_letter.html",
        context,
        title=TITLE,
        description=DESCRIPTION,
        author=member.cpts.name,
        created=now,
    )
    report(90, "Enregistrement")
    store_document(
        job=job,
        kind=KIND_NAME,
        title=TITLE,
        pdf=pdf,
        filename=f"invitation-a-s-expliquer-{job.payload['invited_on']}.pdf",
        fingerprint=fingerprint,
        now=now,
        expires_at=job.expires_at,
        cpts=member.cpts,
        subject=subject,
    )


def _content(removal: Removal, body: str) -> dict[str, Any]:
    """All that the letter says, as JSON values."""
    member = removal.membership.member
    cpts = member.cpts
    return {
        "sender": _sender(cpts),
        "recipient": _address_of(member),
        "city": cpts.city,
        "invited_on": _long_date(removal.invited_on),
        "opened_on": _long_date(removal.opened_on),
        "hearing_on": _long_date(removal.hearing_on),
        "hearing_place": removal.hearing_place,
        "ground": str(removal.get_ground_display()).lower(),
        "facts": removal.facts.splitlines(),
        "body": _THE[Body(body)],
        "email": cpts.contact_email,
        "representative": cpts.representative_name,
        "capacity": cpts.representative_capacity,
    }


def _sender(cpts: Cpts) -> list[str]:
    town = f"{cpts.postal_code} {cpts.city}"
    phone = phone_text(cpts.contact_phone) if cpts.contact_phone else ""
    return _filled(cpts.name, cpts.address, town, phone, cpts.contact_email)


def _long_date(day: date | None) -> str:
    return long_date(day) if day else ""


def _as_invited(job: Job) -> Removal:
    """The procedure with the dates of the invitation that the job is about: a later one may have come."""
    payload = job.payload
    removal = Removal.objects.select_related("membership__member__cpts").get(pk=payload["removal"])
    removal.invited_on = date.fromisoformat(payload["invited_on"])
    removal.hearing_on = date.fromisoformat(payload["hearing_on"])
    removal.hearing_place = payload["hearing_place"]
    return removal


def _address_of(member: Member) -> list[str]:
    """Return the lines to write to: the seat of a structure and who speaks for it, the place of a person."""
    if not member.is_person:
        speaker = member.representatives.in_force(timezone.localdate()).first()
        spoken = f"À l’attention de {speaker.name}" if speaker else ""
        town = f"{member.postal_code} {member.commune_name}"
        return _filled(member.name, spoken, member.address, town)
    place = next(iter(places_of(member)), None)
    if place is None:
        return _filled(member.name, member.commune_name)
    name = place.structure.name if place.structure else place.label
    source = place if place.address or place.commune_name or not place.structure else place.structure
    return _filled(member.name, name, source.address, f"{source.postal_code} {source.commune_name}")


def _filled(*lines: str) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _subject(removal: Removal) -> str:
    """Each invitation has its letter: a hearing put off, or held elsewhere, makes another one."""
    said = {"on": str(removal.invited_on), "hearing": str(removal.hearing_on), "at": removal.hearing_place}
    return f"removal:{removal.pk}:{fingerprint_of(said)[:16]}"


def _document_link(job: Job) -> tuple[str, str]:
    document = document_about(KIND_NAME, job.payload["subject"])
    return ("Télécharger la lettre", document.get_absolute_url()) if document else _back_link(job)


def _back_link(job: Job) -> tuple[str, str]:
    removal = Removal.objects.select_related("membership__member__cpts").get(pk=job.payload["removal"])
    member = removal.membership.member
    return "Revenir à la procédure", reverse(
        "members:removal", args=[member.cpts.slug, member.pk, removal.pk]
    )


REMOVAL_LETTER = JobKind(
    name=KIND_NAME,
    label="Lettre d’invitation à s’expliquer",
    run=make_letter,
    result_url=_document_link,
    back_url=_back_link,
    visible_to=open_under(can_decide_memberships),
)
