"""Whose record it is, in plain Python, for the reference engine: the ways written down by hand."""

from tests.interchange.rules import Row, Tables, matching

# From an object to the records that it belongs to: its column; or its column, another object, the column there that has
# the same value, and so on.
Way = tuple[str, ...]
_DIRECT: Way = ("person_id",)
_THROUGH_ENROLLMENT: Way = ("enrollment_id", "Enrollment", "enrollment_id", "person_id")
_THROUGH_ROLE: Way = ("role_id", "BehaviorRole", "role_id", "person_id")
WAYS: dict[tuple[str, str], Way] = {
    ("AttendanceExactCount", "Enrollment"): ("enrollment_id",),
    ("AttendanceExactCount", "PersonIdentity"): _THROUGH_ENROLLMENT,
    ("Behavior", "PersonIdentity"): _DIRECT,
    ("BehaviorDrug", "PersonIdentity"): _THROUGH_ROLE,
    ("BehaviorRole", "PersonIdentity"): _DIRECT,
    ("ContactLog", "PersonIdentity"): _DIRECT,
    ("Enrollment", "PersonIdentity"): _DIRECT,
    ("Plan", "PersonIdentity"): _DIRECT,
    ("Roster", "Enrollment"): ("enrollment_id",),
    ("Roster", "PersonIdentity"): _DIRECT,
    ("TestScore", "PersonIdentity"): _DIRECT,
    # Nothing of a score names an enrollment: it is its person's.
    ("TestScore", "Enrollment"): ("person_id", "Enrollment", "person_id", "enrollment_id"),
}


def roots_of(name: str) -> list[str]:
    return [root for each, root in WAYS if each == name]


def belongs_to(tables: Tables, name: str, row: Row, root: str, roots: set[int]) -> bool:
    return _leads_to(tables, row, WAYS[name, root], roots)


def _leads_to(tables: Tables, row: Row, way: Way, roots: set[int]) -> bool:
    column, *further = way
    if not further:
        return row[column] in roots
    name, matched, *rest = further
    return any(
        _leads_to(tables, each, tuple(rest), roots) for each in matching(tables, name, matched, row[column])
    )
