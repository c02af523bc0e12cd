"""Adds the attendance of periods up to days, by SQL, in the district's own database.

That there is a nightly aggregation of what changed the day before, and a refresh that takes everything, is from seed
003; how minutes add up is our decision (docs/attendance.md). Both are one statement over chosen days of students.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

_NOW = sql.SQL("now()")
# What somebody changes while this runs enters the queue again, and is taken the next time.
_TOUCHED = sql.SQL(
    "taken AS (DELETE FROM attendance.touched WHERE touched_at < %(before)s RETURNING person_id, calendar_id, date),"
    " chosen AS MATERIALIZED (SELECT DISTINCT person_id, calendar_id, date FROM taken)"
)
# Days that have a row already are added up again too: their attendance may be gone. Only in calendars whose attendance
# is kept by periods, because rows of another origin (a file of whole days) have nothing to be added up from.
_OF_CALENDARS = sql.SQL("""
by_periods AS (
    SELECT calendar_id AS id FROM attendance.period_attendance WHERE calendar_id = ANY(%(calendars)s::bigint[])
    UNION
    SELECT calendar_id FROM attendance.touched WHERE calendar_id = ANY(%(calendars)s::bigint[])
),
chosen AS MATERIALIZED (
    SELECT person_id, calendar_id, date FROM attendance.period_attendance
    WHERE calendar_id IN (SELECT id FROM by_periods)
    UNION
    SELECT person_id, calendar_id, date FROM attendance.att_day_aggregation
    WHERE calendar_id IN (SELECT id FROM by_periods) AND person_id IS NOT NULL AND date IS NOT NULL
)""")


@dataclass(frozen=True)
class Outcome:
    """How many days of students were added up, and how many rows that changed or added."""

    days: int
    written: int


def aggregate_touched(database: psycopg.Connection[Any], before: datetime) -> Outcome:
    """The days whose attendance was changed before that moment and not added up since. The caller commits."""
    return _aggregate(database, _TOUCHED, _NOW, {"before": before})


def aggregate_calendars(
    database: psycopg.Connection[Any], calendar_ids: Collection[int], *, modified: sql.Composable = _NOW
) -> Outcome:
    """Every day of these calendars that has attendance, or a row from earlier. The caller commits.

    `modified` is what modified_date becomes, as SQL over the row `r`.
    """
    return _aggregate(database, _OF_CALENDARS, modified, {"calendars": list(calendar_ids)})


def _aggregate(
    database: psycopg.Connection[Any], chosen: sql.SQL, modified: sql.Composable, values: dict[str, Any]
) -> Outcome:
    script = files("attendance").joinpath("sql", "aggregate.sql").read_text()
    statement = sql.SQL(script).format(chosen=chosen, modified=modified)
    with database.transaction():
        # New keys follow the highest one: nobody may add rows at the same time.
        database.execute("LOCK TABLE attendance.att_day_aggregation IN SHARE ROW EXCLUSIVE MODE")
        # The planner takes a student's day in a calendar for three independent facts, expects a handful of rows, and
        # would loop for minutes.
        database.execute("SET LOCAL enable_nestloop = off")
        found = database.execute(statement, values).fetchone()
        database.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return Outcome(*found) if found else Outcome(0, 0)
