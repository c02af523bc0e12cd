"""What came of one request: opened within the history, or on its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import uuid4

from django.urls import reverse

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.models import District
from districts.queries import has_right
from districts.requests import SignedInRequest
from districts.tables import paginate
from interchange.faults import Code
from reports.models import Report
from reports.queries import reports_of
from resync.addresses import resync_address
from resync.choices import Dot
from resync.plan import offered_names
from resync.wording import counted
from selective_sync.choices import OPEN_SYNC, KeyOutcome
from selective_sync.models import SyncObject, SyncRequest
from selective_sync.queries import Details, details, first_keys, keys_with
from selective_sync.report import KIND
from selective_sync.tables import KeyTable, ObjectTable, asker_of, clock, dot_of, reason_of, status_words

_KEYS_ON_A_PAGE = 100
# Of a request that is opened within the history: so many IDs of each kind.
_KEYS_OPENED = 8
_SHOWN = {
    "": ("All", None),
    "failed": ("Failed", Dot.RED),
    "not_found": ("Not found", Dot.NOT_ATTEMPTED),
    "pending": ("Not attempted", Dot.QUEUED),
    "synced": ("At the state", Dot.GREEN),
}


@dataclass(frozen=True)
class Chip:
    """A filter over the IDs of a request."""

    value: str
    label: str
    dot: Dot | None
    count: int
    is_pressed: bool


def _has_news(each: SyncObject) -> bool:
    return bool(each.processed or each.reason)


@dataclass(frozen=True)
class OpenedKey:
    key: int
    reason: str


class RequestPage:
    """What came of one request: opened within the history, or on its own page."""

    def __init__(self, request: SignedInRequest, district: District, sync_request: SyncRequest) -> None:
        self.request = request
        self.user = request.user
        self.district = district
        self.asked = sync_request
        self.token = uuid4()

    @cached_property
    def details(self) -> Details:
        return details(self.asked)

    @property
    def is_open(self) -> bool:
        return self.asked.status in OPEN_SYNC

    @property
    def may_sync(self) -> bool:
        return has_right(self.user, Tool.SELECTIVE_SYNC, Right.WRITE)

    @property
    def delete_url(self) -> str:
        may = has_right(self.user, Tool.SELECTIVE_SYNC, Right.DELETE) and not self.is_open
        return self._url("sync_request_delete") if may else ""

    @property
    def url(self) -> str:
        return self._url("sync_request")

    @property
    def again_url(self) -> str:
        return self._url("sync_request_again")

    @property
    def report_url(self) -> str:
        return self._url("sync_request_report")

    @property
    def live_url(self) -> str:
        return f"{self.url}?seen={self.version}" if self.is_open else ""

    def _url(self, name: str) -> str:
        return reverse(name, args=[self.district.number, self.asked.pk])

    @property
    def version(self) -> str:
        return f"{self.asked.changed_at.timestamp():.6f}"

    @property
    def who(self) -> str:
        return asker_of(self.asked)

    @property
    def requested(self) -> str:
        return clock(self.asked.requested_at)

    @property
    def completed(self) -> str:
        return clock(self.asked.ended_at) if self.asked.ended_at else ""

    @property
    def _missing(self) -> dict[str, int]:
        told = self.details
        return {"missing": told.ids - told.synced, "errors_under": sum(each.errors for each in told.under)}

    @property
    def dot(self) -> Dot:
        return dot_of(self.asked, **self._missing)

    @property
    def status(self) -> str:
        return status_words(self.asked, **self._missing)

    @property
    def id_label(self) -> str:
        return label(definition(self.asked.object).key)

    @cached_property
    def first_keys(self) -> list[int]:
        return first_keys(self.asked, 6)

    @property
    def more_keys(self) -> int:
        return self.details.ids - len(self.first_keys)

    @property
    def not_synced(self) -> int:
        """How many are synced again: all but those that the district has no record of."""
        return self.details.failed + self.details.pending

    @property
    def lacks_parents(self) -> bool:
        """Whether parents that the state lacks are why IDs failed."""
        failed = keys_with(self.asked, KeyOutcome.FAILED)
        return failed.filter(code=Code.MISSING_PARENT).exists()

    @cached_property
    def objects(self) -> ObjectTable:
        """Those that had records, or could not be run."""
        may_see = has_right(self.user, Tool.AGENTS, Right.READ)
        log_of = self.district if may_see else None
        return ObjectTable([each for each in self._others if _has_news(each)], log_of=log_of)

    @property
    def objects_told(self) -> str:
        """Their counts in a line, above the table that tells them one by one."""
        objects = [each for each in self._others if _has_news(each)]
        counts = [
            f"{sum(each.processed for each in objects):,} processed",
            counted(sum(each.errors for each in objects), "error"),
            f"{sum(each.written for each in objects):,} written",
        ]
        return f"{counted(len(objects), 'other object')} with records: {', '.join(counts)}"

    @property
    def objects_without_records(self) -> list[str]:
        return [each.object for each in self._others if not _has_news(each)]

    @property
    def _others(self) -> list[SyncObject]:
        return [*self.details.parents, *self.details.under]

    # ---- Its IDs

    @property
    def shown(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in _SHOWN else ""

    @property
    def chips(self) -> list[Chip]:
        told = self.details
        counts = {"": told.ids} | {
            name: getattr(told, name) for name in ("failed", "not_found", "pending", "synced")
        }
        return [
            Chip(value, words, dot, counts[value], value == self.shown)
            for value, (words, dot) in _SHOWN.items()
            if counts[value] or not value or value == self.shown
        ]

    @cached_property
    def keys(self) -> KeyTable:
        wanted = [KeyOutcome(self.shown)] if self.shown else list(KeyOutcome)
        table = KeyTable(
            keys_with(self.asked, *wanted),
            request=self.asked,
            parent_urls=self.parent_url,
            label=self.id_label,
        )
        paginate(table, self.request, _KEYS_ON_A_PAGE)
        return table

    def parent_url(self, parent: str) -> str:
        """The batch page with a missing parent chosen; empty for who may not send, and where it is not offered."""
        if parent not in self._offered:
            return ""
        return resync_address(self.user, self.district, [parent], self.asked.school_year_id)

    @cached_property
    def _offered(self) -> frozenset[str]:
        return offered_names(self.district, self.asked.school_year)

    @property
    def failed_opened(self) -> list[OpenedKey]:
        """The first that did not arrive, with the reasons."""
        outcomes = (KeyOutcome.FAILED, KeyOutcome.NOT_FOUND, KeyOutcome.PENDING)
        first = keys_with(self.asked, *outcomes)[:_KEYS_OPENED]
        return [OpenedKey(each.key, reason_of(self.asked, each, self.parent_url)) for each in first]

    @property
    def synced_opened(self) -> list[int]:
        return [each.key for each in keys_with(self.asked, KeyOutcome.SYNCED)[: _KEYS_OPENED * 3]]

    @property
    def not_arrived(self) -> int:
        return self.details.ids - self.details.synced

    @cached_property
    def reports(self) -> Sequence[Report]:
        return reports_of(KIND, self.asked.pk, self.user)
