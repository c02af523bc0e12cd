"""The cases, in the order in which they leave the data for the next one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection

from benchmarks import dataset, limits, ours
from benchmarks.dataset import OBJECTS, Dataset
from benchmarks.measuring import Measured, Row, ask, changed
from benchmarks.names import (
    BY_WORD,
    CLUSTERED,
    DIFFERENT,
    EQUAL,
    FIRST,
    RESYNCS,
    SCATTERED,
    SELECTIVE,
    STARTING,
    UNCHANGED,
    VERIFICATIONS,
)
from benchmarks.peers import Peer, Unavailable
from config.celery import Queues
from dis_objects.catalogue import definition
from districts.databases import open_district

CHANGES = {SCATTERED: "{key} % 100 = 37", CLUSTERED: "{key} % 20000 BETWEEN 5000 AND 5199"}


# Fields that a verification compares.
_COMPARED_TOO = dataset.CHANGED | {"Enrollment": "end_date"}


@dataclass
class Results:
    """The rows, by case and contestant, in the order in which they came."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    say: Callable[[str], None] = print

    @classmethod
    def unheard(cls) -> "Results":
        """For runs that only prepare others."""
        return cls(say=lambda line: None)

    def add(self, case: str, who: str, measured: Measured) -> None:
        self._row(case, who).runs.append(measured)
        self.say(f"{case:32} {who:28} {measured.seconds:8.2f} s")

    def cannot(self, case: str, who: str, why: str) -> None:
        self._row(case, who).why_not = why
        self.say(f"{case:32} {who:28} not run: {why}")

    def _row(self, case: str, who: str) -> Row:
        return self.rows.setdefault((case, who), Row(case, who))


def run(
    data: Dataset,
    peers: Iterable[Peer],
    results: Results,
    wanted: frozenset[str] = frozenset(BY_WORD.values()),
) -> None:
    """The wanted cases once; what they need before them is done, but not told."""
    peers = [each for each in peers if each.cases & wanted]
    _ask_for_starts(peers, results)
    _load(data, peers, results, wanted)
    if UNCHANGED in wanted:
        results.add(UNCHANGED, "checksum queries alone", limits.checksum_queries(data))
        _resyncs(data, UNCHANGED, results)
        _ask_peers(peers, UNCHANGED, data, results)
    for case in (each for each in CHANGES if each in wanted):
        for count in (1, 2):
            # Each of ours needs a change of its own.
            dataset.change(data.district, CHANGES[case])
            _resync(data, case, count, results)
        _ask_peers(peers, case, data, results)
    if SELECTIVE in wanted:
        _selective(data, results)
    if wanted & VERIFICATIONS:
        _verifications(data, peers, results, wanted)


def _load(data: Dataset, peers: list[Peer], results: Results, wanted: frozenset[str]) -> None:
    """Whatever is wanted, it needs loaded tables."""
    ours.empty_state()
    # The first one of all is not counted: it also makes the files of the tables and of the log.
    _resync(data, FIRST, 1, Results.unheard())
    if FIRST in wanted:
        _first_loads(data, results)
        results.add(FIRST, "COPY into unindexed tables", limits.copy_unindexed(data))
        results.add(FIRST, "COPY into the same tables", limits.copy_indexed(data))
        results.add(FIRST, "COPY, an index per parent too", limits.copy_indexed_by_parent(data))
    if wanted & RESYNCS:
        _ask_peers(peers, FIRST, data, results if FIRST in wanted else Results.unheard())


def _who(count: int) -> str:
    return f"Upstate, {count} worker{'s' if count > 1 else ''}"


def _first_loads(data: Dataset, results: Results) -> None:
    for count in (1, 2):
        ours.empty_state()
        _resync(data, FIRST, count, results)


def _resyncs(data: Dataset, case: str, results: Results) -> None:
    for count in (1, 2):
        _resync(data, case, count, results)


def _resync(data: Dataset, case: str, count: int, results: Results) -> None:
    ours.settle()
    with ours.workers(count) as process:
        results.add(case, _who(count), ours.resync(data, process))
    require_sound_state(data)


