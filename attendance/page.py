"""What the templates of Attendance Aggregation Refresh read."""

from collections.abc import Sequence
from functools import cached_property

from django.urls import reverse

from attendance.choices import RunStatus
from attendance.exceptions import NotPrepared
from attendance.models import AggregationRun
from attendance.queries import CalendarChoice, calendars_of, ended_runs, keeps_attendance, open_run
from attendance.tables import RunsTable, asker_of, dot_of, what_of
from districts.choices import Right, Tool
from districts.exceptions import DistrictError
from districts.models import District
from districts.queries import has_right
from districts.requests import SignedInRequest
from districts.tables import paginate
from resync.choices import Dot

_RUNS_ON_A_PAGE = 20


class RefreshPage:
    """A district's calendars, what is being added up, and what was."""

    def __init__(
        self, request: SignedInRequest, district: District, run: AggregationRun | None = None
    ) -> None:
        self.request = request
        self.user = request.user
        self.district = district
        self.run = run or open_run(district)
        self.hindrance = ""

    @property
    def may_refresh(self) -> bool:
        return has_right(self.user, Tool.ATTENDANCE_REFRESH, Right.WRITE)

    @cached_property
    def calendars(self) -> Sequence[CalendarChoice]:
        """Empty where they cannot be had; then `hindrance` says why and what to do."""
        try:
            return self._calendars()
        except DistrictError as error:
            self.hindrance = str(error)
            return []

    def _calendars(self) -> Sequence[CalendarChoice]:
        if not keeps_attendance(self.district):
            raise NotPrepared(
                f"{self.district.state.name} takes no aggregated attendance, so there is nothing to add up."
            )
        if self.district.database_name and not self.district.aggregation_user:
            raise NotPrepared(
                "The database of this district is not prepared for the aggregation of attendance. The operator of "
                "Upstate prepares it: docs/attendance.md tells how."
            )
        found = calendars_of(self.district)
        if not found:
            raise NotPrepared(
                "The district has no calendar in this school year, so there is nothing to add up."
            )
        return found

    @cached_property
    def runs(self) -> RunsTable:
        table = RunsTable(ended_runs(self.district), viewer=self.user)
        paginate(table, self.request, _RUNS_ON_A_PAGE)
        return table

    @property
    def what(self) -> str:
        return what_of(self.run) if self.run else ""

    @property
    def asker(self) -> str:
        return asker_of(self.run, self.user) if self.run else ""

    @property
    def dot(self) -> Dot:
        return dot_of(self.run) if self.run else Dot.NONE

    @property
    def is_queued(self) -> bool:
        return self.run is not None and self.run.status == RunStatus.QUEUED

    @property
    def live_url(self) -> str:
        if self.run is None:
            return ""
        address = reverse("attendance_refresh_live", args=[self.district.number, self.run.pk])
        return f"{address}?seen={version_of(self.run)}"


def version_of(run: AggregationRun) -> str:
    return f"{run.changed_at:%Y%m%d%H%M%S%f}"
