"""The registry of the mapping.

`maps` marks the function that turns an element kind into rows. `learns` marks one that only gathers what
other elements need; `into` says which objects profit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from district_data.edfi.elements import Element
from district_data.edfi.load import Load
from district_data.edfi.rows import Row

Rows: TypeAlias = Iterator[Row]
MapFunction: TypeAlias = Callable[[Element, Load], Rows]
LearnFunction: TypeAlias = Callable[[Element, Load], None]


@dataclass(frozen=True)
class Mapper:
    rows: MapFunction
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Learner:
    learn: LearnFunction
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """How an element kind is used. Neither: the kind is not used."""

    becomes: tuple[str, ...]
    adds_to: tuple[str, ...]


MAPPERS: dict[str, Mapper] = {}
LEARNERS: dict[str, Learner] = {}


def maps(kind: str, to: tuple[str, ...]) -> Callable[[MapFunction], MapFunction]:
    def register(function: MapFunction) -> MapFunction:
        MAPPERS[kind] = Mapper(function, to)
        return function

    return register


def learns(kind: str, into: tuple[str, ...]) -> Callable[[LearnFunction], LearnFunction]:
    def register(function: LearnFunction) -> LearnFunction:
        LEARNERS[kind] = Learner(function, into)
        return function

    return register


def use_of(kind: str) -> Use:
    becomes = MAPPERS[kind].objects if kind in MAPPERS else ()
    adds_to = LEARNERS[kind].objects if kind in LEARNERS else ()
    return Use(becomes, tuple(each for each in adds_to if each not in becomes))
