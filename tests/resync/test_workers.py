"""Real workers on a real broker: what is killed or lost leaves the state and the counts of an undisturbed run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from dis_objects.catalogue import definition
from interchange.models import RecordError
from resync.choices import BatchStatus
from resync.models import Batch, BatchObject
from resync.queries import is_finished
from tests.conftest import DistrictDatabase
from tests.resync.conftest import counts, fill_people
from tests.workers import beat, kill, own_broker, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Send = Callable[..., Batch]

SMALL_CHUNKS = {"UPSTATE_CHUNK_RECORDS": "25"}


@pytest.fixture
def crowd(writer: DistrictDatabase) -> DistrictDatabase:
    """Enough records that a batch of chunks of 25 takes a few seconds."""
    fill_people(writer, persons=2_000, enrollments=3_000)
    return writer


def ended(batch: Batch) -> bool:
    return is_finished(Batch.objects.get(pk=batch.pk))


def pushed(batch: Batch) -> int:
    return sum(BatchObject.objects.filter(batch=batch).values_list("processed", flat=True))


def assert_as_undisturbed(batch: Batch) -> None:
    """The counts, the state and the errors that `fill_people` leads to, whatever happened on the way."""
    batch.refresh_from_db()
    assert batch.status == BatchStatus.COMPLETED
    assert counts(batch)["PersonIdentity"] == (2_000, 0)
    assert counts(batch)["Enrollment"] == (3_000, 350)
    assert definition("PersonIdentity").model.objects.count() == 2_000
    assert definition("Enrollment").model.objects.count() == 2_650
    assert RecordError.objects.count() == 350


def test_a_batch_runs_by_itself_through_the_broker(
    crowd: DistrictDatabase, send: Send, tmp_path: Path
) -> None:
    with worker(tmp_path):
        batch = send("Enrollment")
        wait_until(lambda: ended(batch))
    assert_as_undisturbed(batch)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    crowd: DistrictDatabase, send: Send, tmp_path: Path
) -> None:
    batch = send("Enrollment")
    with beat(tmp_path):
        for seen in (300, 1_100, 2_600):
            with worker(tmp_path, **SMALL_CHUNKS) as victim:
                wait_until(lambda limit=seen: pushed(batch) > limit)  # type: ignore[misc]
                kill(victim)
                assert not ended(batch)
        with worker(tmp_path, **SMALL_CHUNKS):
            wait_until(lambda: ended(batch))
    assert_as_undisturbed(batch)


def test_a_broker_that_is_killed_and_forgets_everything_costs_sweeps_only(
    crowd: DistrictDatabase, send: Send, tmp_path: Path
) -> None:
    batch = send("Enrollment")
    with own_broker() as broker:
        theirs = {"BROKER_URL": broker.url}
        with beat(tmp_path, **theirs), worker(tmp_path, **SMALL_CHUNKS, **theirs):
            for seen in (300, 1_100, 2_600):
                wait_until(lambda limit=seen: pushed(batch) > limit)  # type: ignore[misc]
                broker.stop()  # by SIGKILL, and it keeps nothing
                assert not ended(batch)
                broker.start()
            wait_until(lambda: ended(batch))
    assert_as_undisturbed(batch)


def test_a_request_is_kept_when_the_broker_is_gone(
    crowd: DistrictDatabase, send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import current_app  # noqa: PLC0415

    with monkeypatch.context() as gone:
        gone.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
        gone.setattr(current_app, "_pool", None)
        batch = send("Enrollment")
    assert Batch.objects.get(pk=batch.pk).status == BatchStatus.RUNNING
    with beat(tmp_path), worker(tmp_path):
        wait_until(lambda: ended(batch))
    assert_as_undisturbed(batch)


def test_connections_of_killed_workers_go_away(crowd: DistrictDatabase, send: Send, tmp_path: Path) -> None:
    batch = send("Enrollment")
    with worker(tmp_path, **SMALL_CHUNKS) as victim:
        wait_until(lambda: pushed(batch) > 300)
        kill(victim)
    wait_until(lambda: _idle_in_transaction() == 0, seconds=15)


def _idle_in_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state <> 'idle'"
        )
        return int(cursor.fetchone()[0])
