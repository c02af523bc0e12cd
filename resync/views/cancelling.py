"""Cancels a batch, after a question."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from districts.choices import Right, Tool
from districts.queries import district_for, require_right
from districts.requests import SignedInRequest
from resync import wording
from resync.actions import cancel_batch
from resync.models import Batch
from resync.progress import progress_of_batches
from resync.queries import has_say_over, may_cancel, visible_origins


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, number: str, batch_id: int) -> HttpResponse:
    require_right(request.user, Tool.BATCH, Right.READ)
    require_right(request.user, Tool.BATCH, Right.WRITE)
    batch = _batch(request, number, batch_id)
    if not has_say_over(request.user, batch):
        raise PermissionDenied(
            "A district stops its own resyncs only, not one that the state or its schedule asked for."
        )
    if request.method == "POST":
        was_open = cancel_batch(batch=batch, by=request.user)
        batch.refresh_from_db()
        messages.success(request, wording.cancelled_batch(batch, was_open=was_open))
        return (
            redirect("request_page", batch.request_id)
            if batch.request_id
            else redirect("batch_of_district", number)
        )
    [progress] = progress_of_batches(Batch.objects.filter(pk=batch.pk))
    context = {"batch": batch, "progress": progress, "may_cancel": may_cancel(request.user, batch)}
    with timezone.override(ZoneInfo(batch.district.time_zone)):
        return render(request, "resync/batch_cancel.html", context)


def _batch(request: SignedInRequest, number: str, batch_id: int) -> Batch:
    """Raises Http404 for a batch whose objects the user may not know, as for one that does not exist."""
    district = district_for(request.user, number)
    batches = Batch.objects.filter(district=district, origin__in=visible_origins(request.user))
    batch = batches.select_related("district", "school_year", "request").filter(pk=batch_id).first()
    if batch is None:
        raise Http404("There is no such resync.")
    return batch
