"""The page of a request of the state: how far its districts are."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.core.paginator import Paginator
from django.urls import reverse

from districts.choices import Right, Tool
from districts.queries import has_right
from districts.requests import SignedInRequest
from resync import wording
from resync.choices import CANCELLABLE_BATCH, UNSUCCESSFUL_BATCH, Dot, result_dot
from resync.forms import Chip, DistrictFilterForm, outcome_chips
from resync.models import ResyncRequest
from resync.progress import (
    DistrictProgress,
    RequestProgress,
    latest_batches,
    progress_of_batches,
    progress_of_request,
    reasons_of,
    version_of_rows,
)
from resync.tables.requests import DistrictProgressTable


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
    def chips(self) -> list[Chip]:
        return outcome_chips(self.rows, self.filter)

    @property
    def unsuccessful(self) -> int:
        """How many districts a retry would send again."""
        return sum(row.status in UNSUCCESSFUL_BATCH for row in self.rows)

    @property
    def open(self) -> int:
        """How many districts a cancellation would stop."""
        return sum(row.status in CANCELLABLE_BATCH for row in self.rows)

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
