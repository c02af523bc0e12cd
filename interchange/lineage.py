"""Which records of an object belong to a person, to an enrollment, or to any other record above them.

The way up is read from the catalogue: through the columns that name parent records, the shortest way first. Where the
table has no column of its own that names the root, the tables between are asked at the district.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from psycopg import sql

from dis_objects.catalogue import definition, hierarchy

# An object under Enrollment that names no enrollment is its person's.
_ENROLLMENT, _PERSON = "Enrollment", "PersonIdentity"
_NUMBERS = frozenset({"int2", "int4", "int8", "numeric"})


@dataclass(frozen=True)
class Hop:
    """From a record to the records of another object: its `column` is their `matched` column."""

    column: str
    object: str
    matched: str


@dataclass(frozen=True)
class Lineage:
    """The hops from an object to the table whose column `last` holds the keys of the root."""

    hops: tuple[Hop, ...]
    last: str

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects between, whose tables are read."""
        return tuple(hop.object for hop in self.hops)


@cache
def lineage(name: str, root: str) -> Lineage | None:
    """How a record of the object is found by the key of its root; None if the object names no root at all."""
    own = _way_up(name, root)
    if own is not None or root != _ENROLLMENT:
        return own
    by_person = _way_up(name, _PERSON)
    if by_person is None:
        return None
    enrolled = Hop(by_person.last, _ENROLLMENT, "person_id")
    return Lineage((*by_person.hops, enrolled), definition(_ENROLLMENT).key)


def objects_under(root: str) -> tuple[str, ...]:
    """The objects under the root in the hierarchy whose records belong to a record of it, in parent-first order."""
    return tuple(name for name in hierarchy().children(root) if lineage(name, root))


def objects_of_nobody(root: str) -> tuple[str, ...]:
    """The objects under the root in the hierarchy whose records belong to no record of it, such as Test under
    PersonIdentity."""
    return tuple(name for name in hierarchy().children(root) if not lineage(name, root))


def _way_up(name: str, root: str) -> Lineage | None:
    """Breadth first, columns in the order of the table: so the way is the shortest, and always the same."""
    ways: list[tuple[str, tuple[Hop, ...]]] = [(name, ())]
    seen = {name}
    for current, hops in ways:
        for column in definition(current).parent_keys:
            if column.parent == root:
                return Lineage(hops, column.name)
            if column.parent not in seen:
                seen.add(column.parent)
                hop = Hop(column.name, column.parent, definition(column.parent).key)
                ways.append((column.parent, (*hops, hop)))
    return None


def belongs_to_roots(name: str, way: Lineage, types: Mapping[str, Mapping[str, str]]) -> sql.Composable:
    """The condition on the district's record `r`, with the keys of the roots in `%(keys)s`.

    `types` are the district's base types of the columns of the object and of each object between. An unindexed text
    column is compared as text, since nothing promises that it holds numbers only.
    """
    return _condition("r", 1, name, way.hops, way.last, types)


def _condition(
    alias: str,
    depth: int,
    name: str,
    hops: tuple[Hop, ...],
    last: str,
    types: Mapping[str, Mapping[str, str]],
) -> sql.Composable:
    if not hops:
        kind = "bigint[]" if types[name][last] in _NUMBERS else "text[]"
        column = _column(alias, last, as_text=kind == "text[]")
        return sql.SQL("{} = ANY(%(keys)s::{})").format(column, sql.SQL(kind))
    hop, inner = hops[0], f"x{depth}"
    as_text = not {types[name][hop.column], types[hop.object][hop.matched]} <= _NUMBERS
    return sql.SQL("{column} IN (SELECT {matched} FROM {table} {inner} WHERE {condition})").format(
        column=_column(alias, hop.column, as_text=as_text),
        matched=_column(inner, hop.matched, as_text=as_text),
        table=sql.Identifier("public", definition(hop.object).table),
        inner=sql.Identifier(inner),
        condition=_condition(inner, depth + 1, hop.object, hops[1:], last, types),
    )


def _column(alias: str, name: str, *, as_text: bool) -> sql.Composable:
    return sql.SQL("{}::text" if as_text else "{}").format(sql.Identifier(alias, name))
