"""Agents - Queue: what runs, what waits, and whether a district's database answers."""

from zlib import crc32

from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HTMX_STOP_POLLING

from agents.page.queue import QueuePage
from agents.queries import PAGE
from agents.queue import Queue, open_batches
from districts.choices import Right, Tool
from districts.district_filter import district_filter
from districts.models import District
from districts.queries import district_for, require_right
from districts.requests import SignedInRequest
from interchange.check import answers

# Seconds for which an answer counts: a page that many look at asks a district's server once.
_ANSWER_COUNTS = 30


@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    """The page; for htmx the queue alone, and 204 while nothing has changed."""
    require_right(request.user, Tool.AGENTS, Right.READ)
    of = district_filter(request)
    shown = Paginator(open_batches(request.user, of.district), PAGE).get_page(request.GET.get("page"))
    page = QueuePage(request, of, Queue(request.user, of.district, list(shown), timezone.now()), shown)
    if request.htmx and request.GET.get("seen") == page.queue.version:
        return HttpResponse(status=204)
    template = "agents/_queue.html" if request.htmx else "agents/queue.html"
    status = 200 if page.live_url or not request.htmx else HTMX_STOP_POLLING
    with of.in_its_time_zone():
        return render(request, template, {"page": page}, status=status)


@require_safe
def database(request: SignedInRequest, number: str) -> HttpResponse:
    """Whether the district's database answers: asked for by itself, so that no page waits for it."""
    require_right(request.user, Tool.AGENTS, Right.READ)
    district = district_for(request.user, number)
    return render(request, "agents/_database.html", {"district": district, "problem": _problem(district)})


def _problem(district: District) -> str:
    # The entered address is part of the name: a corrected one is asked at once.
    entered = (district.database_name, district.database_host, district.database_port, district.database_user)
    name = f"database-answers-{district.pk}-{crc32(repr(entered).encode())}"
    known: str | None = cache.get(name)
    if known is None:
        known = answers(district)
        cache.set(name, known, _ANSWER_COUNTS)
    return known
