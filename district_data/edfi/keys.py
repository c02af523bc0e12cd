"""Record keys from Ed-Fi's natural keys: the same in every load, whatever else the files hold.

Where Ed-Fi has a number that is unique (organisations, persons), the number is the key, so that people find
it again. Everything else gets 63 bits of a hash of the object, the school year if the object has one, and
the natural key.
"""

import hashlib

from dis_objects.catalogue import definition
from district_data.edfi.exceptions import KeyCollision

Identity = tuple[str | None, ...]

_NUMBERED = frozenset({"District", "School"})
# Students, staff and contacts are numbered apart in Ed-Fi, but are all persons here: each kind has its own
# million millions. A student's key is the student's number.
_PERSON_BLOCKS = {"Student": 0, "Staff": 10**12, "Contact": 2 * 10**12}
_LONGEST_NUMBER = 12
_SEPARATOR, _MISSING = "\x1f", "\x00"  # neither can be in XML


def person_key(kind: str, unique_id: str | None) -> int | None:
    """The key of a Student, Staff or Contact."""
    if unique_id is None:
        return None
    number = _number(unique_id)
    return _hash(("PersonIdentity", kind, unique_id)) if number is None else _PERSON_BLOCKS[kind] + number


def record_key(name: str, end_year: int, identity: Identity) -> int:
    """The key of any other record. A record of a year-bound object has another key in another year."""
    number = _number(identity[0]) if name in _NUMBERED else None
    if number is not None:
        return number
    year = str(end_year) if definition(name).school_year else None
    return _hash((name, year, *identity))


class KeyRegister:
    """Remembers whose key each key is, in 64 bits more of the same hash."""

    def __init__(self) -> None:
        self._owners: dict[str, dict[int, int]] = {}

    def enter(self, name: str, key: int, identity: Identity, place: str) -> bool:
        """Whether the key is new. False when the same identity had it before. Raises KeyCollision."""
        owners = self._owners.setdefault(name, {})
        owner = int.from_bytes(_digest((name, *identity))[8:])
        if key not in owners:
            owners[key] = owner
            return True
        if owners[key] != owner:
            raise KeyCollision(
                f"{place}: this {name} record and an earlier one have different identifiers in the files but "
                "the same key, as 7 and 007 would. Give one of the two another identifier."
            )
        return False


def _number(written: str | None) -> int | None:
    if written and written.isascii() and written.isdigit() and len(written) <= _LONGEST_NUMBER:
        return int(written)
    return None


def _hash(identity: Identity) -> int:
    return int.from_bytes(_digest(identity)[:8]) >> 1


def _digest(identity: Identity) -> bytes:
    text = _SEPARATOR.join(_MISSING if part is None else part for part in identity)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
