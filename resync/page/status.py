"""The page of a district: its status table, and the batch that runs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from dis_objects.queries import YearOffset
from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User
from districts.queries import has_right
from districts.requests import SignedInRequest
from resync import wording
from resync.choices import UNSUCCESSFUL_BATCH, BatchStatus, Dot, result_dot
from resync.forms import Chip, FilterForm, chips_for
from resync.mandatory import StartOfYear, start_of_year_due
from resync.models import Batch, BatchObject
from resync.queries import (
    BatchProgress,
    StatusRow,
    batch_progress,
    may_cancel,
    open_batches,
    status_rows,
    version_of,
)
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
        if self.batch.status in UNSUCCESSFUL_BATCH:
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
