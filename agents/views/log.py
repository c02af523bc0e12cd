"""Agents - Log: why records did not end at the state."""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from agents.causes import Cause, kind_of, parent_of
from agents.page.log import CausePage, LogPage, LogQuery
from agents.queries import LogFilter, every_error, visible_errors
from audit import actions as audit
from districts.choices import Right, Tool
from districts.csv_download import Cell, csv_response, file_name
from districts.queries import require_right
from districts.requests import SignedInRequest
from interchange.faults import Code

_HEAD = (
    *(
        "District",
        "Object",
        "Key",
        "Kind",
        "Code",
        "Field",
        "What happened",
        "Missing parent",
        "Key of the parent",
    ),
    *("Records", "School year", "Resync", "First met", "Last met"),
)


@require_safe
def log(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.AGENTS, Right.READ)
    page = LogPage(request)
    with page.of.in_its_time_zone():
        return render(request, "agents/log.html", {"page": page})


@require_safe
def cause(request: SignedInRequest) -> HttpResponse:
    """One cause: on a page of its own, or for htmx the part that opens in the list."""
    require_right(request.user, Tool.AGENTS, Right.READ)
    page = CausePage(request)
    template = "agents/_cause.html" if request.htmx else "agents/cause.html"
    with page.of.in_its_time_zone():
        return render(request, template, {"page": page})


@require_POST
def log_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Every record error under the filter, with `about` those of one cause. By POST, because it is recorded."""
    require_right(request.user, Tool.AGENTS, Right.READ)
    query = CausePage(request) if request.GET.get("about") else LogQuery(request)
    found = query.cause if isinstance(query, CausePage) else None
    count = found.records if found else visible_errors(query.asked).count()
    audit.record_download("agent log", by=request.user, district=query.of.district, count=count)
    with query.of.in_its_time_zone():
        name = file_name("agent-log", query.of.value)
        return csv_response(name, _HEAD, _rows(query.asked, found))


def _rows(asked: LogFilter, found: Cause | None) -> Iterator[tuple[Cell, ...]]:
    for each in every_error(asked, found):
        is_missing = each.code == Code.MISSING_PARENT
        yield (
            each.district.number,
            each.object,
            each.key,
            kind_of(each.code).value,
            each.code,
            each.field,
            each.sentence,
            parent_of(each.object, each.field) if is_missing else "",
            each.parent_key,
            each.occurrences,
            each.school_year_id,
            each.batch_id,
            each.first_met_at,
            each.last_met_at,
        )
