"""Process Alerts: the inbox, and the alert that is open beside it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import replace_url

from districts.navigation import entry_of
from districts.requests import SignedInRequest
from process_alerts import wording
from process_alerts.actions import delete_alerts, mark_read, mark_unread
from process_alerts.forms import Change, ChangeForm, FilterForm
from process_alerts.models import AlertRecipient
from process_alerts.queries import alert_for, in_order, inbox_of

ALERTS_PER_PAGE = 25


@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    template = "process_alerts/_inbox.html" if _asks_for_a_part(request) else "process_alerts/inbox.html"
    return render(request, template, _inbox(request))


@require_safe
def opened(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """Opening an alert marks it as read."""
    alert_for(request.user, alert_id)
    mark_read(alert_ids=[alert_id], by=request.user)
    context = _open(request, alert_for(request.user, alert_id))
    if _asks_for_a_part(request):
        return render(request, "process_alerts/opened.html", context)
    return render(request, "process_alerts/inbox.html", _inbox(request) | context)


@require_POST
def change(request: SignedInRequest) -> HttpResponse:
    """Marks or deletes the chosen alerts, and shows the inbox as it is then, by the same filter."""
    sentence = _change(request, ChangeForm(request.POST))
    address = f"{reverse('alerts')}?{request.GET.urlencode()}".rstrip("?")
    if not request.htmx:
        messages.info(request, sentence)
        return redirect(address)
    answer = render(request, "process_alerts/changed.html", _inbox(request) | {"sentence": sentence})
    return replace_url(answer, address)


def _change(request: SignedInRequest, form: ChangeForm) -> str:
    if not form.is_valid():
        return "The form could not be read. Load the page again, then choose the alerts once more."
    ids, by = form.alert_ids, request.user
    if not ids:
        return "No alert is chosen. Tick the alerts first."
    match form.cleaned_data["do"]:
        case Change.READ:
            return wording.marked(mark_read(alert_ids=ids, by=by), "read")
        case Change.UNREAD:
            return wording.marked(mark_unread(alert_ids=ids, by=by), "unread")
    deleted = delete_alerts(alert_ids=ids, by=by)
    return wording.deleted(deleted.alerts, deleted.still_due)


def _asks_for_a_part(request: SignedInRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _inbox(request: SignedInRequest) -> dict[str, Any]:
    form = FilterForm(request.GET)
    narrowed = form.narrow(inbox_of(request.user))
    unread = narrowed.filter(read_at=None)
    return {
        "form": form,
        "page": _page(request, in_order(unread if form.shows_unread_only else narrowed)),
        "all": narrowed.count(),
        "unread": unread.count(),
        "query": _query(request),
    }


def _page(request: SignedInRequest, alerts: Any) -> Page[AlertRecipient]:
    return Paginator(alerts, ALERTS_PER_PAGE).get_page(request.GET.get("page"))


def _open(request: SignedInRequest, each: AlertRecipient) -> dict[str, Any]:
    tool = entry_of(request.user, each.alert.url) if each.alert.url else None
    return {"opened": each, "each": each, "tool": tool.label if tool else "", "query": _query(request)}


def _query(request: SignedInRequest) -> str:
    """The filter and the page, to be found again after an alert was read or deleted."""
    return f"?{request.GET.urlencode()}" if request.GET else ""
