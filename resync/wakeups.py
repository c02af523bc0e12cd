"""Wakes workers. A message carries one id and no state: losing it costs one sweep, getting it twice costs nothing."""

import logging
from collections.abc import Iterable

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

_log = logging.getLogger(__name__)
# A worker that is too busy to take a message within this time finds a newer one from the sweep.
_EXPIRES_SECONDS = 60


def wake_on_commit(batch_object_ids: Iterable[int]) -> None:
    ids = list(batch_object_ids)
    transaction.on_commit(lambda: wake(ids))


def wake(batch_object_ids: Iterable[int]) -> None:
    for batch_object_id in batch_object_ids:
        try:
            current_app.send_task(
                "resync.tasks.push_next_chunk",
                args=[batch_object_id],
                expires=_EXPIRES_SECONDS,
                retry=False,
            )
        except OperationalError:
            _log.warning("The broker does not answer; the next sweep wakes what waits.")
            return
