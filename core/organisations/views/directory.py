"""The screens of a directory of contacts, the same for a CPTS and for the shared one."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.organisations.domain.contact_import import ImportPlan, import_contacts, plan_import
from core.organisations.domain.contacts import add_contact, archive_contact, update_contact
from core.organisations.enums import ImportVerdict
from core.organisations.exports.contacts import contact_list
from core.organisations.forms.contacts import AgreementForm, ContactFileForm, ContactFilter, ContactForm
from core.organisations.models import Contact, Cpts
from core.organisations.models.contact import ContactQuerySet
from core.organisations.rules import can_edit_contact
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import write_csv, write_xlsx

_PAGE_SIZE = 50
# The rest of a long preview is counted, not listed: the file itself has it.
_SHOWN_ROWS = 100
_WITHDRAWN = (
    "Ce contact a été retiré de l’annuaire entre-temps\u00a0: copiez votre saisie et ajoutez-le de nouveau."
)
_WRITERS = {
    "xlsx": lambda sheet: write_xlsx([sheet]),
    "csv": write_csv,
}


@dataclass(frozen=True)
class Directory:
    """Whose directory is shown: a CPTS's, its own contacts beside the shared ones, or the shared one."""

    cpts: Cpts | None
    actor: Actor
    can_edit: bool
    urls: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cpts: Cpts | None, actor: Actor, *, can_edit: bool) -> "Directory":
        """Return the directory of a CPTS, or the shared one for None, with the addresses of its screens."""
        directory = cls(cpts, actor, can_edit)
        screens = ("contacts", "contact_add", "contacts_xlsx", "contacts_csv")
        imports = ("contacts_import", "contacts_agree")
        directory.urls.update({name: directory.url(name) for name in (*screens, *imports)})
        return directory

    @property
    def owner(self) -> str:
        """Who may agree to an import, and into which directory."""
        return f"{self.cpts.pk if self.cpts else 'shared'}:{self.actor.user_id}"

    def url(self, screen: str, *args: object) -> str:
        """Return the address of a screen of this directory."""
        if self.cpts is None:
            return reverse(f"organisations:shared_{screen}", args=args)
        return reverse(f"organisations:{screen}", args=[self.cpts.slug, *args])

    def contacts(self) -> ContactQuerySet:
        """Return all that it shows."""
        return Contact.objects.open_to(self.cpts.pk) if self.cpts else Contact.objects.shared()

    def editable(self, contact_id: int) -> Contact:
        """Return a contact to edit: 404 for what is not shown here, refused for what others keep."""
        contact = get_object_or_404(self.contacts().select_related("cpts"), pk=contact_id)
        can_edit_contact(self.actor, contact).require()
        return contact


def show_list(request: HttpRequest, directory: Directory) -> HttpResponse:
    """List the contacts, narrowed."""
    narrowing = _filter(request, directory)
    found = narrowing.narrowed(directory.contacts()).in_order()
    context = {
        "directory": directory,
        "filter": narrowing,
        "chips": [(words, _without(request, name)) for name, words in narrowing.chips()],
        "page": Paginator(found, _PAGE_SIZE).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
    }
    return render(request, "organisations/contacts.html", context)


def send_export(request: HttpRequest, directory: Directory, extension: str) -> HttpResponse:
    """Send the contacts, narrowed as the list is, as a spreadsheet."""
    contacts = _filter(request, directory).narrowed(directory.contacts()).in_order()
    write = _WRITERS[extension]
    return attachment(write(contact_list(contacts)), "annuaire", extension)


