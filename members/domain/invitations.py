"""Inviting professionals in practice who are not members: from the national directory to the registry."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from core.access.actors import Actor
from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.domain.coverage import GENERAL_PRACTITIONER, Coverage, Practitioner, coverage_of, is_rpps
from members.domain.members import PlaceValues, add_member, hold_registry
from members.enums import DoctorKind, MemberKind, Participation
from members.models import DirectoryEdition, Member

NOT_IN_PRACTICE = (
    "Ce professionnel n’est pas, ou n’est plus, dans l’annuaire national pour votre territoire. "
    "Choisissez-le dans la liste."
)


class NotInPracticeError(ObjectDoesNotExist):
    """The current edition holds nobody of that key on the territory."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An entry of the registry to invite; `is_new` unless the person was in it already."""

    member: Member
    is_new: bool


@transaction.atomic
def invite(cpts: Cpts, key: str, *, by: Actor, now: datetime) -> Invitation:
    """Write a professional in practice in the registry as a contact whose participation is to confirm.

    In: the key of a `Practitioner`. Who is in the registry already is returned as they are, and so is the
    entry that a first click made. Raises NotInPracticeError.
    """
    hold_registry(cpts)
    coverage = coverage_of(cpts, timezone.localdate(now))
    people = coverage.practitioners if coverage else ()
    practitioner = next((each for each in people if each.key == key), None)
    if coverage is None or practitioner is None:
        raise NotInPracticeError(NOT_IN_PRACTICE)
    if known := _known(cpts, practitioner):
        return Invitation(known, is_new=False)
    places = _places(coverage, practitioner)
    note = f"Depuis l’annuaire national, édition du {long_date(coverage.edition.published_on)}"
    member = add_member(cpts, _values(practitioner), places=places, by=by, now=now, note=note)
    return Invitation(member, is_new=True)


def invitation_text(cpts: Cpts, member: Member, *, form_url: str) -> str:
    """Return the message that invites somebody, to be copied; `form_url` is "" while the form is closed.

    It says where what is known of them comes from, as the RGPD wants (article 14).
    """
    contact = cpts.contact_email
    signature = (", ".join(filter(None, (cpts.representative_name, cpts.representative_capacity))), cpts.name)
    paragraphs = (
        "Bonjour,",
        _why(cpts, member),
        _how(form_url, contact),
        _whence(contact),
        "Bien cordialement,",
        "\n".join(filter(None, signature)),
    )
    return "\n\n".join(filter(None, paragraphs))


def _known(cpts: Cpts, practitioner: Practitioner) -> Member | None:
    registry = Member.objects.filter(cpts=cpts, merged_into=None)
    if practitioner.entry:
        return registry.get(pk=practitioner.entry.pk)
    # Somebody whose profession nobody wrote is compared with nobody, yet holds the number.
    rpps = _rpps(practitioner)
    return registry.filter(rpps=rpps).first() if rpps else None


def _values(practitioner: Practitioner) -> dict[str, str]:
    is_general = practitioner.activity == GENERAL_PRACTITIONER
    return {
        "kind": MemberKind.NATURAL,
        "last_name": practitioner.last_name,
        "first_name": practitioner.first_name,
        "profession": practitioner.profession,
        "doctor_kind": DoctorKind.GENERAL if is_general else "",
        "exercise_mode": practitioner.exercise_mode,
        "rpps": _rpps(practitioner),
        "participation": Participation.TO_CONFIRM,
    }


def _rpps(practitioner: Practitioner) -> str:
    return practitioner.identifier[1:] if is_rpps(practitioner.identifier) else ""


def _places(coverage: Coverage, practitioner: Practitioner) -> list[PlaceValues]:
    names = {commune.code: commune.name for commune in coverage.communes}
    return [
        PlaceValues(label=structure[:150], commune_code=code, commune_name=names[code])
        for code, structure in practitioner.places.items()
    ]


def _why(cpts: Cpts, member: Member) -> str:
    where = f" à {member.commune_name}" if member.commune_name else " sur ce territoire"
    return (
        f"{cpts.name} réunit les professionnels de santé et du social du territoire\u00a0: accès aux soins, "
        f"parcours des patients, prévention. Vous exercez{where}, et nous aimerions vous y compter."
    )


def _how(form_url: str, contact: str) -> str:
    if form_url:
        return f"Pour adhérer, quelques minutes suffisent\u00a0: {form_url}"
    return f"Pour adhérer, ou nous poser une question, écrivez-nous à {contact}." if contact else ""


def _whence(contact: str) -> str:
    edition = DirectoryEdition.objects.current()
    of_edition = f", édition du {long_date(edition.published_on)}" if edition else ""
    write = f" en nous écrivant à {contact}" if contact else ""
    return (
        "Votre nom, votre profession, votre numéro RPPS et votre lieu d’exercice viennent de l’Annuaire "
        f"Santé, publié en libre accès par l’Agence du numérique en santé{of_edition}. Ils nous servent à "
        f"vous inviter, et à rien d’autre. Vous pouvez les consulter, les faire corriger ou effacer{write}."
    )
