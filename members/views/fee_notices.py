"""What was told to members about their fee: what left, what did not, what is to be sent again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.fee_campaigns import request_mails
from members.domain.fee_mails import not_sent, notice_figures, wait_again
from members.enums import NoticeState
from members.rules import can_keep_fees, can_see_fees
from members.views.fees import fees_url, year_of

_PAGE_SIZE = 50


@require_safe
@in_cpts(can_see_fees)
def fee_notices(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show how many e-mails left at each step, and those that did not."""
    year, _ = year_of(request)
    page = Paginator(not_sent(cpts, year), _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "cpts": cpts,
        "year": year,
        "figures": notice_figures(cpts, year),
        "page": page,
        "uncertain": any(notice.state == NoticeState.CLAIMED for notice in page),
        "may_keep": bool(can_keep_fees(actor_of(request), cpts)),
        "back_url": fees_url(cpts, year),
    }
    return render(request, "members/fees/notices.html", context)


@require_POST
@in_cpts(can_keep_fees)
def fee_notices_again(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Send again the notices that were ticked, and those that wait."""
    year, _ = year_of(request)
    typed = request.POST.getlist("avis")
    chosen = [int(each) for each in typed if each.isascii() and each.isdigit() and len(each) < 19]
    now = timezone.now()
    count = wait_again(cpts, year, chosen, by=actor_of(request), now=now)
    if not count and not not_sent(cpts, year).filter(state=NoticeState.WAITING).exists():
        messages.warning(request, "Cochez au moins un e-mail à renvoyer.")
        return redirect(f"{reverse('members:fee_notices', args=[cpts.slug])}?annee={year}")
    return redirect("jobs:detail", request_mails(cpts, year, now=now).pk)
