"""Locks that last until the end of the transaction."""

from interchange.state import StateStore

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
