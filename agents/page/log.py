"""The agent log: causes, and the records of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from agents.causes import Cause, Kind
from agents.forms import LogForm
from agents.queries import (
    Choices,
    DistrictShare,
    LogFilter,
    Place,
    RecordPage,
    cause,
    causes,
    districts_of_cause,
    filter_choices,
    records_of_cause,
    records_of_key,
)
from agents.tables import ErrorTable
from dis_objects.catalogue import offered_in_batch
from districts.district_filter import DistrictFilter, district_filter
from districts.models import District
from districts.requests import SignedInRequest
from resync.addresses import resync_address


@dataclass(frozen=True)
class CauseLine:
    """A cause in the list: its share is in tenths of a percent of all that is listed."""

    cause: Cause
    total: int
    url: str

    @property
    def share(self) -> str:
        return share_of(self.cause.records, self.total)


@dataclass(frozen=True)
class KindChip:
    kind: str
    label: str
    count: int
    is_pressed: bool


def share_of(part: int, total: int) -> str:
    tenths = (part * 2000 + total) // (total * 2) if total else 0
    return "under 0.1%" if part and not tenths else f"{tenths // 10}.{tenths % 10}%"


class LogQuery:
    """The filter of the address, and addresses that carry it on."""

    def __init__(self, request: SignedInRequest) -> None:
        self.user = request.user
        self.form = LogForm(request.GET)
        self.of: DistrictFilter = district_filter(request)
        self.asked: LogFilter = self.form.asked(request.user, self.of.district)

    @property
    def several_districts(self) -> bool:
        return self.of.district is None

    def address(self, route: str, **changed: str) -> str:
        """The route under this filter, with what is `changed` in it."""
        values = {
            "district": self.of.value if self.user.is_state_user else "",
            "object": self.asked.object,
            "code": self.asked.code,
            "school_year": str(self.asked.school_year or ""),
            "key": "" if self.asked.key is None else str(self.asked.key),
            "kind": self.asked.kind.value if self.asked.kind else "",
        } | changed
        return f"{reverse(route)}?{urlencode({name: value for name, value in values.items() if value})}"


class LogPage(LogQuery):
    """The agent log: causes first; with a key the records of that key."""

    def __init__(self, request: SignedInRequest) -> None:
        super().__init__(request)
        after = request.GET.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 19 else 0

    @cached_property
    def choices(self) -> Choices:
        return filter_choices(self.asked)

    @cached_property
    def _all_kinds(self) -> list[Cause]:
        return causes(replace(self.asked, kind=None))

    @cached_property
    def causes(self) -> list[Cause]:
        return [each for each in self._all_kinds if self.asked.kind in (None, each.kind)]

    @cached_property
    def total(self) -> int:
        return sum(each.records for each in self.causes)

    @property
    def lines(self) -> list[CauseLine]:
        return [
            CauseLine(
                each, self.total, self.address("agent_log_cause", code=each.code, about=each.about, kind="")
            )
            for each in self.causes
        ]

    @property
    def chips(self) -> list[KindChip]:
        counts = {kind: sum(each.records for each in self._all_kinds if each.kind == kind) for kind in Kind}
        chosen = self.asked.kind
        return [
            KindChip("", "All", sum(counts.values()), chosen is None),
            KindChip(Kind.FAILED.value, "Failed", counts[Kind.FAILED], chosen is Kind.FAILED),
            KindChip(
                Kind.EXCLUDED.value,
                "Excluded from state reporting",
                counts[Kind.EXCLUDED],
                chosen is Kind.EXCLUDED,
            ),
        ]

    @property
    def csv_url(self) -> str:
        return self.address("agent_log_csv")

    @cached_property
    def _key_page(self) -> RecordPage:
        return records_of_key(self.asked, self.after)

    @property
    def key_table(self) -> ErrorTable:
        return ErrorTable(self._key_page.errors, self.asked)

    @property
    def next_url(self) -> str:
        place = self._key_page.next_place
        return self.address("agent_log", after=str(place.id)) if place else ""


class CausePage(LogQuery):
    """One cause, opened: what to do, and its records; of all districts together, whose they are. Raises Http404."""

    def __init__(self, request: SignedInRequest) -> None:
        super().__init__(request)
        self.about = request.GET.get("about", "")
        self.after = Place.read(request.GET.get("after", ""))
        found = cause(self.asked, self.asked.code, self.about)
        if found is None:
            raise Http404("No record error with this cause is open any more.")
        self.cause = found

    @cached_property
    def shares(self) -> Sequence[DistrictShare]:
        return districts_of_cause(self.asked, self.cause)

    @property
    def lines_of_districts(self) -> list[tuple[DistrictShare, str]]:
        return [(each, self._here(district=each.district.number)) for each in self.shares]

    @cached_property
    def records(self) -> RecordPage:
        return records_of_cause(self.asked, self.cause, self.after)

    @property
    def table(self) -> ErrorTable:
        return ErrorTable(self.records.errors, self.asked)

    @property
    def first_url(self) -> str:
        return self._here() if self.after else ""

    @property
    def next_url(self) -> str:
        return self._here(after=str(self.records.next_place)) if self.records.next_place else ""

    @property
    def log_url(self) -> str:
        return self.address("agent_log", code="", kind="")

    @property
    def csv_url(self) -> str:
        return self.address("agent_log_csv", about=self.about)

    def _here(self, **changed: str) -> str:
        return self.address("agent_log_cause", **({"about": self.about} | changed))

    @property
    def resync_objects(self) -> tuple[str, ...]:
        """The missing parent and the objects that wait for it, as far as they are offered."""
        if not self.cause.missing_parent:
            return ()
        names = (self.cause.missing_parent, *self.cause.objects)
        offered = _offered_names(self.of.district)
        return tuple(name for name in dict.fromkeys(names) if name in offered)

    @property
    def resync_url(self) -> str:
        """Where the parent is resynced with its dependencies; empty for who may not send."""
        return resync_address(self.user, self.of.district, self.resync_objects, self.asked.school_year)


def _offered_names(district: District | None) -> set[str]:
    return {each.name for each in offered_in_batch(district.state.code)} if district else set()
