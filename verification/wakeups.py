"""Wakes workers for comparisons and removals."""

from collections.abc import Iterable

from config import wakeups


def wake_results(verification_result_ids: Iterable[int]) -> None:
    wakeups.wake("verification.tasks.compare_next_chunk", verification_result_ids)


def wake_removals(removal_ids: Iterable[int]) -> None:
    wakeups.wake("verification.tasks.remove_from_state", removal_ids)
