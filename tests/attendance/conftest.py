"""A district whose database is prepared for the aggregation of attendance, with a school of two calendars."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from attendance import runs
from attendance.databases import open_for_aggregation
from attendance.models import AggregationRun
from district_data.databases import prepare_attendance
from districts.databases import connection_parameters
from districts.models import District
from tests.conftest import DistrictDatabase

Rows = list[tuple[Any, ...]]


@pytest.fixture
def district(make_district: Callable[..., District]) -> District:
    """Prepared, and empty."""
    found = make_district("ATT1")
    prepare_attendance(found)
    return found


@pytest.fixture
def school(district: District, writer: DistrictDatabase) -> DistrictDatabase:
    """Two calendars of 2 periods of 180 minutes each (calendar 1 counts half days and days from 150 and 300 minutes,
    calendar 2 counts shares), students 1 and 2 in calendar 1 and student 3 in calendar 2, for the school days of
    September 2023."""
    writer.execute("INSERT INTO school (school_id, district_key, number, name) VALUES (1, 1, '001', 'North')")
    writer.execute(
        "INSERT INTO calendar (calendar_id, school_id, end_year, name, whole_day_absence, half_day_absence)"
        " VALUES (1, 1, 2024, '23-24 North', 300, 150), (2, 1, 2024, '23-24 Evening', NULL, NULL),"
        " (3, 1, 2023, '22-23 North', 300, 150)"
    )
    writer.execute(
        "INSERT INTO schedule_structure (structure_id, calendar_id, end_year, name)"
        " VALUES (1, 1, 2024, 'Main'), (2, 2, 2024, 'Main')"
    )
    writer.execute(
        "INSERT INTO period_schedule (period_id, structure_id, end_year, period_schedule_id, name, seq, start_time,"
        " end_time, lunch_minutes, non_instructional)"
        " SELECT s * 10 + p, s, 2024, s, 'P' || p, p, (5 + 3 * p) || ':00', (8 + 3 * p) || ':00', 0, false"
        " FROM generate_series(1, 2) s, generate_series(1, 2) p"
    )
    writer.execute(
        "INSERT INTO day (day_id, calendar_id, structure_id, end_year, date, attendance)"
        " SELECT c * 100 + n, c, c, 2024, date '2023-08-31' + n, extract(isodow FROM date '2023-08-31' + n) < 6"
        " FROM generate_series(1, 2) c, generate_series(1, 30) n"
    )
    writer.execute(
        "INSERT INTO enrollment (enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type,"
        " start_date) VALUES (1, 1, 1, 1, 2024, '09', 'P', '2023-08-14'), (2, 2, 1, 1, 2024, '09', 'P', '2023-08-14'),"
        " (3, 3, 2, 2, 2024, '09', 'P', '2023-08-14')"
    )
    writer.execute(
        "INSERT INTO attendance_excuse (excuse_id, calendar_id, end_year, code, excuse)"
        " SELECT c * 10 + n, c, 2024, code, excuse FROM generate_series(1, 2) c,"
        " (VALUES (1, 'ILL', 'E'), (2, 'UNX', 'U'), (3, 'ACT', 'X')) AS e(n, code, excuse)"
    )
    return writer


@pytest.fixture
def aggregator(district: District) -> Iterator[psycopg.Connection[Any]]:
    """As the aggregating role; each statement commits."""
    with open_for_aggregation(district) as database:
        database.autocommit = True
        yield database


def enter(
    writer: DistrictDatabase,
    person: int = 1,
    date: str = "2023-09-06",
    periods: tuple[int, ...] = (11, 12),
    status: str = "A",
    minutes: int | None = None,
    excuse: int | None = None,
) -> None:
    """Attendance of a student's day, as a school enters it."""
    for period in periods:
        writer.execute(
            "INSERT INTO attendance.period_attendance (person_id, enrollment_id, calendar_id, date, period_id,"
            " excuse_id, status, minutes) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [person, person, period // 10, date, period, excuse, status, minutes],
        )


def rows(writer: DistrictDatabase) -> Rows:
    """(person, date, scheduled, absent, excused, unexcused, days, tardy), as the resync reads them."""
    return [
        (person, str(date), scheduled, absent, excused, unexcused, float(days), tardy)
        for person, date, scheduled, absent, excused, unexcused, days, tardy in writer.execute(
            "SELECT person_id, date, scheduled_minutes, absent_minutes, excused_absent_minutes,"
            " unexcused_absent_minutes, absent_days, tardy FROM public.att_day_aggregation ORDER BY 1, 2"
        )
    ]


def keys(writer: DistrictDatabase) -> dict[tuple[int, str], int]:
    found = writer.execute("SELECT person_id, date, att_day_aggregation_id FROM public.att_day_aggregation")
    return {(person, str(date)): key for person, date, key in found}


def work(run: AggregationRun) -> AggregationRun:
    """Does in this process what workers do, until the run has ended."""
    for _ in range(run.calendars_total + 2):
        runs.run_aggregation(run.pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def reader_of() -> Callable[[District], psycopg.Connection[Any]]:
    """As the district's reading role, but not in a session that only reads: what is left are the grants."""

    def connect(district: District) -> psycopg.Connection[Any]:
        return psycopg.connect(**connection_parameters(district), autocommit=True)

    return connect
