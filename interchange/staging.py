"""The statements of one chunk at the state. Each works on whole sets; temporary tables carry them from step to step.

staging    the rows as they came, with the number of the exclusion that holds a row back
duplicate  the keys that came more than once
delta      the rows that are new, differ or may fail, with the place of the state's row
fault      one row per row of the delta that may not end at the state

Where the state holds nothing in the range of a chunk there is no delta: the staged rows themselves are judged and
written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, definition
from dis_objects.fields import ParentKey
from interchange.columns import StagedColumn
from interchange.exceptions import StateMoved
from interchange.faults import Code, Fault
from interchange.state import StateStore

_SMALL = 10_000
_TABLES = "staging, duplicate, delta, fault, fault_name"
_ALL = sql.SQL("true")


@dataclass(frozen=True)
class Stage:
    """What every statement of a chunk needs to know. `confidential` tells that the state asked for it, so that the
    district's own errors stay as they are."""

    store: StateStore
    known: ObjectDefinition
    columns: tuple[StagedColumn, ...]
    district_id: int
    end_year: int | None
    now: datetime
    batch_id: int | None = None
    confidential: bool = False

    @property
    def locked(self) -> list[StagedColumn]:
        return [column for column in self.columns if column.locked]

    @property
    def unlocked(self) -> list[StagedColumn]:
        """The columns that are compared with the state's and written over them, the key first."""
        return [column for column in self.columns if not column.locked]

    @property
    def key(self) -> sql.Identifier:
        return sql.Identifier(self.known.key)

    @property
    def target(self) -> sql.Identifier:
        return sql.Identifier(self.known.table)

    def run(self, statement: str, **parts: sql.Composable) -> int:
        """Executes a statement whose {names} are filled from the chunk and from `parts`; returns its row count."""
        return self._execute(statement, parts).rowcount

    def fetch(self, statement: str, **parts: sql.Composable) -> tuple[int, ...]:
        row: tuple[int, ...] = self._execute(statement, parts).fetchone() or ()
        return row

    def rows(self, statement: str, **parts: sql.Composable) -> list[tuple[Any, ...]]:
        return list(self._execute(statement, parts))

    def _execute(self, statement: str, parts: dict[str, sql.Composable]) -> psycopg.Cursor[tuple[int, ...]]:
        composed = sql.SQL(statement).format(
            key=self.key, target=self.target, district=sql.Literal(self.district_id), **parts
        )
        return self.store.execute(composed)


def create_staging(stage: Stage) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.staged_type))
        for column in stage.columns
    ]
    stage.run(f"DROP TABLE IF EXISTS {_TABLES}")
    stage.run(
        "CREATE TEMPORARY TABLE staging ({columns}, exclusion_number smallint) ON COMMIT DROP",
        columns=sql.SQL(", ").join(columns),
    )


def measure_staging(stage: Stage) -> tuple[int, int | None, int | None]:
    """How many rows came, their lowest and their highest key."""
    analyze(stage, "staging")
    count, low, high = stage.fetch("SELECT count(*), min({key}), max({key}) FROM staging")
    return count, low, high


def analyze(stage: Stage, table: str) -> None:
    """Only the columns that are joined by. Statistics of all of them would take as long as the joins."""
    names = [stage.known.key, *(column.name for _, column in _parent_columns(stage))]
    stage.run(
        "ANALYZE {table} ({names})",
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
    )


def count_staged(stage: Stage) -> int:
    count, _ = stage.fetch("SELECT count(*), 0 FROM staging")
    return count


def keys_in_error(stage: Stage, scope: sql.Composable) -> list[int]:
    """The keys of the records `e` within `scope` that have an open error, met by whomever."""
    found = stage.rows(
        "SELECT DISTINCT e.key FROM interchange_recorderror e WHERE {mine} AND {scope}",
        mine=_errors_of(stage),
        scope=scope,
    )
    return [key for (key,) in found]


def staged_keys(stage: Stage) -> frozenset[int]:
    """The keys that the district has a record of."""
    return frozenset(key for (key,) in stage.rows("SELECT DISTINCT {key} FROM staging"))


def faults_by_key(stage: Stage) -> dict[int, Fault]:
    """Why the records failed, after they were judged."""
    found = stage.rows(
        "SELECT key, code, field, max(parent_key) FROM fault JOIN fault_name USING (fault_number)"
        " GROUP BY key, code, field"
    )
    return {key: Fault(code, field, parent_key) for key, code, field, parent_key in found}


