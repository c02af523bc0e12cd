"""Wakes a worker for an aggregation. A message is one id and no state: losing it costs one sweep."""

import logging
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

_log = logging.getLogger(__name__)
_EXPIRES_SECONDS = 60


def wake(aggregation_run_id: int, *, queue: str | None = None) -> None:
    """Without a `queue` it is the one of the task's route, which people wait for."""
    options: dict[str, Any] = {"queue": queue} if queue else {}
    try:
        current_app.send_task(
            "attendance.tasks.run_aggregation",
            args=[aggregation_run_id],
            expires=_EXPIRES_SECONDS,
            retry=False,
            **options,
        )
    except OperationalError:
        _log.warning("The broker does not answer; the next sweep wakes the aggregation.")
