"""Wakes a worker for an aggregation."""

from config import wakeups
from config.celery import Queues


def wake(aggregation_run_id: int, *, queue: Queues | None = None) -> None:
    """Without a `queue` it is the one of the task's route, which people wait for."""
    wakeups.wake("attendance.tasks.run_aggregation", [aggregation_run_id], queue=queue)
