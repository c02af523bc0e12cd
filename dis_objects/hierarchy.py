"""The hierarchy of DIS objects: pure, without a database.

Objects are nodes, an arrow leads from each immediate parent to its child. The one order that everything else
uses is the parent-first order in which, among the objects whose parents are all placed, the smallest rank
comes next: it never depends on the order in which the objects were declared.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from dis_objects.exceptions import HierarchyError, UnknownObject

Rank = tuple[int, str]


class Hierarchy:
    """`parents` maps each object to its immediate parents; `ranks` decides between objects that are free to
    go next.

    Raises HierarchyError for a parent without an entry of its own and for a cycle.
    """

    def __init__(self, parents: Mapping[str, Sequence[str]], ranks: Mapping[str, Rank]) -> None:
        self._parents = {name: tuple(above) for name, above in parents.items()}
        self._ranks = ranks
        unknown = {above for row in self._parents.values() for above in row} - self._parents.keys()
        if unknown:
            raise HierarchyError(f"These parents are not objects: {', '.join(sorted(unknown))}.")

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every object, parents first."""
        sorter = TopologicalSorter(self._parents)
        try:
            sorter.prepare()
        except CycleError as error:
            raise HierarchyError(
                f"These objects are parents of each other: {' > '.join(error.args[1])}."
            ) from error
        return tuple(self._drain(sorter))

    def _drain(self, sorter: TopologicalSorter[str]) -> Iterable[str]:
        free = [(self._ranks[name], name) for name in sorter.get_ready()]
        heapq.heapify(free)
        while free:
            _, name = heapq.heappop(free)
            yield name
            sorter.done(name)
            for ready in sorter.get_ready():
                heapq.heappush(free, (self._ranks[ready], ready))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.order)}

    def sorted(self, names: Iterable[str]) -> tuple[str, ...]:
        """The given objects in parent-first order, each once. Raises UnknownObject."""
        wanted = set(names)
        unknown = wanted - self._places.keys()
        if unknown:
            raise UnknownObject(f"There is no DIS object named {', '.join(sorted(unknown))}.")
        return tuple(sorted(wanted, key=self._places.__getitem__))

    def immediate_parents(self, name: str) -> tuple[str, ...]:
        self.sorted([name])
        return self.sorted(self._parents[name])

    def parents(self, name: str) -> tuple[str, ...]:
        """All objects that must be at the state before this one, in parent-first order."""
        found: set[str] = set()
        waiting = list(self.immediate_parents(name))
        while waiting:
            above = waiting.pop()
            if above not in found:
                found.add(above)
                waiting.extend(self._parents[above])
        return self.sorted(found)

    def children(self, name: str) -> tuple[str, ...]:
        """All objects that depend on this one, in parent-first order."""
        self.sorted([name])
        return tuple(other for other in self.order if name in self._closures[other])

    @cached_property
    def _closures(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(self.parents(name)) for name in self.order}

    def with_parents(self, names: Iterable[str]) -> tuple[str, ...]:
        """Check dependencies: the given objects and everything they depend on, in parent-first order."""
        chosen = self.sorted(names)
        return self.sorted({*chosen, *(above for name in chosen for above in self._closures[name])})
