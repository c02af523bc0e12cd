from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors

from attendance.aggregation import Outcome, aggregate_calendars, aggregate_touched
from attendance.schema import READS
from tests.attendance.conftest import enter, keys, rows
from tests.conftest import DistrictDatabase

Aggregator = psycopg.Connection[Any]
WEDNESDAY, THURSDAY, SATURDAY = "2023-09-06", "2023-09-07", "2023-09-09"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ({}, (360, 360, 0, 360, 1, False)),
        ({"excuse": 11}, (360, 360, 360, 0, 1, False)),
        ({"excuse": 12}, (360, 360, 0, 360, 1, False)),
        ({"periods": (11,)}, (360, 180, 0, 180, 0.5, False)),
        ({"periods": (11,), "minutes": 140}, (360, 140, 0, 140, 0, False)),
        ({"periods": (11,), "minutes": 500}, (360, 180, 0, 180, 0.5, False)),
        ({"periods": (11,), "status": "T", "minutes": 20}, (360, 0, 0, 0, 0, True)),
        ({"periods": (12,), "status": "E", "minutes": 30}, (360, 30, 0, 30, 0, False)),
        ({"person": 3, "periods": (21,)}, (360, 180, 0, 180, 0.5, False)),
        ({"person": 3, "periods": (21,), "minutes": 120}, (360, 120, 0, 120, 0.333, False)),
    ],
    ids=lambda case: str(case),
)
def test_periods_add_up_to_a_day(
    school: DistrictDatabase, aggregator: Aggregator, entered: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    enter(school, **entered)
    assert aggregate_calendars(aggregator, [1, 2]) == Outcome(days=1, written=1)
    assert rows(school) == [(entered.get("person", 1), WEDNESDAY, *expected)]


@pytest.mark.parametrize(
    "entered",
    [
        {"excuse": 13},
        {"date": SATURDAY},
        {"date": "2023-08-01"},
        {"person": 9},
    ],
    ids=["exempt", "no day of attendance", "before the enrollment", "not enrolled"],
)
def test_what_is_no_absence_makes_no_row(
    school: DistrictDatabase, aggregator: Aggregator, entered: dict[str, Any]
) -> None:
    enter(school, **entered)
    assert aggregate_calendars(aggregator, [1, 2]) == Outcome(days=1, written=0)
    assert rows(school) == []


def test_a_shorter_day_counts_with_its_own_length(school: DistrictDatabase, aggregator: Aggregator) -> None:
    school.execute("UPDATE day SET student_day = 200 WHERE date = %s", [WEDNESDAY])
    enter(school)
    aggregate_calendars(aggregator, [1])
    assert rows(school) == [(1, WEDNESDAY, 200, 200, 0, 200, 1, False)]


def test_a_row_that_comes_out_as_it_was_is_not_written(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    enter(school)
    aggregate_calendars(aggregator, [1])
    before = school.execute("SELECT * FROM att_day_aggregation").fetchall()
    assert aggregate_calendars(aggregator, [1]) == Outcome(days=1, written=0)
    assert school.execute("SELECT * FROM att_day_aggregation").fetchall() == before


def test_a_row_keeps_its_key_and_a_new_one_gets_the_next(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    school.execute(
        "INSERT INTO att_day_aggregation (att_day_aggregation_id, person_id, calendar_id, date)"
        " VALUES (70, 2, 1, %s), (71, 999, 9, %s)",
        [WEDNESDAY, WEDNESDAY],
    )
    enter(school, person=2)
    enter(school, person=1)
    enter(school, person=1, date=THURSDAY)
    aggregate_calendars(aggregator, [1])
    assert keys(school) == {
        (2, WEDNESDAY): 70,
        (999, WEDNESDAY): 71,
        (1, WEDNESDAY): 72,
        (1, THURSDAY): 73,
    }


def test_a_day_without_absence_any_more_keeps_its_row_with_zeros(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    enter(school)
    aggregate_touched(aggregator, LATER)
    before = keys(school)
    school.execute("DELETE FROM attendance.period_attendance")
    assert aggregate_touched(aggregator, LATER) == Outcome(days=1, written=1)
    assert rows(school) == [(1, WEDNESDAY, 360, 0, 0, 0, 0, False)]
    assert keys(school) == before


def test_rows_of_another_origin_stay_in_calendars_without_periods(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    school.execute(
        "INSERT INTO att_day_aggregation (att_day_aggregation_id, person_id, calendar_id, date, absent_minutes)"
        " VALUES (1, 3, 2, %s, 77)",
        [WEDNESDAY],
    )
    enter(school)
    assert aggregate_calendars(aggregator, [1, 2]) == Outcome(days=1, written=1)
    assert school.execute(
        "SELECT absent_minutes FROM att_day_aggregation WHERE person_id = 3"
    ).fetchone() == (77,)


def test_a_refresh_takes_the_chosen_calendars_only(school: DistrictDatabase, aggregator: Aggregator) -> None:
    enter(school)
    enter(school, person=3, periods=(21, 22))
    aggregate_calendars(aggregator, [2])
    assert [row[0] for row in rows(school)] == [3]


def test_a_refresh_sees_what_no_change_of_attendance_tells(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    enter(school)
    aggregate_touched(aggregator, LATER)
    school.execute("UPDATE enrollment SET end_date = '2023-09-01' WHERE person_id = 1")
    assert aggregate_touched(aggregator, LATER) == Outcome(days=0, written=0)
    assert aggregate_calendars(aggregator, [1]) == Outcome(days=1, written=1)
    assert rows(school)[0][3] == 0


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ("UPDATE attendance.period_attendance SET status = 'T' WHERE person_id = 1", [(1, WEDNESDAY)]),
        ("DELETE FROM attendance.period_attendance WHERE person_id = 2", [(2, WEDNESDAY)]),
        (
            "UPDATE attendance.period_attendance SET person_id = 2 WHERE person_id = 1",
            [(1, WEDNESDAY), (2, WEDNESDAY)],
        ),
        (
            "UPDATE attendance.period_attendance SET date = '2023-09-07' WHERE person_id = 2",
            [(2, WEDNESDAY), (2, THURSDAY)],
        ),
        ("UPDATE attendance.period_attendance SET status = 'T' WHERE person_id = 5", []),
    ],
)
def test_every_change_leaves_its_days_in_the_queue(
    school: DistrictDatabase, change: str, days: list[tuple[int, str]]
) -> None:
    enter(school, person=1)
    enter(school, person=2)
    school.execute("TRUNCATE attendance.touched")
    school.execute(change.encode())
    found = school.execute("SELECT DISTINCT person_id, date::text FROM attendance.touched ORDER BY 1, 2")
    assert found.fetchall() == days


def test_the_night_takes_what_was_changed_before_it_and_leaves_the_rest(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    enter(school, person=1)
    midnight = datetime.now(UTC)
    school.execute("UPDATE attendance.touched SET touched_at = %s", [midnight - timedelta(hours=1)])
    enter(school, person=2)
    school.execute("UPDATE attendance.touched SET touched_at = %s WHERE person_id = 2", [midnight])
    assert aggregate_touched(aggregator, midnight) == Outcome(days=1, written=1)
    assert [row[0] for row in rows(school)] == [1]
    assert aggregate_touched(aggregator, midnight + timedelta(days=1)) == Outcome(days=1, written=1)
    assert [row[0] for row in rows(school)] == [1, 2]


def test_a_night_takes_backdated_entries_by_the_date_of_change(
    school: DistrictDatabase, aggregator: Aggregator
) -> None:
    enter(school, date="2023-09-04")
    assert aggregate_touched(aggregator, LATER) == Outcome(days=1, written=1)


def test_a_night_that_fails_leaves_the_queue(school: DistrictDatabase, aggregator: Aggregator) -> None:
    enter(school)
    school.execute("ALTER TABLE period_schedule RENAME lunch_minutes TO lunch")
    try:
        with pytest.raises(errors.UndefinedColumn):
            aggregate_touched(aggregator, LATER)
    finally:
        school.execute("ALTER TABLE period_schedule RENAME lunch TO lunch_minutes")
    assert aggregate_touched(aggregator, LATER) == Outcome(days=1, written=1)


# ---- Who may do what ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO public.att_day_aggregation (person_id) VALUES (1)",
        "UPDATE public.att_day_aggregation SET tardy = true",
        "INSERT INTO public.school (school_id) VALUES (1)",
        "UPDATE public.enrollment SET no_show = true",
        "DELETE FROM public.calendar",
        "TRUNCATE public.day",
        "DROP TABLE public.day",
        "CREATE TABLE public.mine ()",
        "CREATE TABLE attendance.mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "SELECT FROM public.person_identity",
        "INSERT INTO attendance.period_attendance (person_id) VALUES (1)",
        "UPDATE attendance.period_attendance SET status = 'A'",
        "DELETE FROM attendance.att_day_aggregation",
        "DROP TABLE attendance.touched",
    ],
)
def test_the_aggregating_role_writes_its_rows_and_nothing_else(
    school: DistrictDatabase, aggregator: Aggregator, statement: str
) -> None:
    enter(school)
    assert aggregate_calendars(aggregator, [1]).written == 1
    with pytest.raises(errors.InsufficientPrivilege):
        aggregator.execute(statement.encode())


def test_the_aggregating_role_writes_no_table_of_public(aggregator: Aggregator) -> None:
    found = aggregator.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')"
        " AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    )
    assert found.fetchall() == []
    readable = aggregator.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')"
        " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
    )
    assert [name for (name,) in readable] == sorted(READS)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO attendance.att_day_aggregation (person_id) VALUES (1)",
        "INSERT INTO attendance.touched VALUES (1, 1, '2023-09-06')",
        "DELETE FROM attendance.period_attendance",
        "SELECT FROM attendance.period_attendance",
        "UPDATE public.att_day_aggregation SET tardy = true",
    ],
)
def test_the_reading_role_reads_the_aggregation_and_writes_nothing_of_attendance(
    school: DistrictDatabase, district: Any, statement: str, reader_of: Callable[..., Any]
) -> None:
    with reader_of(district) as reader:
        assert reader.execute("SELECT count(*) FROM att_day_aggregation").fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(statement.encode())
