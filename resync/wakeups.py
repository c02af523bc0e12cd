"""Wakes workers for objects of batches."""

from collections.abc import Iterable

from django.db import transaction

from config import wakeups


def wake_on_commit(batch_object_ids: Iterable[int]) -> None:
    ids = list(batch_object_ids)
    transaction.on_commit(lambda: wake(ids))


def wake(batch_object_ids: Iterable[int]) -> None:
    wakeups.wake("resync.tasks.push_next_chunk", batch_object_ids)
