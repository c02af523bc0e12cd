"""Which records of an object are pushed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyRange:
    """The next records in key order, at most `limit` of them (more only if several share the last key)."""

    limit: int


@dataclass(frozen=True)
class KeySet:
    """The records with these keys, in one go."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class RecordsUnder:
    """The records that belong to the records of `root` with these keys, in one go (interchange/lineage.py)."""

    root: str
    keys: tuple[int, ...]


Selection = KeyRange | KeySet | RecordsUnder
