"""The agent queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page
from django.urls import reverse

from agents.queue import Queue, QueuedBatch
from districts.district_filter import DistrictFilter
from districts.models import District
from districts.requests import SignedInRequest
from resync import wording
from resync.choices import BatchStatus, Dot, ObjectStatus
from resync.history import asked_by
from resync.models import Batch, BatchObject
from resync.queries import Progress, dot_of, progress_of


@dataclass(frozen=True)
class ObjectLine:
    """An object that runs or waits for its database."""

    attempt: BatchObject
    dot: str
    words: str
    progress: Progress

    @property
    def pace(self) -> str:
        return wording.rate(self.progress) if self.attempt.status == ObjectStatus.RUNNING else ""


@dataclass(frozen=True)
class BatchLine:
    """A batch of the queue. `for_how_long` is since its start, or since it was asked for where it still waits."""

    queued: QueuedBatch
    who: str
    dot: str
    words: str
    for_how_long: str
    objects: Sequence[ObjectLine]
    is_quiet: bool


class QueuePage:
    """The agent queue."""

    def __init__(
        self, request: SignedInRequest, of: DistrictFilter, queue: Queue, shown: Page[Batch]
    ) -> None:
        self.user = request.user
        self.of = of
        self.queue = queue
        self.shown = shown

    @property
    def batches(self) -> list[BatchLine]:
        return [self._line(each) for each in self.queue.batches]

    def _line(self, queued: QueuedBatch) -> BatchLine:
        status = BatchStatus(queued.batch.status)
        return BatchLine(
            queued=queued,
            who=asked_by(queued.batch),
            dot=Dot.QUEUED.value if status == BatchStatus.QUEUED else Dot.GRAY.value,
            words=status.label,
            for_how_long=wording.duration(self.queue.now - queued.since),
            objects=[self._object_line(each) for each in queued.under_way],
            is_quiet=queued.is_quiet(self.queue.now),
        )

    def _object_line(self, attempt: BatchObject) -> ObjectLine:
        dot = dot_of(attempt)
        words = wording.status_words(dot, attempt.processed, attempt.errors)
        return ObjectLine(attempt, dot.value, words, progress_of([attempt], self.queue.now))

    @property
    def quiet_for(self) -> str:
        """How long no worker has moved anything, if that is long; else empty."""
        if not self.queue.quiet:
            return ""
        since = self.queue.last_progress or min(each.since for each in self.queue.batches)
        return wording.duration(self.queue.now - since)

    @property
    def last_progress_ago(self) -> str:
        at = self.queue.last_progress
        return wording.duration(self.queue.now - at) if at else ""

    @property
    def districts(self) -> list[District]:
        """Whose databases the page can ask: the chosen district, or those that have an open batch."""
        if self.of.district:
            return [self.of.district]
        return list({each.batch.district_id: each.batch.district for each in self.queue.batches}.values())

    @property
    def live_url(self) -> str:
        """Where the page asks for news; empty while there is nothing to wait for."""
        if not self.queue.shown:
            return ""
        asked = {"district": self.of.value} if self.user.is_state_user else {}
        return f"{reverse('agent_queue')}?{urlencode(asked | {'page': self.shown.number, 'seen': self.queue.version})}"
