"""What the templates of Resync State Data - Batch read, at the district's level and at the state's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Paginator
from django.urls import reverse

from dis_objects.catalogue import hierarchy
from dis_objects.queries import YearOffset
from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User
from districts.queries import districts_of, has_right
from districts.requests import SignedInRequest
from resync import wording
from resync.choices import BatchStatus, Dot, result_dot
from resync.forms import Chip, DistrictFilterForm, FilterForm, OutcomeChip, chips_for, outcome_chips
from resync.mandatory import StartOfYear, start_of_year_due
from resync.models import Batch, BatchObject, ResyncRequest
from resync.progress import (
    DistrictProgress,
    RequestProgress,
    latest_batches,
    progress_of_batches,
    progress_of_request,
    reasons_of,
    requests_with_progress,
    version_of_rows,
)
from resync.queries import (
    BatchProgress,
    StatusRow,
    all_parents,
    batch_progress,
    may_cancel,
    open_batches,
    status_rows,
    version_of,
)
from resync.requests import is_open, offers_of, usual_year, years_that_sync
from resync.tables.requests import DistrictProgressTable, RequestTable
from resync.tables.status import StatusTable


@dataclass(frozen=True)
class Group:
    """The rows under one heading. Without a batch there is one group, and it needs no heading."""

    key: str
    title: str
    table: StatusTable


class StatusPage:
    """A district's status table for a school year, and the batch that runs, waits or has just ended.

    `attempts` are the objects of that batch; `ticked` the objects whose boxes are marked.
    """

    def __init__(
        self,
        request: SignedInRequest,
        district: District,
        school_year: SchoolYear,
        attempts: Collection[BatchObject],
        ticked: Collection[str] = (),
    ) -> None:
        self.user = request.user
        self.district = district
        self.school_year = school_year
        self.attempts = list(attempts)
        self.ticked = ticked
        self.filter = FilterForm(request.GET)

    @property
    def year_label(self) -> str:
        """Current, Previous or Next, as the heading says it."""
        offset = YearOffset(self.school_year.pk - self.district.zone.school_year_id)
        return offset.label.capitalize()

    @property
    def is_other_year(self) -> bool:
        return self.school_year.pk != self.district.zone.school_year_id

    @property
    def has_table(self) -> bool:
        """Whether there is anything to choose, or anything under way to watch."""
        return bool(self.rows or self.batch)

    @property
    def sets_years(self) -> bool:
        return self.user.is_state_user and has_right(self.user, Tool.ZONES, Right.READ)

    @cached_property
    def due(self) -> StartOfYear | None:
        return start_of_year_due(self.user, self.district)

    @property
    def batch(self) -> Batch | None:
        return self.attempts[0].batch if self.attempts else None

    @property
    def can_send(self) -> bool:
        return may_send(self.user, self.district)

    @property
    def can_cancel(self) -> bool:
        return self.batch is not None and may_cancel(self.user, self.batch)

    @cached_property
    def rows(self) -> list[StatusRow]:
        return status_rows(self.user, self.district, self.school_year, self.batch)

    @property
    def groups(self) -> list[Group]:
        in_batch = [row for row in self.rows if row.in_batch]
        others = [row for row in self.rows if not row.in_batch]
        return [
            Group("batch", "In this resync", self.table(in_batch)),
            Group("others", "Other objects" if in_batch else "", self.table(others)),
        ]

    def table(self, rows: Iterable[StatusRow]) -> StatusTable:
        return StatusTable(rows, can_send=self.can_send, shown=self.filter, ticked=self.ticked)

    @property
    def chips(self) -> list[Chip]:
        return chips_for(self.rows, self.filter)

    @cached_property
    def progress(self) -> BatchProgress:
        return batch_progress([row for row in self.rows if row.in_batch])

    @property
    def batch_dot(self) -> Dot:
        if self.batch is None or self.batch.status == BatchStatus.QUEUED:
            return Dot.QUEUED
        if self.batch.status in (BatchStatus.FAILED, BatchStatus.CANCELLED):
            return Dot(self.batch.status)
        finished = self.batch.status == BatchStatus.COMPLETED
        return result_dot(self.progress.records.done, self.progress.errors) if finished else Dot.GRAY

    @property
    def speed(self) -> int:
        return round(self.progress.records.rate)

    @property
    def took(self) -> str:
        if self.batch is None or self.batch.ended_at is None or self.batch.started_at is None:
            return ""
        return wording.duration(self.batch.ended_at - self.batch.started_at)

    @property
    def time_left(self) -> str:
        """Empty when nobody can tell: an object has never been counted, or nothing has moved yet."""
        left = self.progress.records.left
        return wording.duration(left) if left and self.progress.is_counted and self.live_url else ""

    @cached_property
    def queued_behind(self) -> int:
        """How many batches start after the one shown."""
        if self.batch is None:
            return 0
        return open_batches(self.user, self.district, self.school_year).filter(pk__gt=self.batch.pk).count()

    @property
    def live_url(self) -> str:
        """Where the page asks for news; empty when there will be none."""
        if self.batch is None or self.batch.ended_at:
            return ""
        address = reverse("batch_live", args=[self.district.number, self.batch.pk])
        return f"{address}?seen={version_of(self.attempts)}"


def may_send(user: User, district: District) -> bool:
    """A district sends its own data. The state asks for it in another way."""
    return user.district_id == district.pk and has_right(user, Tool.BATCH, Right.WRITE)


class RequestPage:
    """A request of the state, and how far its districts are. `ROWS` of them are shown at a time."""

    ROWS = 100

    def __init__(self, request: SignedInRequest, asked: ResyncRequest) -> None:
        self.user = request.user
        self.asked = asked
        self.filter = DistrictFilterForm(request.GET)
        self.rows = progress_of_batches(latest_batches(asked))
        found = [row for row in self.rows if self.filter.shows(row)]
        self.shown = Paginator(found, self.ROWS).get_page(request.GET.get("page"))

    @cached_property
    def progress(self) -> RequestProgress:
        return progress_of_request(self.rows)

    @property
    def name(self) -> str:
        return f"Request {self.asked.pk}"

    @property
    def objects(self) -> str:
        """What was asked for, in words."""
        whose = "it depends" if len(self.asked.objects_chosen) == 1 else "these depend"
        parents = f", and the objects that {whose} on" if self.asked.check_dependencies else ""
        return f"{wording.few(self.asked.objects_chosen, 12)}{parents}."

    @property
    def table(self) -> DistrictProgressTable:
        return self.table_of(list(self.shown))

    def table_of(self, rows: Sequence[DistrictProgress]) -> DistrictProgressTable:
        return DistrictProgressTable(rows, reasons=reasons_of(rows))

    @property
    def chips(self) -> list[OutcomeChip]:
        return outcome_chips(self.rows, self.filter)

    @property
    def unsuccessful(self) -> int:
        """How many districts a retry would send again."""
        return sum(row.status in (BatchStatus.FAILED, BatchStatus.CANCELLED) for row in self.rows)

    @property
    def open(self) -> int:
        """How many districts a cancellation would stop."""
        return sum(row.status in (BatchStatus.QUEUED, BatchStatus.RUNNING) for row in self.rows)

    @property
    def may_write(self) -> bool:
        return has_right(self.user, Tool.BATCH, Right.WRITE)

    @property
    def who(self) -> str:
        return wording.asker(self.asked)

    @property
    def dot(self) -> Dot:
        if self.progress.is_open:
            return Dot.GRAY
        if self.unsuccessful:
            return Dot.FAILED
        return result_dot(self.progress.processed, self.progress.errors)

    @property
    def headline(self) -> str:
        if self.progress.is_open:
            return "Request in progress"
        if not self.rows:
            return "Request without a district yet"
        return "Request ended; not every district completed" if self.unsuccessful else "Request finished"

    @property
    def planned(self) -> int:
        """How many objects each district sends, at most: the chosen ones and their parents."""
        return max((row.objects for row in self.rows), default=0)

    def live_url(self, shown: Iterable[DistrictProgress]) -> str:
        """Where the page asks for news of these rows; empty when there will be none."""
        if not self.progress.is_open:
            return ""
        seen = version_of_rows(self.rows, shown)
        return f"{reverse('request_live', args=[self.asked.pk])}?seen={seen}"


@dataclass(frozen=True)
class Element:
    """A DIS object that can be requested. `note` tells which states alone are offered it."""

    name: str
    parents: tuple[str, ...]
    note: str
    is_ticked: bool


@dataclass(frozen=True)
class DistrictBox:
    """A district that can be chosen; `reason` tells why it cannot."""

    number: str
    label: str
    reason: str
    is_ticked: bool


class StatePage:
    """Resync State Data - Batch at the state's level: what can be asked of whom, and what was asked."""

    def __init__(
        self,
        request: SignedInRequest,
        end_year: int | None,
        *,
        objects: Collection[str] = (),
        districts: Collection[str] = (),
    ) -> None:
        self.user = request.user
        self.ticked_objects = frozenset(objects)
        self.ticked_districts = frozenset(districts)
        self.years = years_that_sync()
        self.school_year = next((year for year in self.years if year.pk == end_year), None) or usual_year()
        self.requests = RequestTable(requests_with_progress(), request=request)
        self.requests.paginate(page=_number(request.GET.get("page")), per_page=20)

    @property
    def can_request(self) -> bool:
        return has_right(self.user, Tool.BATCH, Right.WRITE)

    @cached_property
    def all_districts(self) -> list[District]:
        return list(districts_of(self.user))

    @cached_property
    def open_districts(self) -> list[District]:
        return [each for each in self.all_districts if self.school_year and is_open(each, self.school_year)]

    @cached_property
    def elements(self) -> list[Element]:
        """The objects that any open district is offered, parents first."""
        if self.school_year is None:
            return []
        offers = offers_of(self.open_districts, self.school_year)
        offered = frozenset(name for names in offers.values() for name in names)
        return [
            Element(
                name=name,
                parents=tuple(above for above in all_parents(name) if above in offered),
                note=_only_in([state for (state, _), names in offers.items() if name in names], offers),
                is_ticked=name in self.ticked_objects,
            )
            for name in hierarchy().sorted(offered)
        ]

    @cached_property
    def districts(self) -> list[DistrictBox]:
        can = {each.pk for each in self.open_districts}
        return [
            DistrictBox(
                number=each.number,
                label=str(each),
                reason="" if each.pk in can else _why_closed(each),
                is_ticked=each.number in self.ticked_districts and each.pk in can,
            )
            for each in self.all_districts
        ]


def _only_in(states: Sequence[str], offers: Mapping[tuple[str, YearOffset], object]) -> str:
    return "" if len(states) == len(offers) else f"{', '.join(sorted(set(states)))} only"


def _why_closed(district: District) -> str:
    return f"in {district.zone.school_year}" if hasattr(district, "zone") else "no zone yet"


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 9 else 1