def show_new(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Ask for a contact, then add it."""
    blank = Contact(cpts=directory.cpts)
    form = ContactForm(request.POST if request.method == "POST" else None, contact=blank)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, directory, form, status=400 if form.is_bound else 200)
    try:
        add_contact(directory.cpts, form.values(), by=directory.actor, now=timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return _form_page(request, directory, form, status=400)
    messages.success(request, "Le contact est dans l’annuaire.")
    return redirect(directory.urls["contacts"])


def show_one(request: HttpRequest, directory: Directory, contact_id: int) -> HttpResponse:
    """Show a contact as a form, then write it."""
    contact = directory.editable(contact_id)
    form = ContactForm(request.POST if request.method == "POST" else None, contact=contact)
    if not form.is_bound or not form.is_valid():
        return _form_page(request, directory, form, contact, status=400 if form.is_bound else 200)
    revision = form.cleaned_data["revision"]
    try:
        update_contact(contact, form.values(), revision=revision, by=directory.actor, now=timezone.now())
    except StaleError:
        return _stale_page(request, directory, form, contact)
    except ValidationError as error:
        form.add_error(None, error)
        return _form_page(request, directory, form, contact, status=400)
    messages.success(request, "Le contact est corrigé.")
    return redirect(directory.urls["contacts"])


def withdraw(request: HttpRequest, directory: Directory, contact_id: int) -> HttpResponse:
    """Withdraw a contact; one that was already withdrawn is a second click."""
    own = Contact.objects.filter(cpts=directory.cpts, pk=contact_id, archived_at__isnull=False)
    if not own.exists():
        archive_contact(directory.editable(contact_id), by=directory.actor, now=timezone.now())
    messages.success(request, "Le contact est retiré de l’annuaire.")
    return redirect(directory.urls["contacts"])


def show_import(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Ask for a spreadsheet, then show what it would change; nothing is written."""
    posted = request.method == "POST"
    form = ContactFileForm(request.POST, request.FILES) if posted else ContactFileForm()
    if not posted or not form.is_valid():
        context = {"directory": directory, "form": form}
        return render(request, "organisations/contacts_import.html", context, status=400 if posted else 200)
    rows = form.cleaned_data["fichier"]
    plan = plan_import(directory.cpts, rows)
    return _preview(request, directory, plan, AgreementForm.to(plan, rows, owner=directory.owner))


def confirm_import(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Write what was shown and agreed to, or show it again when it is no longer the same."""
    form = AgreementForm(request.POST, owner=directory.owner)
    if not form.is_valid():
        messages.error(request, str(form.errors["lecture"][0]))
        return redirect(directory.urls["contacts_import"])
    rows, agreed = form.cleaned_data["lecture"]
    try:
        plan = import_contacts(directory.cpts, rows, agreed=agreed, by=directory.actor, now=timezone.now())
    except StaleError:
        plan = plan_import(directory.cpts, rows)
        again = AgreementForm.to(plan, rows, owner=directory.owner)
        return _preview(request, directory, plan, again, status=409)
    messages.success(request, _done(plan))
    return redirect(directory.urls["contacts"])


def _filter(request: HttpRequest, directory: Directory) -> ContactFilter:
    codes = directory.contacts().exclude(departement_code="").order_by("departement_code")
    used = list(codes.values_list("departement_code", flat=True).distinct())
    return ContactFilter(request.GET, codes=used)


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of the same list without one of its filters."""
    kept = request.GET.copy()
    for gone in (name, "page"):
        kept.pop(gone, None)
    return f"{request.path}?{kept.urlencode()}" if kept else request.path


def _form_page(
    request: HttpRequest,
    directory: Directory,
    form: ContactForm,
    contact: Contact | None = None,
    *,
    conflicts: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "directory": directory,
        "form": form,
        "contact": contact,
        "conflicts": conflicts,
        "archive_url": directory.url("contact_archive", contact.pk) if contact else "",
    }
    return render(request, "organisations/contacts_edit.html", context, status=status)


def _stale_page(
    request: HttpRequest, directory: Directory, form: ContactForm, contact: Contact
) -> HttpResponse:
    """Show what was typed again, on the present revision, beside what somebody else wrote."""
    contact.refresh_from_db()
    if contact.archived_at is not None:
        form.add_error(None, _WITHDRAWN)
        return _form_page(request, directory, form, contact, status=409)
    conflicts = form.conflicts(contact)
    typed = request.POST.copy()
    typed["revision"] = str(contact.revision)
    again = ContactForm(typed, contact=contact)
    return _form_page(request, directory, again, contact, conflicts=conflicts, status=409)


def _preview(
    request: HttpRequest, directory: Directory, plan: ImportPlan, form: AgreementForm, *, status: int = 200
) -> HttpResponse:
    listed = plan.refused or plan.to_write
    counts = [(verdict.label, plan.counts[verdict]) for verdict in ImportVerdict]
    context = {
        "directory": directory,
        "form": form,
        "plan": plan,
        "counts": counts,
        "rows": listed[:_SHOWN_ROWS],
        "hidden": max(0, len(listed) - _SHOWN_ROWS),
        "is_stale": status == 409,
    }
    return render(request, "organisations/contacts_preview.html", context, status=status)


def _done(plan: ImportPlan) -> str:
    new, changed = plan.counts[ImportVerdict.NEW], plan.counts[ImportVerdict.CHANGED]
    if not new and not changed:
        return "L’annuaire contenait déjà tout ce fichier\u00a0: rien n’a changé."
    return f"Import terminé\u00a0: contacts ajoutés, {new}\u00a0; corrigés, {changed}."
