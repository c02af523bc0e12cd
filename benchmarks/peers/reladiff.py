"""reladiff compares tables of two databases by checksums of segments, as our verification does."""

from pathlib import Path

from benchmarks import names
from benchmarks.dataset import OBJECTS, Dataset
from benchmarks.measuring import Measured
from benchmarks.peers import Peer, tables
from benchmarks.peers.installing import environment_of, timed
from dis_objects.catalogue import ObjectDefinition, definition
from interchange.comparison import compared_fields


class Reladiff(Peer):
    cases = names.VERIFICATIONS

    def __init__(self, name: str, *settings: str) -> None:
        self.name, self.settings = name, settings

    def run(self, case: str, data: Dataset) -> Measured:
        programs = environment_of("reladiff", "reladiff[postgresql]==0.6.0")
        return timed(data.records, *(self._command(programs, data, definition(name)) for name in OBJECTS))

    def start(self) -> Measured:
        programs = environment_of("reladiff", "reladiff[postgresql]==0.6.0")
        return timed(0, *[[str(programs / "reladiff"), "--version"]] * len(OBJECTS))

    def _command(self, programs: Path, data: Dataset, known: ObjectDefinition) -> list[str]:
        columns = [word for field in compared_fields(known)[1:] for word in ("-c", field.name)]
        return [
            *(str(programs / "reladiff"), tables.district_address(data.district), f"sound.{known.table}"),
            *(tables.state_address(), f"public.{known.table}", "-k", known.key, *columns),
            *("--stats", *self.settings),
        ]
