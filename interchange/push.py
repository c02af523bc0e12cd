"""Pushes a chunk of records from a district's database into the state store.

1. Copy: the selected records stream in binary into a temporary table at the state; Python passes blocks, never rows.
   Of a key range, only those that checksums or an open error tell to look at (interchange/ranges.py).
2. Delta: what is new, differs from the state's row or may fail goes on; unchanged rows leave here.
3. Judge: the first fault of every record that may not end at the state.
4. Write: update what exists, insert what is new, in key order; open, refresh and close record errors.

The value of a locked field is the state's (docs/adr/0006): a record that the state has is neither judged by it nor
changed in it. Locks are read when a chunk starts.

Everything happens in the caller's transaction: records, errors and the counts that the caller stores commit together or
not at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.utils import timezone
from psycopg import sql

from dis_objects.catalogue import RecordModel, definition
from dis_objects.queries import locked_fields
from districts.databases import open_district
from districts.models import District
from interchange import staging
from interchange.columns import staged_columns
from interchange.copying import Parameters, copy_records
from interchange.district import Connection, count_records, of_school_year, records_query, source_types
from interchange.faults import Fault
from interchange.lineage import belongs_to_roots, lineage
from interchange.locks import lock_for_push
from interchange.ranges import Staged, stage_range
from interchange.selections import KeyRange, KeySet, RecordsUnder, Selection
from interchange.sides import Span
from interchange.staging import Stage
from interchange.state import in_time_zone, state_store


@dataclass(frozen=True)
class ChunkOutcome:
    """What a chunk did, in records. `processed` are attempts, `errors` those that did not end at the state, `written`
    the new and changed ones. `last_key` is where the next chunk of a range goes on; `finished` says that there is none.
    `kept` are the values of locked fields that differ at the district, in records that the state has and that are no
    errors. `copied` are those that had to be copied to know that. `rest` are the records after `last_key`, where asked
    for."""

    processed: int
    errors: int
    written: int
    last_key: int | None
    finished: bool
    kept: int = 0
    copied: int = field(default=0, compare=False)
    rest: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class KeysOutcome:
    """What became of each key: the district has no record of it (in that school year), it failed, or else it is at the
    state now."""

    counts: ChunkOutcome
    not_found: frozenset[int]
    failed: Mapping[int, Fault]


def push_chunk(
    record_model: RecordModel,
    district: District,
    selection: Selection,
    cursor: int | None = None,
    *,
    end_year: int | None = None,
    batch_id: int | None = None,
    confidential: bool = False,
    count_rest: bool = False,
) -> ChunkOutcome:
    """Pushes the selected records after `cursor` (None: from the beginning).

    Errors are stored as met by `batch_id`; `confidential` says that the state asked for the push, so that the district
    does not see what it meets (interchange.models.RecordError).

    `end_year` is the resync's school year: exclusions may ask for it even where the object is bound to none.
    Raises DistrictNotConnected, DistrictUnreachable, DistrictTableError, DistrictQueryError, and StateMoved; the
    caller's transaction must then be rolled back.
    """
    stage, staged = _stage_selection(
        *(record_model, district, selection, cursor, end_year),
        batch_id=batch_id,
        confidential=confidential,
        count_rest=count_rest,
    )
    with in_time_zone(stage.store, district.time_zone):
        return _settle(stage, selection, cursor, staged)


def push_keys(
    record_model: RecordModel,
    district: District,
    keys: Collection[int],
    *,
    end_year: int | None = None,
    confidential: bool = False,
) -> KeysOutcome:
    """Pushes the records with these keys, and tells what became of each. Raises as `push_chunk`."""
    wanted = frozenset(keys)
    selection = KeySet(tuple(sorted(wanted)))
    stage, staged = _stage_selection(
        record_model, district, selection, None, end_year, confidential=confidential
    )
    with in_time_zone(stage.store, district.time_zone):
        counts = _settle(stage, selection, None, staged)
    if not counts.processed:
        return KeysOutcome(counts, wanted, {})
    return KeysOutcome(counts, wanted - staging.staged_keys(stage), staging.faults_by_key(stage))


def _stage_selection(
    record_model: RecordModel,
    district: District,
    selection: Selection,
    cursor: int | None,
    end_year: int | None,
    *,
    batch_id: int | None = None,
    confidential: bool = False,
    count_rest: bool = False,
) -> tuple[Stage, Staged]:
    """Copies what has to be looked at into staging."""
    known = definition(record_model.__name__)
    if known.school_year and end_year is None:
        raise ValueError(f"{known.name} is bound to a school year: say which one is pushed.")
    store = state_store()
    lock_for_push(store, district.pk, known.name)
    with open_district(district) as database:
        columns = staged_columns(known, source_types(database, known), locked_fields(known.name))
        stage = Stage(
            store, known, columns, district.pk, end_year, timezone.now(), batch_id, confidential=confidential
        )
        staging.create_staging(stage)
        if isinstance(selection, KeyRange):
            return stage, _stage_range(stage, database, selection, cursor, count_rest=count_rest)
        _copy_selection(stage, database, selection)
        return stage, Staged(staging.count_staged(stage), None, finished=True)


def _stage_range(
    stage: Stage, database: Connection, selection: KeyRange, cursor: int | None, *, count_rest: bool
) -> Staged:
    """No key range reaches a row without a key, so the first chunk counts them."""
    staged = stage_range(stage, database, cursor, selection.limit)
    keyless = rest = None
    if cursor is None:
        keyless = _count(stage, database, sql.SQL("r.{} IS NULL").format(stage.key))
    if count_rest:
        after = Span(staged.last_key, None).holds(sql.Identifier("r", stage.known.key))
        rest = 0 if staged.finished else _count(stage, database, after)
    return replace(staged, keyless=keyless, rest=rest)


def _count(stage: Stage, database: Connection, where: sql.Composable) -> int:
    return count_records(database, stage.known, stage.end_year, where)


def count_total(record_model: RecordModel, district: District, end_year: int | None) -> int:
    """How many records the district would send now. Raises as `push_chunk`."""
    known = definition(record_model.__name__)
    with open_district(district) as database:
        source_types(database, known)
        return count_records(database, known, end_year)


def _copy_selection(stage: Stage, database: Connection, selection: KeySet | RecordsUnder) -> None:
    query = records_query(stage.known, stage.columns, _selected(stage, database, selection))
    parameters: Parameters = {"keys": list(selection.keys), "end_year": stage.end_year}
    copy_records(database, stage.store, stage.known, query, parameters)


def _selected(stage: Stage, database: Connection, selection: KeySet | RecordsUnder) -> sql.Composable:
    """The condition on the district's record `r`; needs the parameter `keys`."""
    if isinstance(selection, RecordsUnder):
        return _under(stage, database, selection.root)
    return sql.SQL("r.{} = ANY(%(keys)s)").format(stage.key)


