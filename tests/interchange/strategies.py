"""Generated districts: a family of objects with a few odd records each, and what happens to them.

A record begins plausible and gets up to two odd values. Keys come from a small range, so that copies, parents
that are there and parents that are missing all turn up.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import strategies as st

from dis_objects.catalogue import Field, definition, lockable_fields
from dis_objects.fields import ParentKey
from tests.interchange.records import CANARY, MAX, MIN, record
from tests.interchange.rules import Row, Tables
from tests.interchange.ways import roots_of

FAMILIES = (
    ("District", "School", "Calendar"),
    ("School", "Calendar", "ScheduleStructure", "StructureGradeLevel"),
    ("Calendar", "StructureGradeLevel", "PersonIdentity", "Enrollment"),
    ("CourseSection", "Enrollment", "Roster"),
    ("Calendar", "Enrollment", "Test", "TestScore"),
    ("BehaviorType", "BehaviorResolutionType", "Behavior"),
    ("PersonIdentity", "Plan", "ContactLog"),
    ("PersonIdentity", "Enrollment", "AttendanceExactCount"),
    ("PersonIdentity", "BehaviorRole", "BehaviorDrug"),
)
OBJECTS = tuple(sorted({name for family in FAMILIES for name in family}))
# Columns that the generated district keeps as text although the state does not.
TEXT_COLUMNS = frozenset(
    {
        ("PersonIdentity", "identity_id"),
        ("PersonIdentity", "birthdate"),
        ("PersonIdentity", "immigrant"),
        ("PersonIdentity", "person_guid"),
        ("Enrollment", "cohort_year"),
        ("Enrollment", "percent_enrolled"),
        ("Plan", "service_minutes"),
    }
)
# What the exclusions and the school year look at.
TELLING = frozenset(
    [
        "active",
        "course_active",
        "course_state_exclude",
        "date",
        "edit_not_available",
        "end_date",
        "end_year",
        "event_type_id",
        "exclude",
        "grade",
        "locked",
        "national_code",
        "no_show",
        "published",
        "resolution_type_id",
        "root_score_id",
        "state_code",
        "state_event_code",
        "state_exclude",
        "state_resolution_code",
    ]
)


@dataclass(frozen=True)
class Fill:
    """The district's records of one object are these now."""

    name: str
    rows: list[Row]


@dataclass(frozen=True)
class Push:
    """A resync of one object in chunks of `limit`, or of some keys of it, or of what belongs to some keys of `root`."""

    name: str
    end_year: int
    limit: int = 100
    keys: tuple[int, ...] | None = None
    by_state: bool = False
    root: str | None = None


