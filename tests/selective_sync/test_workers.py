"""Real workers on a real broker: a sync runs by itself, survives what is killed or lost, and waits for no batch."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from django.conf import settings

from config.celery import Queues
from districts.models import District, User
from interchange.models import RecordError
from resync.actions import send_resync
from resync.models import Batch, BatchObject
from resync.queries import is_finished
from selective_sync import actions
from selective_sync.choices import OPEN_SYNC, SyncStatus
from selective_sync.models import SyncObject, SyncRequest
from selective_sync.tasks import push_next_keys
from selective_sync.wakeups import wake
from tests.conftest import DistrictDatabase
from tests.interchange.pair import fill
from tests.interchange.records import record
from tests.selective_sync.conftest import ABOVE, Ask, at_state, counts, fill_district, outcomes, push_all
from tests.workers import Process, beat, celery_process, database_url, kill, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SMALL = {"UPSTATE_SYNC_KEYS": "25", "UPSTATE_CHUNK_RECORDS": "60"}


def worker(
    tmp_path: Path, *, queues: str = "interactive,sweep", concurrency: int = 1, **environment: str
) -> AbstractContextManager[Process]:
    pool = ["--pool=prefork", f"--concurrency={concurrency}", f"--queues={queues}", "--without-mingle"]
    return celery_process(tmp_path, "worker", *pool, "-n", f"s{monotonic()}@test", **environment)


@pytest.fixture
def crowd(district: District, writer: DistrictDatabase) -> DistrictDatabase:
    fill_district(writer, persons=1_000, enrollments=1_500)
    push_all(district, *ABOVE)
    return writer


def ended(request: SyncRequest) -> bool:
    request.refresh_from_db()
    return request.status not in OPEN_SYNC


def done(request: SyncRequest) -> int:
    return sum(SyncObject.objects.filter(request=request).values_list("keys_done", flat=True))


def assert_as_undisturbed(request: SyncRequest, district: District) -> None:
    """Persons 1 to 500 and what is theirs, whatever happened on the way."""
    assert request.status == SyncStatus.COMPLETED
    assert outcomes(request) == dict.fromkeys(range(1, 501), "synced")
    # Enrollments 1 to 499 and 1,000 to 1,499, but for those of nobody (every 20th).
    assert counts(request) == {
        "PersonIdentity": (500, 0),
        "ContactLog": (5, 0),
        "Enrollment": (950, 67),
        "Plan": (3, 0),
        "PlanProgressReport": (3, 0),
    }
    assert len(at_state(district, "Enrollment")) == 883
    assert RecordError.objects.count() == 67


def test_a_sync_runs_by_itself(crowd: DistrictDatabase, ask: Ask, district: District, tmp_path: Path) -> None:
    with worker(tmp_path):
        request = ask(*range(1, 501))
        wait_until(lambda: ended(request))
    assert_as_undisturbed(request, district)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    crowd: DistrictDatabase, ask: Ask, district: District, tmp_path: Path
) -> None:
    request = ask(*range(1, 501))
    with beat(tmp_path):
        for seen in (100, 600, 2_000):
            with worker(tmp_path, **SMALL) as victim:
                wait_until(lambda limit=seen: done(request) > limit)  # type: ignore[misc]
                kill(victim)
                assert not ended(request)
        with worker(tmp_path):
            wait_until(lambda: ended(request))
    assert_as_undisturbed(request, district)


def test_a_lost_message_costs_a_sweep(
    crowd: DistrictDatabase, ask: Ask, district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "wake", lambda ids: None)
    request = ask(*range(1, 501))
    with beat(tmp_path), worker(tmp_path):
        wait_until(lambda: ended(request))
    assert_as_undisturbed(request, district)


def test_messages_that_come_many_times_on_many_workers_double_nothing(
    crowd: DistrictDatabase, ask: Ask, district: District, tmp_path: Path
) -> None:
    request = ask(*range(1, 501))
    wake([request.pk] * 20)
    with worker(tmp_path, concurrency=3, **SMALL):
        wait_until(lambda: ended(request))
    assert_as_undisturbed(request, district)


def test_nothing_else_stands_in_the_queue_of_a_sync() -> None:
    """Two aggregations of minutes would keep both workers of `./upstate up` from it."""
    routes = settings.CELERY_TASK_ROUTES.items()
    assert [name for name, route in routes if route["queue"] == Queues.INTERACTIVE] == [push_next_keys.name]


@contextmanager
def held_up(*tables: str) -> Iterator[None]:
    """Nobody gets at these tables of the state, as if very long chunks were under way."""
    with psycopg.connect(database_url()) as other:
        other.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def test_a_sync_begins_within_five_seconds_while_a_batch_keeps_its_workers_busy(
    crowd: DistrictDatabase, ask: Ask, asker: User, district: District, tmp_path: Path
) -> None:
    fill(crowd, {"Test": [record("Test")]})
    with (
        worker(tmp_path, queues="batch,sweep"),
        worker(tmp_path, queues="interactive"),
        held_up("test"),
    ):
        batch = send_resync(
            district=district,
            school_year=district.zone.school_year,
            objects=["Test"],
            check_dependencies=False,
            by=asker,
        )
        wait_until(lambda: BatchObject.objects.filter(batch=batch, status="running").exists())
        request = ask(1, 2, with_children=False)
        wait_until(lambda: SyncRequest.objects.get(pk=request.pk).started_at is not None, seconds=5)
        wait_until(lambda: ended(request), seconds=20)
        assert not is_finished(Batch.objects.get(pk=batch.pk))
    assert at_state(district, "PersonIdentity") == {1, 2}