def _under(stage: Stage, database: Connection, root: str) -> sql.Composable:
    """By their keys, so that a record comes with its copies, whoever these belong to: it is a duplicate here too."""
    known = stage.known
    way = lineage(known.name, root)
    if way is None:
        raise ValueError(f"No record of {known.name} belongs to one of {root}.")
    types = {name: source_types(database, definition(name)) for name in (known.name, *way.objects)}
    return sql.SQL("r.{key} IN (SELECT r.{key} FROM {table} r WHERE {year} AND {belongs})").format(
        key=stage.key,
        table=sql.Identifier("public", known.table),
        year=of_school_year(known),
        belongs=belongs_to_roots(known.name, way, types),
    )


def _settle(stage: Stage, selection: Selection, cursor: int | None, staged: Staged) -> ChunkOutcome:
    copied, low, high = staging.measure_staging(stage)
    scope = _scope(stage, selection, cursor, None if staged.finished else staged.last_key)
    faults = written = kept = 0
    if low is not None and high is not None:
        staging.guard_plans(stage, copied)
        staging.find_duplicates(stage, may_be=staged.may_repeat)
        faults, written, kept = _judge_and_write(stage, copied, low, high)
        staging.store_errors(stage, scope)
    else:
        staging.close_errors(stage, scope)
    if staged.keyless is not None:
        staging.store_missing_keys(stage, staged.keyless)
    keyless = staged.keyless or 0
    return ChunkOutcome(
        processed=staged.records + keyless,
        errors=faults + keyless,
        written=written,
        last_key=staged.last_key,
        finished=staged.finished,
        kept=kept,
        copied=copied,
        rest=staged.rest,
    )


def _judge_and_write(stage: Stage, rows: int, low: int, high: int) -> tuple[int, int, int]:
    """How many records failed, how many were written, and how many values were kept."""
    if not staging.state_has_rows(stage, low, high):
        faults = staging.judge(stage, "staging")
        return faults, staging.insert_records(stage, "staging"), 0
    staging.guard_plans(stage, staging.make_delta(stage, low, high))
    faults = staging.judge(stage, "delta")
    kept = _count_kept(stage, rows, low, high)
    return faults, staging.insert_records(stage, "delta") + staging.update_records(stage), kept


def _count_kept(stage: Stage, rows: int, low: int, high: int) -> int:
    if not stage.locked:
        return 0
    staging.guard_plans(stage, rows)
    return staging.count_kept(stage, low, high)


def _scope(stage: Stage, selection: Selection, cursor: int | None, high: int | None) -> sql.Composable:
    """Which open errors the chunk has settled: its key range, open at both ends of the object, its keys, or the keys
    that came."""
    if isinstance(selection, KeySet):
        return sql.SQL("e.key = ANY({})").format(sql.Literal(list(selection.keys)))
    if isinstance(selection, RecordsUnder):
        return sql.SQL("e.key IN (SELECT {} FROM staging)").format(stage.key)
    above = (
        sql.SQL("e.key > {}").format(sql.Literal(cursor))
        if cursor is not None
        else sql.SQL("e.key IS NOT NULL")
    )
    below = sql.SQL(" AND e.key <= {}").format(sql.Literal(high)) if high is not None else sql.SQL("")
    return above + below
