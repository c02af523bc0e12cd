"""The state's side: the psycopg connection under Django's, in the caller's transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction

StateStore = psycopg.Connection[Any]


def state_store() -> StateStore:
    """Raises TransactionManagementError outside `atomic`: a chunk commits as one or not at all."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A chunk is pushed inside transaction.atomic().")
    store: StateStore = connection.connection
    return store


@contextmanager
def in_time_zone(store: StateStore, time_zone: str) -> Iterator[None]:
    """Reads texts without a zone as the district's own time, as the district's database reads its timestamps."""
    before = store.execute("SELECT current_setting('timezone')").fetchone()
    _set_time_zone(store, time_zone)
    yield
    # Not in a `finally`: an error rolls the setting back with the transaction, which accepts no statement by then.
    _set_time_zone(store, before[0] if before else "UTC")


def _set_time_zone(store: StateStore, time_zone: str) -> None:
    store.execute("SELECT set_config('timezone', %s, true)", [time_zone])
