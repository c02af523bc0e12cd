"""What a comparison finds: each case in every way that the engine may take to it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from dis_objects.catalogue import definition, definitions, lockable_fields
from district_data.tables import create_tables
from districts.databases import connection_parameters
from districts.exceptions import DistrictUnreachable
from districts.models import District
from interchange import checksums, comparison
from interchange.comparison import Method, compare_chunk, compared_fields
from interchange.exceptions import DistrictTableError
from tests.conftest import DistrictDatabase
from tests.interchange.comparing import COPYING, WAYS, compare, put, records, taking
from tests.interchange.comparing_reference import Compared
from tests.interchange.pair import fill, lock, push, state_of
from tests.interchange.records import MAX, MIN, full_record, record

COMPOSED, DECOMPOSED = "Zo\u00eb", "Zoe\u0308"
GUID, OTHER_GUID = "0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a11", "0d0e3b7a-5b1c-4d2f-9a61-3f3c5c0f7a12"


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    with taking(request.param):
        yield request.param


# object, field, what the district has, what the state has, whether that is a difference
VALUES: dict[str, tuple[str, str, Any, Any, bool]] = {
    "the same": ("School", "name", "North", "North", False),
    "another text": ("School", "name", "North", "South", True),
    "NULL against a text": ("School", "city", None, "Reno", True),
    "a text against NULL": ("School", "city", "Reno", None, True),
    "NULL against empty": ("School", "city", None, "", True),
    "empty against NULL": ("School", "city", "", None, True),
    "both NULL": ("School", "city", None, None, False),
    "both empty": ("School", "city", "", "", False),
    "case": ("School", "city", "Reno", "reno", True),
    "trailing blank": ("School", "city", "Reno ", "Reno", True),
    "composed and decomposed": ("School", "city", COMPOSED, DECOMPOSED, True),
    "both composed": ("School", "city", COMPOSED, COMPOSED, False),
    "both decomposed": ("School", "city", DECOMPOSED, DECOMPOSED, False),
    "right to left and an owl": ("School", "city", "שלום 🦉", "שלום 🦉", False),
    "the same GUID": ("School", "school_guid", GUID, GUID, False),
    "another GUID": ("School", "school_guid", GUID, OTHER_GUID, True),
    "true and false": ("School", "state_exclude", True, False, True),
    "false and unknown": ("School", "state_exclude", False, None, True),
    "another parent": ("School", "district_key", 2, 1, True),
    "largest numbers": ("School", "reporting_entity_id", MAX, MAX, False),
    "smallest and largest": ("School", "reporting_entity_id", MIN, MAX, True),
    "more than the state stores": ("StructureGradeLevel", "seq", 40000, 4000, True),
    "halves of 64 bits that fold alike": ("School", "reporting_entity_id", 4, 2**32 + 5, True),
    "minus one and 32 ones": ("School", "reporting_entity_id", -1, 2**32 - 1, True),
    "a decimal and its negative": (
        "HealthScreening",
        "height_inches",
        Decimal("60.5"),
        Decimal("-60.5"),
        True,
    ),
    "instants that fold alike": (
        "ContactLog",
        "contacted_on",
        "2024-01-05 10:00:00+00",
        "2024-01-05 11:11:34.967297+00:00",
        True,
    ),
    "another day": ("Plan", "start_date", "2024-01-05", "2024-01-06", True),
    "a day that the state cannot store": ("Plan", "start_date", "infinity", "2024-01-06", True),
    "rounds to the same": ("HealthScreening", "height_inches", Decimal("60.0449"), Decimal("60.04"), False),
    "rounds to another": ("HealthScreening", "height_inches", Decimal("60.0450"), Decimal("60.04"), True),
    "more places, same number": (
        "HealthScreening",
        "height_inches",
        Decimal("60.1"),
        Decimal("60.10"),
        False,
    ),
    "not a number against NULL": ("HealthScreening", "height_inches", Decimal("NaN"), None, True),
    "infinite against NULL": ("HealthScreening", "height_inches", Decimal("Infinity"), None, True),
    "not a number against a number": ("HealthScreening", "height_inches", Decimal("NaN"), 0, True),
    "NULL against 0": ("HealthScreening", "height_inches", None, 0, True),
    "a microsecond": (
        "ContactLog",
        "contacted_on",
        "2024-01-05 10:00:00.000001+00",
        "2024-01-05 10:00:00+00",
        True,
    ),
    "the same instant": (
        "ContactLog",
        "contacted_on",
        "2024-01-05 02:00:00-08",
        "2024-01-05 10:00:00+00",
        False,
    ),
    "long texts": ("ContactLog", "details", "x" * 100_000, "x" * 99_999 + "y", True),
}


@pytest.mark.parametrize("case", VALUES)
def test_field_differs(district: District, writer: DistrictDatabase, way: str, case: str) -> None:
    name, field, theirs, ours, differs = VALUES[case]
    known = definition(name)
    around = [key for key in range(1, 10) if key != 5]
    fill(writer, {name: records(name, *around) + records(name, 5, **{field: theirs})})
    put(district, name, *records(name, *around), *records(name, 5, **{field: ours}))
    compared, outcomes = compare(district, name)
    assert known.key != field
    assert compared == Compared(9, 9, 0, frozenset({(5, "difference", (field,))} if differs else ()))
    assert [each.method for each in outcomes] == [
        Method.COPY if way in COPYING else Method.CHECKSUMS for _ in outcomes
    ]


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("School", "city", ("Reno", "Elko")),
        ("School", "city", ("Reno", None)),
        ("School", "reporting_entity_id", (7, 8)),
        ("School", "state_exclude", (True, False)),
        ("HealthScreening", "height_inches", (Decimal("60.5"), Decimal("61.5"))),
        ("Plan", "start_date", ("2024-01-05", "2024-01-06")),
        ("ContactLog", "contacted_on", ("2024-01-05 10:00:00+00", "2024-01-06 10:00:00+00")),
    ],
    ids=str,
)
def test_two_records_that_have_swapped_a_value_differ(
    district: District, writer: DistrictDatabase, name: str, field: str, values: tuple[Any, Any]
) -> None:
    """In one bucket, where the hashes of both rows are taken together."""
    first, second = values
    fill(writer, {name: records(name, 1, **{field: first}) + records(name, 2, **{field: second})})
    put(district, name, *records(name, 1, **{field: second}), *records(name, 2, **{field: first}))
    compared, _ = compare(district, name)
    assert compared.found == {(1, "difference", (field,)), (2, "difference", (field,))}


@pytest.mark.parametrize(
    ("name", "field", "theirs", "ours"),
    [
        ("School", "city", "Reno", "Elko"),
        ("School", "city", "Reno", None),
        ("School", "reporting_entity_id", 7, 2**40),
        ("School", "state_exclude", True, None),
        # PostgreSQL hashes the digits, and only flips bits for where the point is.
        ("HealthScreening", "height_inches", Decimal("0.01"), Decimal("100")),
        ("Plan", "start_date", "2024-01-05", "2024-01-06"),
        ("ContactLog", "contacted_on", "2024-01-05 10:00:00+00", "2024-01-06 10:00:00+00"),
    ],
    ids=str,
)
def test_records_that_changed_alike_differ(
    district: District, writer: DistrictDatabase, name: str, field: str, theirs: object, ours: object
) -> None:
    """In one bucket, and an even number of them: each pair would cancel out."""
    keys = range(1, 5)
    fill(writer, {name: records(name, *keys, **{field: theirs})})
    put(district, name, *records(name, *keys, **{field: ours}))
    compared, _ = compare(district, name)
    assert compared.found == {(key, "difference", (field,)) for key in keys}


def kinds(compared: Compared) -> list[tuple[int, str]]:
    return sorted((key, kind) for key, kind, _ in compared.found)


def compare_schools(
    district: District, writer: DistrictDatabase, theirs: list[int | None], ours: list[int], **options: Any
) -> Compared:
    fill(writer, {"School": [record("School", key) for key in theirs]})
    put(district, "School", *records("School", *ours))
    compared, _ = compare(district, "School", **options)
    return compared


def test_several_fields_are_named_in_the_order_of_the_table(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    fill(writer, {"School": [record("School", 1, city="Reno", number="7", zip="1")]})
    put(district, "School", record("School", 1, city="Elko", number="8", zip="2"))
    compared, _ = compare(district, "School")
    assert compared.found == {(1, "difference", ("number", "city", "zip"))}


def test_records_of_one_side_are_told(district: District, writer: DistrictDatabase, way: str) -> None:
    compared = compare_schools(district, writer, [1, 2, 3, 5, 6], [0, 2, 3, 4, 5, 7])
    assert (compared.at_district, compared.at_state) == (5, 6)
    assert kinds(compared) == [
        (0, "not_at_district"),
        (1, "not_at_state"),
        (4, "not_at_district"),
        (6, "not_at_state"),
        (7, "not_at_district"),
    ]


KEYS = [MIN, MIN + 1, -5, -1, 0, 1, 2, 99, 2**40, MAX - 1, MAX]


@pytest.mark.parametrize("limit", [pytest.param(1, marks=pytest.mark.slow), 3, 100])
def test_keys_at_both_ends_are_compared(
    district: District, writer: DistrictDatabase, way: str, limit: int
) -> None:
    assert kinds(compare_schools(district, writer, [*KEYS], KEYS, limit=limit)) == []
    compared = compare_schools(district, writer, [*KEYS[1:-1]], KEYS, limit=limit)
    assert kinds(compared) == [(MIN, "not_at_district"), (MAX, "not_at_district")]
    compared = compare_schools(district, writer, [*KEYS], KEYS[1:-1], limit=limit)
    assert kinds(compared) == [(MIN, "not_at_state"), (MAX, "not_at_state")]
    assert (compared.at_district, compared.at_state) == (11, 9)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [([], []), ([1, 2, 3], []), ([], [1, 2, 3]), ([MAX], [MIN]), ([], [0]), ([0], [])],
    ids=["both empty", "empty state", "empty district", "apart", "only 0 at the state", "only 0"],
)
def test_an_empty_side(
    district: District, writer: DistrictDatabase, way: str, theirs: list[int | None], ours: list[int]
) -> None:
    for limit in (1, 2, 100):
        compared = compare_schools(district, writer, theirs, ours, limit=limit)
        assert (compared.at_district, compared.at_state, compared.keyless) == (len(theirs), len(ours), 0)
        assert kinds(compared) == sorted(
            [(key, "not_at_state") for key in theirs if key not in ours]
            + [(key, "not_at_district") for key in ours if key not in theirs]
        )


def test_duplicate_is_reported_and_compared(district: District, writer: DistrictDatabase, way: str) -> None:
    """Key 1: twice the same, as at the state. 2: one row differs in one field, one in another. 3: not at the state."""
    rows = records("School", 1, 1) + [
        record("School", 2, city="Reno"),
        record("School", 2, number="77"),
        record("School", 2),
    ]
    fill(writer, {"School": rows + records("School", 3, 3, 4)})
    put(district, "School", *records("School", 1, 2, 4))
    for limit in (1, 2, 100):
        compared, _ = compare(district, "School", limit=limit)
        assert (compared.at_district, compared.at_state) == (4, 3)
        assert compared.found == {
            (1, "duplicate", ()),
            (2, "duplicate", ()),
            (2, "difference", ("number", "city")),
            (3, "duplicate", ()),
            (3, "not_at_state", ()),
        }


def test_duplicate_does_not_make_up_for_a_missing_record(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    """Both sides have as many rows."""
    compared = compare_schools(district, writer, [1, 1, 3], [1, 2, 3])
    assert kinds(compared) == [(1, "duplicate"), (2, "not_at_district")]


def test_rows_without_key_are_counted_once(district: District, writer: DistrictDatabase, way: str) -> None:
    compared = compare_schools(district, writer, [None, 1, 2, 3, None], [1, 2, 3], limit=1)
    assert compared == Compared(3, 3, 2, frozenset())


def test_locked_field_is_no_difference(district: District, writer: DistrictDatabase, way: str) -> None:
    lock("School", "city")
    fill(writer, {"School": [record("School", 1, city="Reno", number="1")]})
    put(district, "School", record("School", 1, city="Elko", number="2"))
    compared, _ = compare(district, "School")
    assert compared.found == {(1, "difference", ("number",))}


def test_record_of_which_only_the_key_is_compared(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    lock("AttributeMapping", *lockable_fields(definition("AttributeMapping")))
    fill(writer, {"AttributeMapping": records("AttributeMapping", 1, 2, 2, active=False)})
    put(district, "AttributeMapping", *records("AttributeMapping", 2, 3, active=True))
    compared, _ = compare(district, "AttributeMapping")
    assert kinds(compared) == [(1, "not_at_state"), (2, "duplicate"), (3, "not_at_district")]


def test_only_the_fields_that_the_catalogue_names_are_compared(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    fill(writer, {"PersonIdentity": [record("PersonIdentity", 1, birth_city="Reno", last_name="Two")]})
    put(district, "PersonIdentity", record("PersonIdentity", 1, birth_city="Elko", last_name="One"))
    compared, _ = compare(district, "PersonIdentity")
    assert compared.found == {(1, "difference", ("last_name",))}


def test_compared_fields() -> None:
    school, person = definition("School"), definition("PersonIdentity")
    assert compared_fields(school) == school.batch_fields
    assert [each.name for each in compared_fields(person)] == [
        "person_id",
        "state_id",
        "last_name",
        "first_name",
        "middle_name",
        "gender",
        "birthdate",
        "race_ethnicity_fed",
    ]
    assert [each.name for each in compared_fields(person, {"person_id", "state_id", "gender"})] == [
        "person_id",
        "last_name",
        "first_name",
        "middle_name",
        "birthdate",
        "race_ethnicity_fed",
    ]


def test_records_of_another_year_are_on_neither_side(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    """Key 5 has another year on each side: there it is, and here it is missing."""
    calendars = records("Calendar", 1, 2, end_year=2024) + records("Calendar", 3, end_year=2023)
    fill(writer, {"Calendar": calendars + records("Calendar", 5, end_year=2024)})
    put(district, "Calendar", *calendars, *records("Calendar", 4, 5, end_year=2023))
    compared, _ = compare(district, "Calendar", end_year=2024)
    assert compared == Compared(3, 2, 0, frozenset({(5, "not_at_state", ())}))
    compared, _ = compare(district, "Calendar", end_year=2023)
    assert compared == Compared(1, 3, 0, frozenset({(4, "not_at_district", ()), (5, "not_at_district", ())}))


def test_record_without_a_year_is_met_in_every_year(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    """As a push meets it, which makes an error of it."""
    fill(writer, {"Calendar": records("Calendar", 1) + records("Calendar", 2, end_year=None)})
    put(district, "Calendar", *records("Calendar", 1))
    for end_year in (2023, 2024):
        compared, _ = compare(district, "Calendar", end_year=end_year)
        assert (2, "not_at_state", ()) in compared.found


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz", "text"])
def test_time_without_a_zone_is_the_districts_own(
    district: District,
    writer: DistrictDatabase,
    retype: Callable[[str, str, str], None],
    way: str,
    kind: str,
) -> None:
    District.objects.filter(pk=district.pk).update(time_zone="America/Los_Angeles")
    district.refresh_from_db()
    retype("ContactLog", "contacted_on", kind)
    zone = "-08" if kind == "timestamptz" else ""
    rows = [
        record("ContactLog", 1, contacted_on=f"2024-01-09 08:00:00{zone}"),
        record("ContactLog", 2, contacted_on=f"2024-01-09 09:00:00{zone}"),
    ]
    fill(writer, {"ContactLog": rows})
    put(district, "ContactLog", *records("ContactLog", 1, 2, contacted_on="2024-01-09 16:00:00+00"))
    compared, _ = compare(district, "ContactLog")
    assert compared.found == {(2, "difference", ("contacted_on",))}


def test_date_of_a_time_is_the_districts_day(
    district: District, writer: DistrictDatabase, retype: Callable[[str, str, str], None], way: str
) -> None:
    retype("Plan", "start_date", "timestamp")
    fill(writer, {"Plan": records("Plan", 1, start_date="2024-01-09 23:59:00")})
    put(district, "Plan", *records("Plan", 1, start_date="2024-01-09"))
    compared, _ = compare(district, "Plan")
    assert compared.found == frozenset()


def test_text_that_is_read_is_compared_as_what_it_says(
    district: District, writer: DistrictDatabase, retype: Callable[[str, str, str], None], way: str
) -> None:
    retype("Plan", "service_minutes", "text")
    said = {1: "7", 2: " 8 ", 3: "seven", 4: None, 5: "9"}
    fill(writer, {"Plan": [record("Plan", key, service_minutes=text) for key, text in said.items()]})
    numbers = {1: 7, 2: 8, 3: 7, 4: None, 5: None}
    put(district, "Plan", *[record("Plan", key, service_minutes=each) for key, each in numbers.items()])
    compared, [outcome] = compare(district, "Plan")
    assert {key for key, _, _ in compared.found} == {3, 5}
    assert outcome.method == Method.COPY


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 64, 100])
def test_chunks_of_any_size_find_the_same(
    district: District, writer: DistrictDatabase, way: str, limit: int
) -> None:
    theirs = [key * 37 - 400 for key in range(60) if key % 7] + [2, 2]
    ours = [key * 37 - 400 for key in range(60) if key % 5] + [*range(900_000, 900_020)]
    compared = compare_schools(district, writer, [*theirs], ours, limit=limit)
    assert (compared.at_district, compared.at_state) == (len({*theirs}), len(ours))
    assert kinds(compared) == sorted(
        [(key, "not_at_state") for key in {*theirs} - {*ours}]
        + [(key, "not_at_district") for key in {*ours} - {*theirs}]
        + [(2, "duplicate")]
    )


def test_no_chunk_is_much_larger_than_its_limit(
    district: District, writer: DistrictDatabase, way: str
) -> None:
    """However many records the state has between two of the district."""
    fill(writer, {"School": records("School", 1, 50, 60)})
    put(district, "School", *records("School", *range(1, 61), *range(1000, 1040)))
    compared, outcomes = compare(district, "School", limit=5)
    assert (compared.at_district, compared.at_state) == (3, 100)
    assert max(each.at_state for each in outcomes) == 10


def test_record_of_another_district_is_on_no_side(
    district: District, writer: DistrictDatabase, make_district: Callable[..., District], way: str
) -> None:
    neighbour = make_district("T2")
    fill(writer, {"School": records("School", 1, 2)})
    put(district, "School", *records("School", 1))
    put(neighbour, "School", *records("School", 2, 3, city="Reno"))
    compared, _ = compare(district, "School")
    assert compared == Compared(2, 1, 0, frozenset({(2, "not_at_state", ())}))


@pytest.mark.slow
def test_full_records_of_every_object_agree_by_checksums(
    district: District, writer: DistrictDatabase
) -> None:
    """Every type of every object hashes to the same on both sides."""
    for name in definitions():
        fill(writer, {name: [full_record(name, key) for key in range(1, 4)]})
        put(district, name, *[full_record(name, key) for key in range(1, 4)])
        compared, [outcome] = compare(district, name)
        assert (name, compared, outcome.method) == (
            name,
            Compared(3, 3, 0, frozenset()),
            Method.CHECKSUMS,
        )


OTHER_HASHES = "CREATE SCHEMA IF NOT EXISTS other;" + "".join(
    f"CREATE OR REPLACE FUNCTION other.{name}({kind}, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE"
    f" RETURN pg_catalog.{name}($1, $2 + 1);"
    for name, kind in (
        ("hashtextextended", "text"),
        ("hashint8extended", "bigint"),
        ("hashint4extended", "int"),
        ("uuid_hash_extended", "uuid"),
    )
)


def test_servers_that_hash_differently_are_not_trusted(
    district: District, writer: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.execute(OTHER_HASHES)
    monkeypatch.setattr(checksums, "SCHEMA_AT_DISTRICT", "other")
    fill(writer, {"School": records("School", 1, 2) + records("School", 3, city="Reno")})
    put(district, "School", *records("School", 1, 2, 3))
    compared, [outcome] = compare(district, "School")
    assert compared.found == {(3, "difference", ("city",))}
    assert outcome.method == Method.COPY


@pytest.fixture
def latin(district: District) -> Iterator[DistrictDatabase]:
    """The district keeps its texts in another encoding than the state, in a database of its own."""
    server = connection_parameters(District(number="0", database_name=connection.settings_dict["NAME"]))
    district.database_name, district.database_user = f"{district.database_name}_latin", ""
    with psycopg.connect(**server, autocommit=True) as admin:
        name = sql.Identifier(district.database_name)
        admin.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").format(name)
        )
        with psycopg.connect(**connection_parameters(district), autocommit=True) as database:
            create_tables(database)
            yield database
        admin.execute(sql.SQL("DROP DATABASE {}").format(name))


def test_texts_in_another_encoding_are_compared_as_texts(district: District, latin: DistrictDatabase) -> None:
    """The bytes that a server hashes are those of its own encoding."""
    fill(latin, {"School": records("School", 1, 2, city=COMPOSED)})
    put(district, "School", record("School", 1, city=COMPOSED), record("School", 2, city=DECOMPOSED))
    compared, [outcome] = compare(district, "School")
    assert compared.found == {(2, "difference", ("city",))}
    assert outcome.method == Method.COPY


def copied() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM compared")
        return int(cursor.fetchone()[0])


def test_only_buckets_that_differ_are_copied(
    district: District, writer: DistrictDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is hashed as the state rounds it."""
    monkeypatch.setattr(comparison, "_BUCKET_RECORDS", 4)
    name, keys = "HealthScreening", range(1, 41)
    fill(writer, {name: records(name, *keys, height_inches=Decimal("60.0449"))})
    put(district, name, *records(name, *keys, height_inches=Decimal("60.04")))
    compare(district, name)
    assert copied() == 0
    put(district, name, *records(name, *keys[1:], height_inches=Decimal("60.04")))
    compare(district, name)
    assert 1 <= copied() <= 4


