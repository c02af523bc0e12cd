"""The answers to open pages, which ask every two seconds what has changed.

Many people watch one batch, and it changes all the time. So a process reads what a batch shows at most every
LIVE_SECONDS, and draws each piece once for all who may see the same. Who asks has been let in before: here they are
told apart only by what they may see (`_Key`) and by what a piece depends on besides (`_View`). What a page has seen
before only decides which rows it gets.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django_htmx.http import HTMX_STOP_POLLING

from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User
from districts.queries import has_right
from districts.requests import SignedInRequest
from resync import wording
from resync.choices import Origin
from resync.models import BatchObject
from resync.page.status import StatusPage
from resync.queries import (
    StatusRow,
    batch_attempts,
    changed_since,
    is_finished,
    open_batch,
    status_rows,
    version_of,
    visible_origins,
)

# District, batch, and the origins of the attempts that may be seen.
_Key = tuple[int, int, tuple[Origin, ...]]


@dataclass(frozen=True)
class Answer:
    status: int
    text: str = ""


NOTHING_NEW = Answer(204)


@dataclass(frozen=True)
class _View:
    filter: str
    is_state_user: bool
    may_write: bool


@dataclass
class _Drawn:
    """The pieces of an answer: what is around the rows, the rows by object, and all of them under headings."""

    page: StatusPage
    frame: str
    rows: dict[str, str] = field(default_factory=dict)
    groups: str = ""


@dataclass
class _Shown:
    """What a batch showed at a moment, to all who may see the same of it."""

    user: User
    district: District
    attempts: Sequence[BatchObject]
    read_at: float = field(default_factory=monotonic)
    drawn: dict[_View, _Drawn] = field(default_factory=dict)

    @property
    def is_fresh(self) -> bool:
        return monotonic() - self.read_at < settings.LIVE_SECONDS

    @cached_property
    def version(self) -> str:
        return version_of(self.attempts)

    @property
    def school_year(self) -> SchoolYear:
        """Of the batch, not of the header: it may have changed in another tab."""
        return self.attempts[0].batch.school_year

    @cached_property
    def rows(self) -> list[StatusRow]:
        return status_rows(self.user, self.district, self.school_year, self.attempts[0].batch)

    @cached_property
    def following(self) -> "_Shown | None":
        """What the batch shows that has begun since this one ended."""
        if not is_finished(self.attempts[0].batch):
            return None
        running = open_batch(self.user, self.district, self.school_year)
        return _shown_now(self.user, self.district, running.pk) if running else None


_kept: dict[_Key, _Shown] = {}
_being_drawn: set[_Key] = set()
_changing = Lock()


def answer(request: SignedInRequest, district: District, batch_id: int) -> Answer | None:
    """What has changed since the page last asked; None if the user may see no such batch."""
    key = _key(request.user, district, batch_id)
    shown = _fresh(key)
    seen = request.GET.get("seen", "")
    if shown and seen == shown.version:
        return NOTHING_NEW
    with _alone(key) as alone:
        if not alone:
            return NOTHING_NEW
        shown = _shown_now(request.user, district, batch_id)
        if shown is None:
            return None
        return NOTHING_NEW if seen == shown.version else _news(request, shown, seen)


@contextmanager
def _alone(key: _Key) -> Iterator[bool]:
    """Whether nobody else draws this batch at the moment. Threads that draw the same side by side, or that wait for the
    one that does, keep all other pages waiting; who is told that there is nothing new asks again in two seconds."""
    with _changing:
        alone = key not in _being_drawn
        _being_drawn.add(key)
    try:
        yield alone
    finally:
        if alone:
            _being_drawn.discard(key)


def _news(request: SignedInRequest, shown: _Shown, seen: str) -> Answer:
    changed = changed_since(seen, shown.attempts)
    said = wording.news(changed, shown.attempts)
    drawn = _drawn_for(request, shown.following or shown)
    if shown.following:
        return _put_together(drawn, shown, groups=_groups(drawn, shown.following), news=said)
    names = {each.object for each in changed}
    rows = [_row(drawn, row, shown) for row in drawn.page.rows if row.name in names]
    return _put_together(drawn, shown, rows=rows, news=said)


def _view_of(request: SignedInRequest) -> _View:
    asked = request.GET.copy()
    asked.pop("seen", None)
    may_write = has_right(request.user, Tool.BATCH, Right.WRITE)
    return _View(asked.urlencode(), request.user.is_state_user, may_write)


def _key(user: User, district: District, batch_id: int) -> _Key:
    return district.pk, batch_id, visible_origins(user)


def _fresh(key: _Key) -> _Shown | None:
    kept = _kept.get(key)
    return kept if kept and kept.is_fresh else None


def _shown_now(user: User, district: District, batch_id: int) -> _Shown | None:
    key = _key(user, district, batch_id)
    if kept := _fresh(key):
        return kept
    for stale in [each for each, shown in list(_kept.items()) if not shown.is_fresh]:
        _kept.pop(stale, None)
    attempts = batch_attempts(user, district, batch_id)
    if not attempts:
        return None
    _kept[key] = _Shown(user, district, attempts)
    return _kept[key]


def _drawn_for(request: SignedInRequest, shown: _Shown) -> _Drawn:
    view = _view_of(request)
    if view not in shown.drawn:
        shown.drawn[view] = _draw(request, shown)
    return shown.drawn[view]


def _draw(request: SignedInRequest, shown: _Shown) -> _Drawn:
    """Without the request, so that nothing of a person gets into what others are answered."""
    page = StatusPage(request, shown.district, shown.school_year, shown.attempts)
    page.rows = shown.rows
    return _Drawn(page, _render("resync/_live_frame.html", shown, page=page))


def _groups(drawn: _Drawn, shown: _Shown) -> str:
    if not drawn.groups:
        drawn.groups = _render("resync/_batch_groups.html", shown, groups=drawn.page.groups, in_place=True)
    return drawn.groups


def _row(drawn: _Drawn, row: StatusRow, shown: _Shown) -> str:
    if row.name not in drawn.rows:
        table = drawn.page.table([row])
        drawn.rows[row.name] = _render("resync/_batch_rows.html", shown, table=table, in_place=True)
    return drawn.rows[row.name]


def _put_together(drawn: _Drawn, shown: _Shown, **pieces: object) -> Answer:
    status = 200 if drawn.page.live_url else HTMX_STOP_POLLING
    return Answer(status, _render("resync/live.html", shown, frame=drawn.frame, **pieces))


def _render(template: str, shown: _Shown, **context: object) -> str:
    with timezone.override(ZoneInfo(shown.district.time_zone)):
        return render_to_string(template, context)


def attempts_of_open_batch(user: User, district: District, school_year: SchoolYear) -> list[BatchObject]:
    running = open_batch(user, district, school_year)
    return batch_attempts(user, district, running.pk) if running else []