def guard_plans(stage: Stage, rows: int) -> None:
    """Statistics of a table that is being filled promise one row where there are 100,000: a nested loop then never
    ends. For few rows it is the right plan, because it spares reading the whole parent table; what was just compared is
    in memory, where a page here and there costs hardly more than the next one."""
    few = rows <= _SMALL
    stage.run("SET LOCAL enable_nestloop = {on}", on=sql.SQL("on" if few else "off"))
    stage.run("SET LOCAL random_page_cost = {cost}", cost=sql.SQL("1.1" if few else "DEFAULT"))


def state_has_rows(stage: Stage, low: int, high: int) -> bool:
    found = stage.fetch(
        "SELECT 1 FROM {target} WHERE district_id = {district} AND {key} BETWEEN {low} AND {high} LIMIT 1",
        low=sql.Literal(low),
        high=sql.Literal(high),
    )
    return bool(found)


def find_duplicates(stage: Stage, *, may_be: bool) -> int:
    """Without looking where the district has told that there can be none."""
    return stage.run(
        "CREATE TEMPORARY TABLE duplicate ON COMMIT DROP AS"
        " SELECT {key} FROM staging WHERE {may_be} GROUP BY {key} HAVING count(*) > 1",
        may_be=sql.Literal(may_be),
    )


def make_delta(stage: Stage, low: int, high: int) -> int:
    """Leaves out the rows that are at the state already, as they are. Returns the number of rows that go on."""
    ours, theirs = zip(
        *[(column.value("s"), sql.Identifier("t", column.name)) for column in stage.unlocked], strict=True
    )
    unreadable = [column.unreadable("s") for column in stage.unlocked if column.needs_reading]
    rows = stage.run(
        "CREATE TEMPORARY TABLE delta ON COMMIT DROP AS"
        " SELECT s.*, t.ctid AS state_row FROM staging s"
        " LEFT JOIN {target} t ON t.district_id = {district} AND t.{key} = s.{key} AND t.{key} BETWEEN {low} AND {high}"
        " WHERE s.exclusion_number IS NOT NULL OR t.{key} IS NULL OR ({theirs}) IS DISTINCT FROM ({ours})"
        " OR s.{key} IN (SELECT {key} FROM duplicate) {unreadable}",
        low=sql.Literal(low),
        high=sql.Literal(high),
        ours=sql.SQL(", ").join(ours),
        theirs=sql.SQL(", ").join(theirs),
        unreadable=sql.SQL("").join(sql.SQL(" OR {}").format(condition) for condition in unreadable),
    )
    analyze(stage, "delta")
    return rows


@dataclass(frozen=True)
class Candidate:
    """A fault that a row may have: when it has it, and the parent key that it is about."""

    condition: sql.Composable
    code: str
    field: str = ""
    parent_value: sql.Composable | None = None


def judge(stage: Stage, source: str) -> int:
    """Finds the first fault of every row of `source`. Returns the number of rows that may not end at the state."""
    candidates = list(chain(_own_faults(stage, source), _missing_parents(stage)))
    whens = [
        sql.SQL("WHEN {} THEN {}").format(each.condition, number) for number, each in enumerate(candidates)
    ]
    rows = stage.run(
        "CREATE TEMPORARY TABLE fault ON COMMIT DROP AS"
        " SELECT delta_row, {key} AS key, fault_number, {parent_key} AS parent_key FROM ("
        "SELECT d.*, d.ctid AS delta_row, CASE {whens} END AS fault_number FROM {source} d {joins}"
        ") d WHERE fault_number IS NOT NULL",
        parent_key=_parent_key(candidates),
        whens=sql.SQL(" ").join(whens),
        source=sql.Identifier(source),
        joins=sql.SQL(" ").join(_parent_joins(stage)),
    )
    stage.run("ANALYZE fault")
    _name_faults(stage, candidates)
    return rows


def _own_faults(stage: Stage, source: str) -> Iterator[Candidate]:
    """What the row itself tells: duplicates, exclusions in their order, fields in their order."""
    duplicate = sql.SQL("d.{key} IN (SELECT {key} FROM duplicate)").format(key=stage.key)
    yield Candidate(duplicate, Code.DUPLICATE_KEY)
    for number, exclusion in enumerate(stage.known.exclusions, start=1):
        yield Candidate(sql.SQL("d.exclusion_number = {}").format(sql.Literal(number)), exclusion.code)
    for column in stage.columns:
        for code, condition in column.conditions("d"):
            yield Candidate(_where_it_counts(column, source, condition), code, column.name)