def test_what_a_push_wrote_agrees(district: District, writer: DistrictDatabase, way: str) -> None:
    put(district, "District", full_record("District"))
    fill(writer, {"School": records("School", *range(1, 20)) + records("School", 20, number="1" * 99)})
    push(district, "School")
    compared, _ = compare(district, "School")
    assert compared.found == {(20, "not_at_state", ())}


def test_comparison_changes_nothing(district: District, writer: DistrictDatabase, way: str) -> None:
    fill(writer, {"School": records("School", 1, 2, 3, city="Reno")})
    put(district, "School", *records("School", 2, 3, 4))
    before = state_of(district, "School")
    compare(district, "School", limit=2)
    assert state_of(district, "School") == before


def test_object_of_a_school_year_needs_one(district: District) -> None:
    with pytest.raises(ValueError, match="Enrollment is bound to a school year"):
        compare(district, "Enrollment", end_year=None)


def test_missing_table_is_told(
    district: District, writer: DistrictDatabase, put_view: Callable[[str, str], None]
) -> None:
    put_view("School", "SELECT 1 AS school_id")
    with pytest.raises(DistrictTableError, match="school in the district's database lacks"):
        compare(district, "School")


def test_district_that_stops_answering_is_told(
    district: District, writer: DistrictDatabase, put_view: Callable[[str, str], None], way: str
) -> None:
    """The view ends its own session when the rows are read."""
    put(district, "School", *records("School", 1))
    # A function that the planner cannot call on its own.
    writer.execute(
        "CREATE OR REPLACE FUNCTION hang_up() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER VOLATILE AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN 1; END $$"
    )
    columns = ", ".join(
        "hang_up() AS school_id" if each.name == "school_id" else f"NULL::text AS {each.name}"
        for each in definition("School").fields
    )
    put_view("School", f"SELECT {columns}")
    with pytest.raises(DistrictUnreachable, match="stopped answering while School"):
        compare(district, "School")


@pytest.mark.django_db(transaction=True)
def test_comparison_needs_a_transaction_and_leaves_no_table(
    district: District, writer: DistrictDatabase
) -> None:
    fill(writer, {"School": records("School", 1, 1, 2)})
    put(district, "School", *records("School", 2, 3, city="Reno"))
    with pytest.raises(transaction.TransactionManagementError):
        compare_chunk(definition("School").model, district)
    with transaction.atomic():
        compare_chunk(definition("School").model, district)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == ("UTC",)
