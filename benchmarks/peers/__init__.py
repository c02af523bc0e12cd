"""Other tools that do a part of what Upstate does, each on the sound records: none of them checks or refuses any.

They are installed into an environment of their own when they are first asked for. What cannot be installed or run is
told with its reason, and never left out in silence.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from benchmarks.dataset import Dataset
from benchmarks.measuring import Measured


class Unavailable(Exception):
    """Why a tool could not be measured, in a sentence."""


class Peer(ABC):
    """A tool, and the cases that it can take part in."""

    name: str
    cases: frozenset[str]

    @abstractmethod
    def run(self, case: str, data: Dataset) -> Measured:
        """Runs one case. Raises Unavailable."""

    def start(self) -> Measured | None:
        """Its processes of one case, each started only to end; None where it starts none worth the name.
        Raises Unavailable."""
        return None


def chosen(names: str) -> Sequence[Peer]:
    """All, none, or those whose names are given with commas between."""
    if names == "none":
        return ()
    from benchmarks.peers import tools  # noqa: PLC0415 (they name cases of this package)

    return [
        each for each in tools.all_of_them() if names == "all" or each.name.split()[0] in names.split(",")
    ]