def _where_it_counts(column: StagedColumn, source: str, condition: sql.Composable) -> sql.Composable:
    """A locked column's value is of no account where the state has the record. Staged rows are all new."""
    if not column.locked or source == "staging":
        return condition
    return sql.SQL("d.state_row IS NULL AND ({})").format(condition)


def _missing_parents(stage: Stage) -> Iterator[Candidate]:
    for number, column in _parent_columns(stage):
        value = column.value("d")
        missing = sql.SQL("{} IS NOT NULL AND {}.district_id IS NULL").format(value, _parent_alias(number))
        yield Candidate(missing, Code.MISSING_PARENT, column.name, value)


def _parent_columns(stage: Stage) -> list[tuple[int, StagedColumn]]:
    return [(n, column) for n, column in enumerate(stage.columns) if isinstance(column.field, ParentKey)]


def _parent_alias(number: int) -> sql.Identifier:
    return sql.Identifier(f"parent_{number}")


def _parent_joins(stage: Stage) -> Iterator[sql.Composable]:
    join = sql.SQL(
        "LEFT JOIN {table} {alias} ON {alias}.district_id = {district} AND {alias}.{key} = {value}"
    )
    for number, column in _parent_columns(stage):
        parent = definition(column.field.parent)  # type: ignore[attr-defined]
        yield join.format(
            table=sql.Identifier(parent.table),
            alias=_parent_alias(number),
            district=sql.Literal(stage.district_id),
            key=sql.Identifier(parent.key),
            value=column.value("d"),
        )


def _parent_key(candidates: list[Candidate]) -> sql.Composable:
    whens = [
        sql.SQL("WHEN {} THEN {}").format(number, each.parent_value)
        for number, each in enumerate(candidates)
        if each.parent_value is not None
    ]
    if not whens:
        return sql.SQL("NULL::bigint")
    return sql.SQL("CASE fault_number {} END").format(sql.SQL(" ").join(whens))


def _name_faults(stage: Stage, candidates: list[Candidate]) -> None:
    rows = [
        sql.SQL("({}, {}, {})").format(number, sql.Literal(str(each.code)), sql.Literal(each.field))
        for number, each in enumerate(candidates)
    ]
    stage.run(
        "CREATE TEMPORARY TABLE fault_name ON COMMIT DROP AS"
        " SELECT * FROM (VALUES {rows}) names (fault_number, code, field)",
        rows=sql.SQL(", ").join(rows),
    )


def update_records(stage: Stage) -> int:
    """Writes the rows of the delta over those that the state has. Raises StateMoved if one is there no longer.

    The state's row is found by its place, not by its key: with the statistics of a growing table a join by key may run
    as a nested loop over the whole delta for each row.
    """
    expected, _ = stage.fetch("SELECT count(*), 0 FROM delta d WHERE state_row IS NOT NULL" + _SOUND)
    if not expected:
        return 0
    stage.run("SET LOCAL enable_nestloop = on")
    changed = stage.unlocked[1:]
    rows = stage.run(
        # The district, because in a partitioned table a place is unique within a partition only.
        "UPDATE {target} t SET {assignments} FROM delta d"
        " WHERE t.ctid = d.state_row AND t.district_id = {district}" + _SOUND,
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column.name), column.value("d")) for column in changed
        ),
    )
    if rows != expected:
        raise StateMoved(f"Records of {stage.known.name} changed at the state while they were being pushed.")
    return rows


def count_kept(stage: Stage, low: int, high: int) -> int:
    """How many values of locked columns differ at the district, in records that the state has and that are sound.

    To be asked before the new records are inserted.
    """
    differing = [
        sql.SQL("count(*) FILTER (WHERE {})").format(column.differs("s", "t")) for column in stage.locked
    ]
    [kept] = stage.fetch(
        "SELECT {differing} FROM staging s"
        " JOIN {target} t ON t.district_id = {district} AND t.{key} = s.{key} AND t.{key} BETWEEN {low} AND {high}"
        " WHERE NOT EXISTS (SELECT FROM fault f WHERE f.key = s.{key})",
        differing=sql.SQL(" + ").join(differing),
        low=sql.Literal(low),
        high=sql.Literal(high),
    )
    return kept