@dataclass(frozen=True)
class Lock:
    """The state keeps its values in these columns of one object from now on."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    family: tuple[str, ...]
    steps: list[Fill | Lock | Push] = field(default_factory=list)


YEARS = st.sampled_from([2024, 2024, 2024, 2023])
BY_STATE = st.sampled_from([False, False, True])
LIMITS = st.sampled_from([2, 3, 1, 5])
KEYS = st.sampled_from([3, 4, 5, 6, 3, 4, 5, 6, 1, 2, None, -1, MIN, MAX])
POINTERS = st.sampled_from([1, 1, 2, 2, 3, 9, None, -1, MIN, MAX])
WANTED = st.lists(st.sampled_from([1, 2, 3, 4, 5, -1, 77, MIN, MAX]), max_size=5).map(tuple)

TEXTS = st.sampled_from(
    ["", CANARY, f"{CANARY} Zo\u00eb", f"{CANARY} Zoe\u0308", f"{CANARY}  ", f"שלום {CANARY}", "\t'\\N", "🦉"]
)
DAYS = st.sampled_from(
    ["2023-06-30", "2023-07-01", "2024-01-05", "2024-06-30", "2024-07-01", "0001-01-01", "9999-12-31"]
    + ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"]
)
TIMES = st.sampled_from(
    ["2024-01-05 10:00:00+00", "9999-12-31 23:59:59.999999+00", "infinity", "0044-03-15 00:00:00+00 BC"]
)
GUIDS = st.sampled_from(["0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11", "00000000-0000-0000-0000-000000000000"])
NUMBERS_AS_TEXT = [
    "7",
    " 8 ",
    "-3",
    "040",
    "40000",
    "-3000000000",
    str(MAX),
    str(MAX + 1),
    "seven",
    "1.5",
    "",
]
AS_TEXT = {
    "BigIntegerField": NUMBERS_AS_TEXT,
    "SmallIntegerField": NUMBERS_AS_TEXT,
    "IntegerField": NUMBERS_AS_TEXT,
    "DecimalField": [
        "1.5",
        "2.0005",
        "-2.0005",
        "1e2",
        "9999.9995",
        "1e9",
        "NaN",
        "Infinity",
        "1,5",
        "",
        CANARY,
    ],
    "BooleanField": ["yes", "0", " TRUE ", "maybe", "", CANARY],
    "DateField": ["2024-01-05", "2024-02-30", "10000-01-01", "infinity", "0044-03-15 BC", "", CANARY],
    "UUIDField": [
        "0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11",
        "{0D0E3B7A5B1C4D2F9A613F3C5C0F7A11}",
        "0d0e",
        CANARY,
    ],
}


@st.composite
def stories(draw: st.DrawFn, family: tuple[str, ...]) -> Story:
    """Fills and pushes a family, often in the wrong order, then changes and pushes it again."""
    tables = {name: draw(beginnings(name)) for name in family}
    steps: list[Fill | Lock | Push] = [Fill(name, rows) for name, rows in tables.items()]
    order = draw(st.one_of(st.just(family), st.permutations(family)))
    steps += [Push(name, 2024, draw(LIMITS), by_state=draw(BY_STATE)) for name in order]
    for _ in range(draw(st.integers(0, 4))):
        steps += draw(st.one_of(st.just([]), st.just([]), locks(family).map(lambda lock: [lock])))
        steps.append(draw(changes(tables)))
        steps.append(draw(pushes(family)))
    return Story(family, steps)


@st.composite
def beginnings(draw: st.DrawFn, name: str) -> list[Row]:
    """Most often there are two sound records, so that what hangs on them can arrive."""
    sound = [record(name, 1), record(name, 2)][: draw(st.sampled_from([2, 2, 2, 1, 0]))]
    return sound + draw(st.lists(records(name), min_size=draw(st.sampled_from([2, 1, 0])), max_size=4))


@st.composite
def pushes(draw: st.DrawFn, family: tuple[str, ...]) -> Push:
    name, end_year = draw(st.sampled_from(family)), draw(YEARS)
    root = draw(st.sampled_from([None, *roots_of(name)]))
    keys = draw(WANTED if root else st.one_of(st.none(), WANTED))
    return Push(name, end_year, draw(LIMITS), keys, draw(BY_STATE), root)


@st.composite
def locks(draw: st.DrawFn, family: tuple[str, ...]) -> Lock:
    """Often locks all that may be locked, so that a change is sure to meet a lock."""
    name = draw(st.sampled_from(family))
    lockable = lockable_fields(definition(name))
    chosen = draw(st.one_of(st.just(lockable), st.lists(st.sampled_from(lockable), unique=True)))
    return Lock(name, tuple(chosen))


@st.composite
def changes(draw: st.DrawFn, tables: Tables) -> Fill:
    """Inserts, updates or deletes a record of one object; remembers it in `tables`."""
    name = draw(st.sampled_from([*tables]))
    rows = list(tables[name])
    place = draw(st.integers(0, len(rows)))
    if place == len(rows):
        rows.append(draw(records(name)))
    elif draw(st.booleans()):
        rows[place] = rows[place] | draw(odd_values(name))
    else:
        del rows[place]
    tables[name] = rows
    return Fill(name, rows)


@st.composite
def records(draw: st.DrawFn, name: str) -> Row:
    return record(name, draw(KEYS)) | draw(odd_values(name))


@st.composite
def odd_values(draw: st.DrawFn, name: str) -> Row:
    times = draw(st.sampled_from([1, 1, 2, 0]))
    chosen = draw(st.lists(st.sampled_from(columns(name)), min_size=times, max_size=times))
    return {each.name: draw(values(each, (name, each.name) in TEXT_COLUMNS)) for each in chosen}


def columns(name: str) -> list[Field]:
    """All columns but the key; those that decide more are there more often."""
    fields = list(definition(name).fields[1:])
    return [each for each in fields if each.name in TELLING or isinstance(each, ParentKey)] * 3 + fields


def values(column: Field, is_text: bool) -> st.SearchStrategy[object]:
    kind = column.get_internal_type()
    if is_text:
        return st.none() | st.sampled_from(AS_TEXT[kind])
    if column.name == "end_year":
        return st.sampled_from([2023, 2024, 2025, None, 99999])
    if column.name == "grade":
        return st.sampled_from([CANARY[: column.max_length], "09", None, "12345"])
    if kind == "BigIntegerField":
        return POINTERS
    return st.none() | VALUES[kind](column)


def texts(column: Field) -> st.SearchStrategy[str]:
    longest = column.max_length or 40
    return TEXTS | st.sampled_from(["x" * longest, "🦉" * longest, "x" * (longest + 1), "x" * longest + " "])


def numbers(column: Field) -> st.SearchStrategy[Decimal]:
    limit = Decimal(10) ** (column.max_digits - column.decimal_places)
    step = Decimal(1).scaleb(-column.decimal_places)
    near = [
        limit,
        -limit,
        limit - step,
        limit - step / 2,
        limit - step * Decimal("0.51"),
        step / 2,
        -step / 2,
        step * 5 / 2,
    ]
    return st.sampled_from([*near, Decimal(0), Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+40")])


def whole_numbers(bits: int) -> st.SearchStrategy[int]:
    return st.sampled_from([0, 2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1, MIN, MAX])


VALUES = {
    "BooleanField": lambda column: st.booleans(),
    "CharField": texts,
    "DateField": lambda column: DAYS,
    "DateTimeField": lambda column: TIMES,
    "DecimalField": numbers,
    "IntegerField": lambda column: whole_numbers(31),
    "SmallIntegerField": lambda column: whole_numbers(15),
    "TextField": texts,
    "UUIDField": lambda column: GUIDS,
}
