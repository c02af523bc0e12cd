"""Batch History: every batch, and what came of each of its objects."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from audit import actions as audit
from districts.choices import Right, Tool
from districts.csv_download import Cell, csv_response, file_name
from districts.district_filter import DistrictFilter, district_filter
from districts.queries import require_right
from districts.requests import SignedInRequest
from resync.forms import HistoryForm
from resync.history import (
    HistoryFilter,
    asked_by,
    batches,
    every_line,
    lines,
    objects_of,
    speed_of,
    visible_batch,
)
from resync.models import Batch, BatchObject
from resync.queries import may_cancel, version_of
from resync.tables.history import HistoryTable, ObjectHistoryTable
from resync.wording import duration, status_words

_PER_PAGE = 50
_LIST_HEAD = (
    *("Resync", "District", "Requested", "By", "School year", "Check dependencies", "Objects", "Status"),
    *("Started", "Ended", "Seconds", "Processed", "Errors", "Written", "Kept values"),
)
_BATCH_HEAD = (
    *(
        "Resync",
        "District",
        "Place",
        "Object",
        "Chosen",
        "Status",
        "Started",
        "Ended",
        "Seconds",
        "Held at start",
    ),
    *("Processed", "Errors", "Written", "Kept values", "Records per second", "Reason"),
)


@require_safe
def history(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.BATCH, Right.READ)
    of = district_filter(request)
    with of.in_its_time_zone():
        form = HistoryForm(request.GET)
        found = Paginator(batches(_asked(request, of, form)), _PER_PAGE).get_page(request.GET.get("page"))
        table = HistoryTable(lines(list(found)), exclude=_hidden(of))
        csv_url = f"{reverse('batch_history_csv')}?{request.GET.urlencode()}"
        context = {"of": of, "form": form, "table": table, "page": found, "csv_url": csv_url}
        return render(request, "resync/history.html", context)


@require_POST
def history_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """By POST, as every download: each is recorded, and looking changes nothing."""
    require_right(request.user, Tool.BATCH, Right.READ)
    of = district_filter(request)
    with of.in_its_time_zone():
        asked = _asked(request, of, HistoryForm(request.GET))
        audit.record_download(
            "batch history", by=request.user, district=of.district, count=batches(asked).count()
        )
        return csv_response(file_name("batch-history", of.value), _LIST_HEAD, _list_rows(asked))


@require_safe
def batch_history(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """A batch with its objects. While it is open the page asks for what is new: 204 if nothing is."""
    batch = _batch(request, batch_id)
    objects = objects_of(batch)
    version = version_of(objects) if objects else ""
    if request.htmx and request.GET.get("seen") == version:
        return HttpResponse(status=204)
    template = "resync/_history_batch.html" if request.htmx else "resync/history_batch.html"
    status = HTMX_STOP_POLLING if request.htmx and batch.ended_at else 200
    with timezone.override(ZoneInfo(batch.district.time_zone)):
        return render(request, template, _context(request, batch, objects, version), status=status)


@require_POST
def batch_history_csv(request: SignedInRequest, batch_id: int) -> StreamingHttpResponse:
    batch = _batch(request, batch_id)
    audit.record_download(
        "batch", by=request.user, district=batch.district, key=batch.pk, count=len(objects_of(batch))
    )
    name = file_name("batch", str(batch.pk), batch.district.number)
    with timezone.override(ZoneInfo(batch.district.time_zone)):
        return csv_response(name, _BATCH_HEAD, _batch_rows(batch))


def _batch(request: SignedInRequest, batch_id: int) -> Batch:
    require_right(request.user, Tool.BATCH, Right.READ)
    found = visible_batch(request.user, batch_id)
    if found is None:
        raise Http404("There is no such resync.")
    return found


def _asked(request: SignedInRequest, of: DistrictFilter, form: HistoryForm) -> HistoryFilter:
    return HistoryFilter(user=request.user, district=of.district, **form.wanted())


def _hidden(of: DistrictFilter) -> tuple[str, ...]:
    return ("district",) if of.district else ()


def _context(
    request: SignedInRequest, batch: Batch, objects: Sequence[BatchObject], version: str
) -> dict[str, Any]:
    line = lines([batch])[0]
    address = reverse("batch_history_of", args=[batch.pk])
    return {
        "batch": batch,
        "line": line,
        "took": duration(line.duration) if line.duration is not None else "",
        "status": status_words(line.dot, line.processed, line.errors),
        "table": ObjectHistoryTable(objects),
        "live_url": "" if batch.ended_at else f"{address}?seen={version}",
        "can_cancel": may_cancel(request.user, batch),
    }


def _list_rows(asked: HistoryFilter) -> Iterator[tuple[Cell, ...]]:
    for line in every_line(asked):
        batch = line.batch
        yield (
            batch.pk,
            batch.district.number,
            batch.requested_at,
            asked_by(batch),
            str(batch.school_year),
            batch.check_dependencies,
            line.objects,
            batch.get_status_display(),
            batch.started_at,
            batch.ended_at,
            line.duration.total_seconds() if line.duration else None,
            line.processed,
            line.errors,
            line.written,
            line.kept,
        )


def _batch_rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    now = timezone.now()
    for each in objects_of(batch):
        ended = each.ended_at or now
        yield (
            batch.pk,
            batch.district.number,
            each.place + 1,
            each.object,
            each.requested,
            each.get_status_display(),
            each.started_at,
            each.ended_at,
            (ended - each.started_at).total_seconds() if each.started_at else None,
            each.total,
            each.processed,
            each.errors,
            each.written,
            each.kept,
            speed_of(each, now),
            each.reason,
        )
