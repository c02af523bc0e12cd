"""Copies the records of a key range into staging: those that may have changed, or all of them.

What lies at the state as the district has it need not be copied to be counted. So where the state has records already,
both databases first hash their own in small buckets of keys (interchange/checksums.py), the district also whether an
exclusion holds a record back. The records of buckets that differ are copied, and those with an open error, because what
kept them from the state may be gone. What a push then writes, counts and tells is the same as if all had been copied.
"""

from dataclasses import dataclass

from psycopg import sql

from interchange import checksums, staging
from interchange.checksums import Agreement, HashedRows, HashedValue
from interchange.copying import copy_records
from interchange.district import Connection, exclusion_number, records_query
from interchange.sides import Comparison, Span, Upcoming, count_keys, rounded, upcoming_records
from interchange.staging import Stage

# The fewer rows a bucket has, the fewer are copied for each one that differs; the more, the fewer checksums there are.
BUCKET_RECORDS = 16
# Where most buckets differ, to pick them costs more than it spares.
_PICKED_SHARE = 0.8
# Where so many records failed, most have to be copied anyway.
_FAILED_SHARE = 0.3


@dataclass(frozen=True)
class Staged:
    """What a selection comes to at the district: how many records it has, copied or not, the last key of a range, and
    whether the range is the last. `may_repeat` says that two of the records may have one key. `keyless` are its rows
    without a key, `rest` its records after the range: None where they are not this chunk's business."""

    records: int
    last_key: int | None
    finished: bool
    may_repeat: bool = True
    keyless: int | None = None
    rest: int | None = None


def stage_range(stage: Stage, database: Connection, cursor: int | None, limit: int) -> Staged:
    """The next records after the cursor (None: the first), at most `limit` and the copies of the last one. Raises what
    `district_errors` raises."""
    comparison = Comparison(
        stage.store, database, stage.known, stage.columns, stage.district_id, stage.end_year
    )
    upcoming = upcoming_records(comparison, cursor, limit)
    if upcoming is None:
        # Asked all the same, so that a table that cannot be read fails also while it is empty.
        return Staged(_copy_all(comparison, stage, Span(cursor, None)), cursor, finished=True)
    span = Span(cursor, upcoming.high, upcoming.width(BUCKET_RECORDS))
    finished = upcoming.rows < limit
    if _may_be_compared(comparison, stage, upcoming):
        failed = staging.keys_in_error(stage, span.holds(sql.SQL("e.key")))
        if len(failed) <= _FAILED_SHARE * upcoming.rows:
            records = _stage_what_differs(comparison, stage, span, failed)
            return Staged(records, upcoming.high, finished)
    records = _copy_all(comparison, stage, span)
    # In key order the district tells at once whether a key is there twice; the state would have to look for it.
    return Staged(records, upcoming.high, finished, may_repeat=count_keys(comparison, span) < records)


def _may_be_compared(comparison: Comparison, stage: Stage, upcoming: Upcoming) -> bool:
    at_state = staging.state_has_rows(stage, upcoming.low, upcoming.high)
    return at_state and checksums.can_be_told(comparison)


def _copy_all(comparison: Comparison, stage: Stage, span: Span) -> int:
    _copy(comparison, stage, span.holds(comparison.district_key))
    return staging.count_staged(stage)


def _stage_what_differs(comparison: Comparison, stage: Stage, span: Span, failed: list[int]) -> int:
    _copy_keys(comparison, stage, failed)
    agreement = _compare(comparison, stage, span, some_staged=bool(failed))
    if len(agreement.differing) > _PICKED_SHARE * agreement.buckets:
        stage.run("TRUNCATE staging")
        return _copy_all(comparison, stage, span)
    if agreement.differing:
        # A record that failed is copied again with its bucket; staged twice it would pass for a duplicate.
        stage.run(
            "DELETE FROM staging s WHERE {there}",
            there=span.holds_in(agreement.differing, _staged_key(stage)),
        )
        _copy(comparison, stage, span.holds_in(agreement.differing, comparison.district_key))
    return agreement.records


def _copy_keys(comparison: Comparison, stage: Stage, keys: list[int]) -> None:
    if keys:
        _copy(comparison, stage, sql.SQL("r.{} = ANY(%(keys)s)").format(stage.key), keys=keys)
        staging.analyze(stage, "staging")


def _copy(comparison: Comparison, stage: Stage, where: sql.Composable, **parameters: object) -> None:
    ordered = sql.SQL("{} ORDER BY {}").format(where, comparison.district_key)
    query = records_query(stage.known, stage.columns, ordered)
    copy_records(comparison.database, stage.store, stage.known, query, comparison.parameters | parameters)


def _compare(comparison: Comparison, stage: Stage, span: Span, *, some_staged: bool) -> Agreement:
    """What failed is not at the state, or not as the district has it. So the state's side is its own rows for all keys
    but the staged ones, and these as they were staged just now."""
    theirs, ours = hashed_sides(comparison)
    if not some_staged:
        return checksums.compare_buckets(comparison, span, theirs, ours)
    unstaged = sql.SQL("{} AND NOT EXISTS (SELECT FROM staging s WHERE {} = {})").format(
        ours.records, _staged_key(stage), comparison.state_key
    )
    return checksums.compare_buckets(
        comparison, span, theirs, HashedRows(ours.key, ours.values, unstaged), _staged_rows(stage)
    )


def hashed_sides(comparison: Comparison) -> tuple[HashedRows, HashedRows]:
    """The records of the district with the exclusion that holds each back, and those of the state, which has none."""
    return (
        checksums.rows_at_district(comparison, _exclusion(exclusion_number(comparison.known))),
        checksums.rows_at_state(comparison, _exclusion(sql.SQL("NULL"))),
    )


def _staged_rows(stage: Stage) -> HashedRows:
    values = (
        value
        for column in stage.columns
        for value in checksums.hashed(column, rounded(column.field, column.staged("s")))
    )
    return HashedRows(
        _staged_key(stage),
        (*values, _exclusion(sql.SQL("s.exclusion_number"))),
        sql.SQL("FROM staging s WHERE true"),
    )


def _exclusion(number: sql.Composable) -> HashedValue:
    return "bigint", sql.SQL("({})::bigint").format(number)


def _staged_key(stage: Stage) -> sql.Composable:
    return sql.Identifier("s", stage.known.key)
