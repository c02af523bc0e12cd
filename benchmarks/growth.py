"""Whether a resync of one district takes longer because the state has others: 1, 10 and 50 of the same size, in plain
tables and in tables that are partitioned by district."""

from collections.abc import Iterator

from django.db import connection

from benchmarks import dataset, ours
from benchmarks.cases import Results, require_sound_state
from benchmarks.dataset import OBJECTS, Dataset
from benchmarks.measuring import ask
from benchmarks.names import FIRST, SCATTERED, UNCHANGED
from config.celery import Queues
from dis_objects.catalogue import definition

DISTRICTS = (1, 10, 50)
_PARTITIONS = 16
_OTHERS = 1_000_000
_REPEATS = 3


def run(scale: float, results: Results) -> None:
    data = dataset.make(scale)
    for partitioned in (False, True):
        if partitioned:
            _partition()
        for count in DISTRICTS:
            _clone(data, count)
            _measure(
                data,
                f"{count} district{'s' if count > 1 else ''}{', partitioned' if partitioned else ''}",
                results,
            )
        _drop_others()


def _measure(data: Dataset, who: str, results: Results) -> None:
    for _ in range(_REPEATS):
        for case in _cases(data):
            ours.settle()
            others = _others()
            with ours.workers(1) as process:
                results.add(f"growth, {case}", who, ours.resync(data, process))
            require_sound_state(data)
            assert _others() == others, "the resync touched records of other districts"
    ours.settle()
    with ours.workers(1, Queues.VERIFICATION) as process:
        results.add("growth, verification", who, ours.verify(data, process)[0])


def _cases(data: Dataset) -> Iterator[str]:
    """Each is prepared when it is asked for."""
    for name in OBJECTS:
        ask(f"DELETE FROM {definition(name).table} WHERE district_id = {data.district.pk}")
    ask("TRUNCATE interchange_recorderror, interchange_recorderrorcount")
    yield FIRST
    yield UNCHANGED
    dataset.change(data.district, "{key} % 100 = 37")
    yield SCATTERED


def _clone(data: Dataset, count: int) -> None:
    """The other districts' records, in key order within each, as their own resyncs would have left them."""
    if count == 1:
        return
    for name in OBJECTS:
        known = definition(name)
        names = ", ".join(each.name for each in known.fields)
        [[there]] = ask(
            f"SELECT count(DISTINCT district_id) FROM {known.table} WHERE district_id >= {_OTHERS}"
        )
        ask(
            f"INSERT INTO {known.table} (district_id, {names}) SELECT {_OTHERS} + n, {names}"
            f" FROM generate_series({int(str(there)) + 1}, {count - 1}) n, {known.table}"
            f" WHERE district_id = {data.district.pk} ORDER BY n, {known.key}"
        )


def _others() -> list[tuple[object, ...]]:
    """How many records the other districts have, and a checksum of the values that change."""
    return [
        ask(
            f"SELECT count(*), sum(hashtextextended({definition(name).key}::text || {column}::text, 0))"
            f" FROM {definition(name).table} WHERE district_id >= {_OTHERS}"
        )[0]
        for name, column in dataset.CHANGED.items()
    ]


def _drop_others() -> None:
    for name in OBJECTS:
        ask(f"DELETE FROM {definition(name).table} WHERE district_id >= {_OTHERS}")
    ours.empty_state()


def _partition() -> None:
    with connection.cursor() as cursor:
        for name in OBJECTS:
            table = definition(name).table
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_plain")
            cursor.execute(
                f"CREATE TABLE {table} (LIKE {table}_plain INCLUDING ALL) PARTITION BY HASH (district_id)"
            )
            for number in range(_PARTITIONS):
                cursor.execute(
                    f"CREATE TABLE {table}_{number} PARTITION OF {table}"
                    f" FOR VALUES WITH (MODULUS {_PARTITIONS}, REMAINDER {number})"
                )
