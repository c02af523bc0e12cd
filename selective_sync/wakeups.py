"""Wakes a worker for a selective sync."""

from collections.abc import Iterable

from config import wakeups


def wake(sync_request_ids: Iterable[int]) -> None:
    wakeups.wake("selective_sync.tasks.push_next_keys", sync_request_ids)
