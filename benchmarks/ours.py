"""Upstate itself: real batches, syncs and verifications on real Celery workers."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.db import connection, models

from benchmarks.dataset import OBJECTS, YEAR, Dataset
from benchmarks.measuring import Measured, ask, measuring, peak_of, tree
from config.celery import Queues
from config.wakeups import wake
from dis_objects.catalogue import definition
from districts.models import SchoolYear, User
from resync.actions import send_resync
from resync.models import Batch
from selective_sync.actions import request_sync
from selective_sync.choices import KeyOutcome
from selective_sync.models import SyncKey, SyncRequest
from verification.actions import request_verification
from verification.models import VerificationResult

_END_SECONDS = 3600
_TASKS = (
    "resync.tasks.push_next_chunk",
    "selective_sync.tasks.push_next_keys",
    "verification.tasks.compare_next_chunk",
)


class Piece(Protocol):
    """A batch, a request or a verification."""

    started_at: datetime | None
    ended_at: datetime | None

    def refresh_from_db(self) -> None: ...


@contextmanager
def workers(count: int, queue: Queues = Queues.BATCH) -> Iterator[subprocess.Popen[bytes]]:
    """So many worker processes, ready to take work."""
    pool = [
        "--pool=prefork",
        f"--concurrency={count}",
        f"--queues={queue}",
        "--without-mingle",
        "--without-gossip",
    ]
    with tempfile.NamedTemporaryFile(prefix="upstate-bench-worker-") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO", *pool],
            stdout=log,
            stderr=log,
            env=os.environ | {"DATABASE_URL": _database_url()},
            start_new_session=True,
        )
        try:
            _wait(lambda: b" ready." in Path(log.name).read_bytes(), 60)
            _warm(4 * count, queue)
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _warm(messages: int, queue: Queues) -> None:
    """Lets each process load what it needs, as it has long done where workers run all day: half a second."""
    for task in _TASKS:
        wake(task, [0] * messages, queue=queue)
    time.sleep(2)


def _database_url() -> str:
    known = connection.settings_dict
    return f"postgresql:///{known['NAME']}?host={known['HOST']}&user={known['USER']}&port={known['PORT']}"


def resync(data: Dataset, process: subprocess.Popen[bytes]) -> Measured:
    """A batch of all objects, by workers that run. Raises AssertionError when it did not end well."""
    with measuring(data.records) as measured:
        batch = send_resync(
            district=data.district, school_year=_year(), objects=OBJECTS, check_dependencies=False, by=None
        )
        _follow(batch, measured, process)
    batch = Batch.objects.get(pk=batch.pk)
    assert batch.status == "completed", f"the batch ended as {batch.status}"
    counted = batch.objects_in_order.aggregate(models.Sum("processed"))["processed__sum"]
    assert counted == data.records, f"{counted} records were processed, and not {data.records}"
    return measured


def selective_sync(data: Dataset, ids: list[int], process: subprocess.Popen[bytes]) -> Measured:
    by = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})[0]
    with measuring(len(ids)) as measured:
        request = request_sync(
            district=data.district,
            school_year=_year(),
            object_name="PersonIdentity",
            ids=ids,
            with_children=False,
            by=by,
        )
        _follow(request, measured, process)
    request = SyncRequest.objects.get(pk=request.pk)
    assert request.status == "completed", f"the request ended as {request.status}"
    synced = SyncKey.objects.filter(sync_object__request=request, outcome=KeyOutcome.SYNCED).count()
    failing = SyncKey.objects.filter(sync_object__request=request).exclude(outcome=KeyOutcome.SYNCED)
    assert synced == len(ids), f"{synced} keys were synced, and not {len(ids)}; others: {failing.count()}"
    return measured


def verify(data: Dataset, process: subprocess.Popen[bytes]) -> tuple[Measured, int]:
    """Also returns how many keys do not agree."""
    with measuring(data.records) as measured:
        [run] = request_verification(districts=[data.district], school_year=_year(), objects=OBJECTS, by=None)
        _follow(run, measured, process)
    results = VerificationResult.objects.filter(run=run)
    assert {each.status for each in results} == {"completed"}
    return measured, sum(each.not_at_state + each.not_at_district + each.differences for each in results)


def _year() -> SchoolYear:
    return SchoolYear.objects.get(end_year=YEAR)


def _follow(piece: Piece, measured: Measured, process: subprocess.Popen[bytes]) -> None:
    """Waits for its end. The time is what the database tells, without our own looking."""

    def has_ended() -> bool:
        piece.refresh_from_db()
        return piece.ended_at is not None

    _wait(has_ended, _END_SECONDS)
    assert piece.started_at is not None
    assert piece.ended_at is not None
    measured.seconds = (piece.ended_at - piece.started_at).total_seconds()
    measured.peak = max(map(peak_of, tree(process.pid)))


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"It did not happen within {seconds} seconds.")
        time.sleep(0.1)


def empty_state() -> None:
    """As before a first load."""
    tables = ", ".join(definition(name).table for name in OBJECTS)
    ask(f"TRUNCATE {tables}, interchange_recorderror, interchange_recorderrorcount")
    settle()


def settle() -> None:
    """Vacuum and statistics, as autovacuum would have brought them."""
    for name in OBJECTS:
        ask(f"VACUUM ANALYZE {definition(name).table}")
    ask("VACUUM ANALYZE interchange_recorderror")
