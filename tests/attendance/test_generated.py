"""Random attendance: the SQL and the plain reference must come to the same rows.

The same few dozen cases run every time. To look for new ones:

    UPSTATE_HYPOTHESIS=long ./upstate test tests/attendance/test_generated.py
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendance.aggregation import aggregate_calendars, aggregate_touched
from district_data.databases import open_writer
from tests.attendance.reference import Row, School, aggregated
from tests.conftest import DistrictDatabase

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Key = tuple[int, int, str]
LONG = os.environ.get("UPSTATE_HYPOTHESIS") == "long"
profile = settings(
    max_examples=1000 if LONG else 30,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PERSONS, CALENDARS, DATES = (1, 2, 3), (1, 2), ("2023-09-04", "2023-09-05", "2023-09-06")
few = st.none() | st.integers(0, 600)
clocks = st.sampled_from(["08:00", "9:30", "10:05", "12:15", "15:00", "23:59", "24:00", "8", "", None])
structures = st.sampled_from([1, 2, None])


def listed(strategy: st.SearchStrategy[Row], key: str, most: int = 6) -> st.SearchStrategy[list[Row]]:
    return st.lists(strategy, max_size=most).map(
        lambda rows: [row | {key: place} for place, row in enumerate(rows, start=1)]
    )


schools = st.builds(
    School,
    calendars=st.tuples(
        *(
            st.fixed_dictionaries(
                {
                    "calendar_id": st.just(key),
                    "end_year": st.just(2024),
                    "student_day": few,
                    "whole_day_absence": few,
                    "half_day_absence": few,
                }
            )
            for key in CALENDARS
        )
    ).map(list),
    periods=st.tuples(
        *(
            st.fixed_dictionaries(
                {
                    "period_id": st.just(key),
                    "structure_id": structures,
                    "period_schedule_id": st.sampled_from([1, 2, None]),
                    "start_time": clocks,
                    "end_time": clocks,
                    "lunch_minutes": st.sampled_from([None, 0, 20, -5, 900]),
                    "non_instructional": st.sampled_from([None, False, False, True]),
                }
            )
            for key in range(1, 6)
        )
    ).map(list),
    days=listed(
        st.fixed_dictionaries(
            {
                "calendar_id": st.sampled_from(CALENDARS),
                "structure_id": structures,
                "date": st.sampled_from(DATES),
                "attendance": st.sampled_from([True, True, False]),
                "student_day": few,
            }
        ),
        "day_id",
    ),
    enrollments=listed(
        st.fixed_dictionaries(
            {
                "person_id": st.sampled_from(PERSONS),
                "calendar_id": st.sampled_from(CALENDARS),
                "structure_id": structures,
                "service_type": st.sampled_from(["P", "S", "N"]),
                "start_date": st.sampled_from(DATES),
                "end_date": st.sampled_from([None, *DATES]),
                "no_show": st.sampled_from([None, False, True]),
            }
        ),
        "enrollment_id",
        most=8,
    ),
    excuses=st.just([{"excuse_id": key, "excuse": kind} for key, kind in enumerate("EUX", start=1)]),
    attendance=st.lists(
        st.fixed_dictionaries(
            {
                "person_id": st.sampled_from(PERSONS),
                "calendar_id": st.sampled_from(CALENDARS),
                "date": st.sampled_from(DATES),
                "period_id": st.integers(1, 5),
                "excuse_id": st.sampled_from([1, 2, 3, 4, None]),
                "status": st.sampled_from("AAATE"),
                "minutes": st.none() | st.integers(0, 300),
            }
        ),
        max_size=14,
    ),
)
earlier = st.lists(
    st.tuples(st.sampled_from(PERSONS), st.sampled_from(CALENDARS), st.sampled_from(DATES)),
    max_size=4,
    unique=True,
)


def fill(database: DistrictDatabase, school: School, rows: list[Key]) -> None:
    tables = {
        "public.calendar": school.calendars,
        "public.period_schedule": school.periods,
        "public.day": school.days,
        "public.enrollment": school.enrollments,
        "public.attendance_excuse": school.excuses,
        "attendance.period_attendance": school.attendance,
    }
    for table, records in tables.items():
        for record in records:
            names, marks = ", ".join(record), ", ".join(["%s"] * len(record))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            database.execute(statement.encode(), list(record.values()))
    for key, row in enumerate(rows, start=100):
        database.execute(
            "INSERT INTO attendance.att_day_aggregation (att_day_aggregation_id, person_id, calendar_id, date,"
            " absent_minutes) VALUES (%s, %s, %s, %s, 55)",
            [key, *row],
        )


def expected(school: School, days: set[Key], rows: list[Key]) -> dict[Key, tuple[Any, ...]]:
    found = {day: aggregated(school, *day) for day in days}
    # Absence or lateness makes a row; one that is there stays.
    return {day: values for day, values in found.items() if values[1] or values[-1] or day in rows}


def stored(database: DistrictDatabase, days: set[Key]) -> dict[Key, tuple[Any, ...]]:
    found = database.execute(
        "SELECT person_id, calendar_id, date::text, scheduled_minutes, absent_minutes, excused_absent_minutes,"
        " unexcused_absent_minutes, absent_days, tardy FROM att_day_aggregation"
    ).fetchall()
    return {row[:3]: (*row[3:7], Fraction(row[7]), row[8]) for row in found if row[:3] in days}


@profile
@given(school=schools, rows=earlier)
def test_the_refresh_agrees_with_the_reference(
    prepared: Callable[[], Any], school: School, rows: list[Key]
) -> None:
    entered = {(each["person_id"], each["calendar_id"], each["date"]) for each in school.attendance}
    kept = {calendar for _, calendar, _ in entered}
    days = entered | {row for row in rows if row[1] in kept}
    with prepared() as database:
        fill(database, school, rows)
        outcome = aggregate_calendars(database, CALENDARS)
        assert stored(database, days) == expected(school, days, rows)
        assert outcome.days == len(days)
        assert aggregate_calendars(database, CALENDARS).written == 0
        database.rollback()


@profile
@given(school=schools, rows=earlier)
def test_the_night_agrees_with_the_reference(
    prepared: Callable[[], Any], school: School, rows: list[Key]
) -> None:
    days = {(each["person_id"], each["calendar_id"], each["date"]) for each in school.attendance}
    with prepared() as database:
        fill(database, school, rows)
        aggregate_touched(database, datetime(2100, 1, 1, tzinfo=UTC))
        assert stored(database, days) == expected(school, days, rows)
        keys = [key for (key,) in database.execute("SELECT att_day_aggregation_id FROM att_day_aggregation")]
        assert len(keys) == len(set(keys))
        database.rollback()


@pytest.fixture
def prepared(district: Any) -> Callable[[], Any]:
    return lambda: open_writer(district)
