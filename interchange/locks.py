"""Locks that last until the end of the transaction."""

from django.conf import settings

from interchange.state import StateStore, state_store

_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def lock_for_push(store: StateStore, district_id: int, object_name: str) -> None:
    """One writer per object of a district. The district's own lock is shared by all pushes; whatever deletes at the
    state takes it alone, because a push has checked parents that must not go away before it commits."""
    store.execute(_SHARED, [_district(district_id)])
    store.execute(_EXCLUSIVE, [f"upstate push {district_id} {object_name}"])


def lock_for_delete(store: StateStore, district_id: int) -> None:
    """Waits for the pushes of a district that are under way, and keeps new ones out."""
    store.execute(_EXCLUSIVE, [_district(district_id)])


def _district(district_id: int) -> str:
    return f"upstate district {district_id}"


def limit_transaction() -> None:
    """Frees the locks of a worker that stands still: between statements, or in the middle of a COPY."""
    state_store().execute(
        "SELECT set_config('idle_in_transaction_session_timeout', %s, true),"
        " set_config('statement_timeout', %s, true)",
        [settings.IDLE_IN_TRANSACTION_TIMEOUT, settings.CHUNK_STATEMENT_TIMEOUT],
    )


def take_slot(district_id: int) -> bool:
    """One of the district's slots. They spare its database: so many workers read from it side by side."""
    return take_one_of(f"upstate slot {district_id}", settings.CHUNKS_PER_DISTRICT)


def take_one_of(name: str, slots: int) -> bool:
    """One of so many slots of this name, until the end of the transaction. False if others have them all."""
    return any(_try(f"{name} {slot}") for slot in range(slots))


def _try(name: str) -> bool:
    row = (
        state_store().execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name]).fetchone()
    )
    return bool(row and row[0])
