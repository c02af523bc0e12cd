"""Whether Upstate works, for whoever watches it. Tells nothing of whose work it is."""

from datetime import timedelta
from enum import StrEnum

from django.db import DatabaseError
from django.db.models.functions import Now
from django_celery_beat.models import PeriodicTask

from resync.choices import BatchStatus
from resync.models import BatchObject
from resync.queries import runnable_objects

# Above the time limit of a task (360 s), and above the 180 s after which beat writes when it last sent something.
PATIENCE = timedelta(minutes=10)


class Problem(StrEnum):
    """What is wrong, as the health page names it."""

    DATABASE = "database"  # the state's database refuses or does not answer
    SCHEDULE = "schedule"  # beat sends no sweep: what was lost is not found, and nothing starts at night
    STANDSTILL = "standstill"  # an object could be pushed, and no worker has pushed anything


def problems() -> list[Problem]:
    """Empty if all is well. A worker that lives and does nothing is a problem; one that waits for work is none."""
    try:
        found = {Problem.SCHEDULE: _beat_is_silent(), Problem.STANDSTILL: _stands_still()}
    except DatabaseError:
        return [Problem.DATABASE]
    return [problem for problem, is_there in found.items() if is_there]


def _beat_is_silent() -> bool:
    return not PeriodicTask.objects.filter(name="sweep", last_run_at__gt=Now() - PATIENCE).exists()


def _stands_still() -> bool:
    """By any worker in any district: one that waits behind another's large batch does not stand still."""
    waiting = runnable_objects().filter(batch__started_at__lte=Now() - PATIENCE)
    moved = BatchObject.objects.filter(
        batch__status=BatchStatus.RUNNING, started_at__isnull=False, changed_at__gt=Now() - PATIENCE
    )
    return waiting.exists() and not moved.exists()