def insert_records(stage: Stage, source: str) -> int:
    """Inserts what the state has not, in key order. The statement never reads the table that it fills."""
    new = "d.state_row IS NULL" if source == "delta" else "true"
    return stage.run(
        "INSERT INTO {target} (district_id, {names}) SELECT {district}, {values} FROM {source} d"
        f" WHERE {new}{_SOUND} ORDER BY d.{{key}}",
        names=sql.SQL(", ").join(sql.Identifier(column.name) for column in stage.columns),
        values=sql.SQL(", ").join(column.value("d") for column in stage.columns),
        source=sql.Identifier(source),
    )


_SOUND = " AND NOT EXISTS (SELECT FROM fault f WHERE f.delta_row = d.ctid)"


def store_errors(stage: Stage, scope: sql.Composable) -> None:
    """Opens and refreshes the errors of the rows at fault; closes the open errors within `scope` that have none."""
    close_errors(stage, scope, sql.SQL("NOT EXISTS (SELECT FROM fault f WHERE f.key = e.key)"))
    _open_errors(
        stage,
        sql.SQL(
            "SELECT key, code, field, max(parent_key), count(*) FROM fault JOIN fault_name USING (fault_number)"
            " GROUP BY key, code, field"
        ),
    )


def close_errors(stage: Stage, scope: sql.Composable, is_sound: sql.Composable = _ALL) -> None:
    """Closes what the chunk has settled: the open errors within `scope` of records that are sound.

    An attempt of the district settles what the state has met too. One of the state only marks what the district has
    met: an error that closed, or showed a later time, would tell the district what the state asked for.
    """
    if stage.confidential:
        stage.run(
            "UPDATE interchange_recorderror e SET superseded = true"
            " WHERE {mine} AND {scope} AND NOT e.confidential AND NOT e.superseded",
            mine=_errors_of(stage),
            scope=scope,
        )
        _delete_errors(stage, scope, sql.SQL("e.confidential AND {}").format(is_sound))
    else:
        # Two statements, because an anti-join is none any more beside an OR.
        _delete_errors(stage, scope, sql.SQL("e.confidential"))
        _delete_errors(stage, scope, is_sound)


def _delete_errors(stage: Stage, scope: sql.Composable, which: sql.Composable) -> None:
    stage.run(
        "DELETE FROM interchange_recorderror e WHERE {mine} AND {scope} AND {which}",
        mine=_errors_of(stage),
        scope=scope,
        which=which,
    )


def store_missing_keys(stage: Stage, rows: int) -> None:
    """One error stands for all rows without a key; it closes when there are none."""
    close_errors(stage, sql.SQL("e.key IS NULL"), sql.Literal(rows == 0))
    if rows:
        missing = sql.SQL("VALUES (NULL::bigint, {}, {}, NULL::bigint, {})")
        code, key = sql.Literal(str(Code.MISSING_KEY)), sql.Literal(stage.known.key)
        _open_errors(stage, missing.format(code, key, sql.Literal(rows)))


def _open_errors(stage: Stage, rows: sql.Composable) -> None:
    stage.run(
        "INSERT INTO interchange_recorderror (district_id, object, school_year_id, key, code, field, parent_key,"
        " occurrences, first_met_at, last_met_at, batch_id, confidential)"
        " SELECT {district}, {name}, {year}, key, code, field, parent_key, occurrences, {now}, {now},"
        " {batch}, {confidential} FROM ({rows}) r (key, code, field, parent_key, occurrences)"
        " ON CONFLICT ON CONSTRAINT one_open_error_per_record DO UPDATE SET code = excluded.code,"
        " field = excluded.field, parent_key = excluded.parent_key, occurrences = excluded.occurrences,"
        " last_met_at = excluded.last_met_at, batch_id = excluded.batch_id, superseded = false",
        name=sql.Literal(stage.known.name),
        year=_year(stage),
        now=sql.Literal(stage.now),
        batch=sql.SQL("{}::bigint").format(sql.Literal(stage.batch_id)),
        confidential=sql.Literal(stage.confidential),
        rows=rows,
    )


def _errors_of(stage: Stage) -> sql.Composable:
    return sql.SQL(
        "e.district_id = {} AND e.object = {} AND e.school_year_id IS NOT DISTINCT FROM {}"
    ).format(sql.Literal(stage.district_id), sql.Literal(stage.known.name), _year(stage))


def _year(stage: Stage) -> sql.Composable:
    """The school year that an error belongs to: none where the object is bound to none."""
    return sql.SQL("{}::smallint").format(sql.Literal(stage.end_year if stage.known.school_year else None))
