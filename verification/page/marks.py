"""What an open page has seen: a mark for each of its rows, so that only those that have changed are sent again."""

from collections.abc import Mapping
from zlib import crc32

_KEY, _MARK = 8, 6


def marks(shown: Mapping[str, object]) -> str:
    """`shown` is what each row tells, by the row's name."""
    return "".join(_key(name) + _mark(told) for name, told in shown.items())


def changed_since(seen: str, shown: Mapping[str, object]) -> list[str]:
    """The names of the rows that tell something else than in an earlier answer."""
    before = _read(seen)
    return [name for name, told in shown.items() if before.get(_key(name), _mark(told)) != _mark(told)]


def are_new(seen: str, shown: Mapping[str, object]) -> bool:
    """Whether there are rows that the page does not have."""
    before = _read(seen)
    return any(_key(name) not in before for name in shown)


def _read(seen: str) -> dict[str, str]:
    size = _KEY + _MARK
    rows = [seen[place : place + size] for place in range(0, len(seen), size)]
    return {row[:_KEY]: row[_KEY:] for row in rows}


def _key(name: str) -> str:
    return f"{crc32(name.encode()):08x}"


def _mark(told: object) -> str:
    return f"{crc32(repr(told).encode()) & 0xFFFFFF:06x}"
