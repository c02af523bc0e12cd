"""Wakes workers. A message carries one id and no state: losing it costs one sweep, getting it twice costs nothing."""

import logging
from collections.abc import Iterable
from typing import Any

from kombu.exceptions import OperationalError

from config.celery import Queues, app

_log = logging.getLogger(__name__)
# A worker that is too busy to take a message within this time finds a newer one from the sweep.
_EXPIRES_SECONDS = 60


def wake(task: str, ids: Iterable[int], *, queue: Queues | None = None) -> None:
    """Sends the task one message for each id. Without a `queue` it is the one of the task's route."""
    options: dict[str, Any] = {"queue": queue.value} if queue else {}
    for each in ids:
        try:
            app.send_task(task, args=[each], expires=_EXPIRES_SECONDS, retry=False, **options)
        except OperationalError:
            _log.warning("The broker does not answer; the next sweep wakes what waits.")
            return
