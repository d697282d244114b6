"""The entry of the registry that an address names."""

from django.http import Http404

from core.organisations.models import Cpts
from members.models import Member


def entry_or_404(cpts: Cpts, member_id: int) -> Member:
    """Return an entry of a CPTS, merged or anonymised ones included; raises Http404 for any other."""
    found = Member.objects.filter(cpts=cpts).select_related("cpts").filter(pk=member_id).first()
    if found is None:
        raise Http404("Le registre de la CPTS n’a pas cette inscription.")
    return found


def kept_entry(member: Member) -> Member:
    """Return the entry into which one was merged, in the end; itself when it was not."""
    while member.merged_into is not None:
        member = member.merged_into
    return member