def _selective(data: Dataset, results: Results) -> None:
    ids = [int(str(key)) for (key,) in ask("SELECT person_id FROM person_identity ORDER BY person_id")]
    with ours.workers(1, Queues.INTERACTIVE) as process:
        chosen = list(islice(ids, 50_000))
        results.add(SELECTIVE, _who(1), ours.selective_sync(data, chosen, process))


def _verifications(data: Dataset, peers: list[Peer], results: Results, wanted: frozenset[str]) -> None:
    dataset.drop_failing_records(data.district)
    data = Dataset(data.district, sum(_counts("sound", data).values()))
    if EQUAL in wanted:
        ours.settle()
        _verify(data, EQUAL, results, expected=0)
        _ask_peers(peers, EQUAL, data, results)
    if DIFFERENT in wanted:
        ours.settle()
        _verify(data, DIFFERENT, results, expected=spoil_state(data))
        _ask_peers(peers, DIFFERENT, data, results)


def _verify(data: Dataset, case: str, results: Results, *, expected: int) -> None:
    with ours.workers(1, Queues.VERIFICATION) as process:
        measured, found = ours.verify(data, process)
    assert found == expected, f"{found} keys do not agree, and not {expected}"
    results.add(case, _who(1), measured)


def spoil_state(data: Dataset) -> int:
    """One record in 1,000 is another one at the state: half have another value, a quarter each is missing on a side.
    Returns how many keys do not agree now."""
    spoilt = 0
    for name, column in _COMPARED_TOO.items():
        known = definition(name)
        spoilt += changed(f"DELETE FROM {known.table} WHERE {known.key} % 4000 = 1")
        value = (
            f"{column} + 1" if column.endswith("date") else f"translate({column}, '0123456789', '1234567890')"
        )
        spoilt += changed(f"UPDATE {known.table} SET {column} = {value} WHERE {known.key} % 4000 IN (2, 3)")
        names = ", ".join(each.name for each in known.fields if each.name != known.key)
        spoilt += changed(
            f"INSERT INTO {known.table} (district_id, {known.key}, {names}) SELECT district_id,"
            f" 500000000 + {known.key}, {names} FROM {known.table} WHERE {known.key} % 4000 = 4"
        )
    return spoilt


def require_sound_state(data: Dataset) -> None:
    """A time is believed only if the state has exactly the records that it must have, to the last value."""
    for name in OBJECTS:
        known = definition(name)
        names = ", ".join(f"{each.name}::{each.db_type(connection)}" for each in known.fields)
        query = f"SELECT count(*), sum(hashtextextended(ROW({names})::text, 0)) FROM {{}}"
        with open_district(data.district) as database:
            theirs = database.execute(query.format(f"sound.{known.table}")).fetchone()
        [mine] = ask(query.format(known.table) + f" WHERE district_id = {data.district.pk}")
        assert tuple(mine) == theirs, f"the state's {name} is not what it must be: {mine}, and not {theirs}"


def _counts(schema: str, data: Dataset) -> dict[str, int]:
    with open_district(data.district) as database:
        return {
            name: database.execute(f"SELECT count(*) FROM {schema}.{definition(name).table}").fetchone()[0]  # type: ignore[index]
            for name in OBJECTS
        }


def _ask_for_starts(peers: Iterable[Peer], results: Results) -> None:
    """A tool is started anew for every table or case, and its time has that in it; ours run all day."""
    for peer in peers:
        try:
            starting = peer.start()
        except Unavailable as reason:
            results.cannot(STARTING, peer.name, str(reason))
        else:
            if starting:
                results.add(STARTING, peer.name, starting)


def _ask_peers(peers: Iterable[Peer], case: str, data: Dataset, results: Results) -> None:
    for peer in peers:
        if case in peer.cases:
            try:
                results.add(case, peer.name, peer.run(case, data))
            except Unavailable as reason:
                results.cannot(case, peer.name, str(reason))
