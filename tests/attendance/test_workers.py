"""Real beat and workers: the schedule that is kept in the database, and a refresh that nobody woke."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from attendance import actions
from attendance.choices import RunStatus
from attendance.models import AggregationRun, ScheduledResync
from districts.models import District, Zone
from resync.choices import Origin
from resync.models import Batch, ResyncRequest
from tests.attendance.conftest import enter, rows
from tests.conftest import DistrictDatabase
from tests.workers import beat, celery_process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def worker(tmp_path: Path) -> object:
    pool = ["--pool=prefork", "--concurrency=1", "--queues=attendance,sweep", "--without-mingle"]
    return celery_process(tmp_path, "worker", *pool, "-n", "attendance@test")


def test_beat_finds_a_refresh_that_was_forgotten_and_sends_who_is_due(
    district: District, school: DistrictDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(school)
    monkeypatch.setattr(actions, "wake", lambda *_, **__: None)  # the message is lost
    run = actions.start_refresh(district=district, calendars=None, by=None)
    Zone.objects.filter(district=district).update(resyncs_attendance_weekly=True)
    request = ResyncRequest.objects.create(
        school_year_id=2024,
        origin=Origin.SCHEDULE,
        objects_chosen=["AttendanceExcuse"],
        check_dependencies=False,
    )
    now = timezone.now()
    turn = ScheduledResync.objects.create(
        request=request, district=district, week=now.date(), due_at=now + timedelta(seconds=1)
    )
    with beat(tmp_path), worker(tmp_path):  # type: ignore[attr-defined]
        wait_until(lambda: AggregationRun.objects.get(pk=run.pk).status == RunStatus.COMPLETED)
        wait_until(lambda: ScheduledResync.objects.get(pk=turn.pk).batch is not None)
    assert [row[0] for row in rows(school)] == [1]
    assert Batch.objects.get().origin == Origin.SCHEDULE
