"""Health means progress: a monitor hears of a beat that is silent and of workers that live and do nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from pytest_django import Settings

from agents import health
from agents.health import PATIENCE
from tests.factories.batch import BatchFactory, BatchObjectFactory

pytestmark = pytest.mark.django_db
A_LITTLE = timedelta(seconds=5)


def ago(duration: timedelta) -> datetime:
    return timezone.now() - duration


@pytest.fixture
def beat() -> PeriodicTask:
    """It has just sent a sweep."""
    every = IntervalSchedule.objects.create(every=15, period=IntervalSchedule.SECONDS)
    return PeriodicTask.objects.create(
        name="sweep", task="resync.tasks.sweep", interval=every, last_run_at=timezone.now()
    )


def told(client: Client) -> tuple[int, str, list[str]]:
    response = client.get("/health/")
    answer = response.json()
    return response.status_code, answer["status"], answer["problems"]


def work(*, started: timedelta, moved: timedelta | None = None, **more: object) -> None:
    """An object of a running batch; `moved` is when a worker last pushed something of it."""
    batch = BatchFactory(status="running", started_at=ago(started))
    begun = {"started_at": ago(started), "changed_at": ago(moved)} if moved else {"started_at": None}
    status = {"status": "running" if moved else "queued"}
    BatchObjectFactory(batch=batch, object="School", ended_at=None, **(status | begun | more))


def test_all_is_well_without_work(client: Client, beat: PeriodicTask) -> None:
    assert told(client) == (200, "ok", [])


def test_a_beat_that_was_never_started_is_told(client: Client) -> None:
    assert told(client) == (503, "failing", ["schedule"])


@pytest.mark.parametrize(("silent", "problems"), [(PATIENCE - A_LITTLE, []), (PATIENCE, ["schedule"])])
def test_a_beat_that_is_silent_for_ten_minutes_is_told(
    client: Client, beat: PeriodicTask, silent: timedelta, problems: list[str]
) -> None:
    PeriodicTask.objects.update(last_run_at=ago(silent))
    assert told(client)[2] == problems


@pytest.mark.parametrize("waited", [PATIENCE - A_LITTLE, PATIENCE])
def test_work_that_nobody_takes_for_ten_minutes_is_told(
    client: Client, beat: PeriodicTask, waited: timedelta
) -> None:
    work(started=waited)
    assert told(client)[2] == (["standstill"] if waited >= PATIENCE else [])


def test_a_worker_that_froze_in_the_middle_is_told(client: Client, beat: PeriodicTask) -> None:
    work(started=2 * PATIENCE, moved=PATIENCE)
    assert told(client)[2] == ["standstill"]


def test_work_that_waits_while_a_worker_moves_another_is_well(client: Client, beat: PeriodicTask) -> None:
    work(started=2 * PATIENCE)
    work(started=2 * PATIENCE, moved=A_LITTLE)
    assert told(client)[2] == []


def test_work_that_waits_for_its_districts_database_is_well(client: Client, beat: PeriodicTask) -> None:
    work(started=2 * PATIENCE, moved=PATIENCE, status="waiting", retry_at=timezone.now() + PATIENCE)
    assert told(client)[2] == []


def test_a_batch_that_has_ended_is_no_work(client: Client, beat: PeriodicTask) -> None:
    BatchObjectFactory(batch=BatchFactory(started_at=ago(2 * PATIENCE)), object="School")
    assert told(client)[2] == []


def test_a_database_that_does_not_answer_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> bool:
        raise OperationalError("could not connect to server at 10.0.0.5")

    monkeypatch.setattr(health, "_beat_is_silent", refuse)
    assert told(client) == (503, "failing", ["database"])


def test_a_monitor_inside_needs_no_tls(beat: PeriodicTask, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/health/").status_code == 200
    assert Client().get("/batch/").status_code == 301
