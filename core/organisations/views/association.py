"""The sheet of the association and the stage it declares."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.access.verdict import StaleError
from core.organisations.domain.association import REFERENT_KINDS, missing_from_sheet, update_association
from core.organisations.domain.identifiers import spaced_siret
from core.organisations.domain.lifecycle import StageError, declare_stage, is_proven, steps_of
from core.organisations.domain.logo import logo_hash
from core.organisations.enums import Stage
from core.organisations.forms.association import AssociationForm
from core.organisations.forms.stage import StageForm
from core.organisations.models import Contact, Cpts
from core.organisations.rules import can_edit_association, can_see_contacts, can_see_cpts
from core.organisations.views.tenant import actor_of, in_cpts


@require_safe
@in_cpts(can_see_cpts)
def association(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show who the CPTS is and where it stands."""
    actor = actor_of(request)
    can_edit = bool(can_edit_association(actor, cpts))
    context = {
        "cpts": cpts,
        "steps": steps_of(cpts),
        "is_proven": is_proven(cpts),
        "siret": spaced_siret(cpts.siret),
        "logo_hash": logo_hash(cpts),
        "referents": _referents(cpts),
        "can_edit": can_edit,
        "can_see_contacts": bool(can_see_contacts(actor, cpts)),
        "missing": missing_from_sheet(cpts) if can_edit else [],
    }
    return render(request, "organisations/association.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_association)
def association_edit(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the sheet as a form, then write it; what another person wrote meanwhile is shown, not lost."""
    if request.method != "POST":
        return _sheet_form(request, cpts, AssociationForm(cpts=cpts))
    form = AssociationForm(request.POST, cpts=cpts)
    if not form.is_valid():
        return _sheet_form(request, cpts, form, status=400)
    revision = form.cleaned_data["revision"]
    try:
        update_association(cpts, form.values(), revision=revision, by=actor_of(request), now=timezone.now())
    except StaleError:
        return _stale_sheet(request, cpts, form)
    except ValidationError as error:
        form.add_error(None, error)
        return _sheet_form(request, cpts, form, status=400)
    messages.success(request, "La fiche est enregistrée.")
    return redirect(cpts)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_association)
def stage(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for the stage as long as nothing proves it, then write it."""
    if request.method != "POST":
        return _stage_form(request, cpts, StageForm(cpts=cpts))
    form = StageForm(request.POST, cpts=cpts)
    if not form.is_valid():
        return _stage_form(request, cpts, form, status=400)
    declared = Stage(form.cleaned_data["stage"]), form.cleaned_data["since"]
    try:
        declare_stage(cpts, *declared, seen=form.seen, by=actor_of(request), now=timezone.now())
    except StageError as error:
        form.add_error(None, str(error))
        return _stage_form(request, cpts, form, status=400)
    except StaleError:
        return _stage_form(request, cpts, StageForm(cpts=cpts), status=409)
    messages.success(request, "L’étape est enregistrée.")
    return redirect(cpts)


def _referents(cpts: Cpts) -> list[tuple[str, Contact | None]]:
    contacts = Contact.objects.in_bulk([pk for name in REFERENT_KINDS if (pk := getattr(cpts, f"{name}_id"))])
    return [
        (name.removesuffix("_referent").upper(), contacts.get(getattr(cpts, f"{name}_id")))
        for name in REFERENT_KINDS
    ]


def _sheet_form(
    request: HttpRequest,
    cpts: Cpts,
    form: AssociationForm,
    *,
    conflicts: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"cpts": cpts, "form": form, "conflicts": conflicts}
    return render(request, "organisations/association_edit.html", context, status=status)


def _stale_sheet(request: HttpRequest, cpts: Cpts, form: AssociationForm) -> HttpResponse:
    """Show what was typed again, on the present revision, beside what somebody else wrote."""
    cpts.refresh_from_db()
    typed = request.POST.copy()
    typed["revision"] = str(cpts.revision)
    again = AssociationForm(typed, cpts=cpts)
    return _sheet_form(request, cpts, again, conflicts=form.conflicts(cpts), status=409)


def _stage_form(request: HttpRequest, cpts: Cpts, form: StageForm, *, status: int = 200) -> HttpResponse:
    context = {"cpts": cpts, "form": form, "is_proven": is_proven(cpts), "is_stale": status == 409}
    return render(request, "organisations/association_stage.html", context, status=status)
