"""Takes records from the state that the district no longer has, those that hang on them first.

Whether the district has a record is asked live, in the transaction that deletes and under the lock that keeps pushes
out. A record that the district has, in whatever school year, stays; and so does everything above it.

leaving    the records that may go, those under the chosen ones included, and the fate of each
hanging    which record of `leaving` names which other one as its parent
held       the keys of one object that the district has
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import sql

from dis_objects.catalogue import ObjectDefinition, RecordModel, definition, definitions
from dis_objects.fields import ParentKey
from districts.databases import open_district
from districts.models import District
from interchange.copying import Parameters, copy_records
from interchange.district import Connection, of_school_year
from interchange.locks import lock_for_delete
from interchange.sides import Rows, big_array, of_state_year
from interchange.state import StateStore, state_store

# Above so many keys, all of the district's are read: a list of them would be the larger.
_FEW = 10_000


class Fate(StrEnum):
    """What becomes of a record; or why it stays."""

    REMOVED = "REMOVED"
    NOT_AT_STATE = "NOT_AT_STATE"
    AT_DISTRICT = "AT_DISTRICT"
    IN_OTHER_YEAR = "IN_OTHER_YEAR"
    CHILDREN_STAY = "CHILDREN_STAY"


_SENTENCES = {
    Fate.NOT_AT_STATE: "The state does not have this record of {name}. Verify {name} again.",
    Fate.AT_DISTRICT: "The district has this record of {name}. Verify {name} again.",
    Fate.IN_OTHER_YEAR: "The district has this record of {name} in another school year. Resync {name} in that year.",
    Fate.CHILDREN_STAY: "Records that hang on it stay, because the district has them or others under them: {children}."
    " Correct these at the district first.",
}


@dataclass(frozen=True)
class Stay:
    """Why a record was not removed. `children` counts, by object, the records right under it that stay."""

    object: str
    fate: Fate
    children: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """Names, codes and counts; never a value."""
        children = ", ".join(f"{count} of {name}" for name, count in self.children)
        return _SENTENCES[self.fate].format(name=self.object, children=children)


@dataclass(frozen=True)
class RemovalOutcome:
    """How many records were removed of each object, those under the chosen ones included; and by key why a chosen
    record was not."""

    removed: Mapping[str, int]
    kept: Mapping[int, Stay]


@dataclass(frozen=True)
class _Removal:
    """What every statement needs to know. `known` is the object of the chosen records."""

    store: StateStore
    database: Connection
    known: ObjectDefinition
    district_id: int
    end_year: int | None

    def run(self, statement: str, **parts: str | sql.Composable) -> int:
        """Executes a statement whose {names} are filled from `parts`, texts as literals; returns its row count."""
        return self._execute(statement, parts).rowcount

    def rows(self, statement: str, **parts: str | sql.Composable) -> Rows:
        return self._execute(statement, parts).fetchall()

    def _execute(self, statement: str, parts: dict[str, str | sql.Composable]) -> psycopg.Cursor[Any]:
        composed = {
            name: sql.Literal(str(part)) if isinstance(part, str) else part for name, part in parts.items()
        }
        return self.store.execute(
            sql.SQL(statement).format(district=sql.Literal(self.district_id), **composed)
        )


def remove_records(
    record_model: RecordModel,
    district: District,
    keys: Collection[int],
    *,
    end_year: int | None = None,
    confidential: bool = False,
) -> RemovalOutcome:
    """Removes the records with these keys, of that school year, that the district no longer has in any year.

    Open errors of what was removed close. `confidential` says that the state asks: the district's own errors then stay
    as it sees them (interchange.models.RecordError).
    Must be called within a transaction, which keeps the district's pushes waiting until its end. Raises
    DistrictNotConnected, DistrictUnreachable, DistrictTableError and DistrictQueryError; the caller's transaction must
    then be rolled back.
    """
    known = definition(record_model.__name__)
    if known.school_year and end_year is None:
        raise ValueError(f"{known.name} is bound to a school year: say of which one its records are removed.")
    store = state_store()
    lock_for_delete(store, district.pk)
    with open_district(district) as database:
        removal = _Removal(store, database, known, district.pk, end_year)
        _choose(removal, keys)
        _decide(removal)
    removed = _delete(removal)
    _close_errors(removal, removed, confidential)
    return RemovalOutcome(removed, _kept(removal, keys))


def _choose(removal: _Removal, keys: Collection[int]) -> None:
    removal.run("DROP TABLE IF EXISTS leaving, hanging, held")
    removal.run(
        "CREATE TEMPORARY TABLE leaving (object text, key bigint, fate text, PRIMARY KEY (object, key)) ON COMMIT DROP"
    )
    removal.run(
        "CREATE TEMPORARY TABLE hanging (parent text, parent_key bigint, child text, child_key bigint) ON COMMIT DROP"
    )
    removal.run(
        "INSERT INTO leaving (object, key) SELECT {name}, {key} FROM {table} t"
        " WHERE {of_year} AND {key} = ANY({keys})",
        name=removal.known.name,
        key=sql.Identifier("t", removal.known.key),
        table=sql.Identifier(removal.known.table),
        of_year=of_state_year(removal.known, removal.district_id, removal.end_year),
        keys=big_array(sorted(keys)),
    )


def _decide(removal: _Removal) -> None:
    """Down the hierarchy for what hangs on what, up for what has to stay, and down again for what may go.

    A record names only parents of objects that stand before its own, so that one way each is enough.
    """
    # With statistics that promise one row, the planner would go through all records for each one that may leave.
    removal.run("SET LOCAL enable_nestloop = off")
    found = [known for known in definitions().values() if _look_at(removal, known)]
    for known in reversed(found):
        _keep_parents(removal, known)
    _let_chosen_go(removal)
    for known in found:
        _let_children_go(removal, known)
    removal.run("SET LOCAL enable_nestloop = on")


def _let_chosen_go(removal: _Removal) -> None:
    removal.run(
        "UPDATE leaving SET fate = {removed} WHERE object = {name} AND fate IS NULL",
        removed=Fate.REMOVED,
        name=removal.known.name,
    )


def _look_at(removal: _Removal, known: ObjectDefinition) -> bool:
    """Marks the object's records that the district has, and gathers what hangs on the others."""
    [[count]] = removal.rows("SELECT count(*) FROM leaving WHERE object = {name}", name=known.name)
    if count:
        _mark_held(removal, known, _keys(removal, known) if count <= _FEW else None)
        for child, column in _children(known):
            _gather(removal, known, child, column)
        removal.run("ANALYZE leaving")
    return bool(count)


def _keys(removal: _Removal, known: ObjectDefinition) -> list[int]:
    found = removal.rows("SELECT key FROM leaving WHERE object = {name}", name=known.name)
    return [key for (key,) in found]


def _mark_held(removal: _Removal, known: ObjectDefinition, keys: list[int] | None) -> None:
    """`keys` are those to ask for; None: all that the district has."""
    removal.run("DROP TABLE IF EXISTS held")
    removal.run("CREATE TEMPORARY TABLE held (key bigint, of_year boolean) ON COMMIT DROP")
    query = sql.SQL("SELECT r.{key}::bigint, {of_year} FROM {table} r WHERE {chosen}").format(
        key=sql.Identifier(known.key),
        of_year=of_school_year(known),
        table=sql.Identifier("public", known.table),
        chosen=sql.SQL("true" if keys is None else "r.{} = ANY(%(keys)s::bigint[])").format(
            sql.Identifier(known.key)
        ),
    )
    parameters: Parameters = {"end_year": removal.end_year, "keys": keys}
    copy_records(removal.database, removal.store, known, query, parameters, table="held")
    removal.run(
        "UPDATE leaving l SET fate = CASE WHEN h.of_year THEN {at_district} ELSE {other_year} END"
        " FROM (SELECT key, bool_or(of_year) AS of_year FROM held GROUP BY key) h"
        " WHERE l.object = {name} AND l.key = h.key",
        at_district=Fate.AT_DISTRICT,
        other_year=Fate.IN_OTHER_YEAR,
        name=known.name,
    )


def _children(known: ObjectDefinition) -> Iterator[tuple[ObjectDefinition, ParentKey]]:
    """The objects with a column that names records of this one."""
    for child in definitions().values():
        for column in child.parent_keys:
            if column.parent == known.name:
                yield child, column


def _gather(removal: _Removal, known: ObjectDefinition, child: ObjectDefinition, column: ParentKey) -> None:
    """The state's records, of every school year, that hang on a record that the district has no longer."""
    removal.run(
        "INSERT INTO hanging SELECT {parent}, t.{column}, {child}, t.{key} FROM {table} t"
        " WHERE t.district_id = {district}"
        " AND t.{column} IN (SELECT key FROM leaving WHERE object = {parent} AND fate IS NULL)",
        parent=known.name,
        column=sql.Identifier(column.name),
        child=child.name,
        key=sql.Identifier(child.key),
        table=sql.Identifier(child.table),
    )
    removal.run(
        "INSERT INTO leaving (object, key) SELECT child, child_key FROM hanging"
        " WHERE parent = {parent} AND child = {child} ON CONFLICT DO NOTHING",
        parent=known.name,
        child=child.name,
    )


def _keep_parents(removal: _Removal, known: ObjectDefinition) -> None:
    """A record stays if one that hangs on it does."""
    removal.run(
        "UPDATE leaving l SET fate = {stays} WHERE l.object = {name} AND l.fate IS NULL AND l.key IN ("
        "SELECT h.parent_key FROM hanging h JOIN leaving c ON c.object = h.child AND c.key = h.child_key"
        " WHERE h.parent = {name} AND c.fate IS NOT NULL)",
        stays=Fate.CHILDREN_STAY,
        name=known.name,
    )


def _let_children_go(removal: _Removal, known: ObjectDefinition) -> None:
    """None of these stays, or what they hang on would not go."""
    removal.run(
        "UPDATE leaving c SET fate = {removed}"
        " FROM hanging h JOIN leaving l ON l.object = h.parent AND l.key = h.parent_key"
        " WHERE h.parent = {name} AND l.fate = {removed} AND c.object = h.child AND c.key = h.child_key",
        removed=Fate.REMOVED,
        name=known.name,
    )


def _delete(removal: _Removal) -> dict[str, int]:
    """Children first. Returns how many records went of each object, in this order."""
    going = "SELECT DISTINCT object FROM leaving WHERE fate = {removed}"
    names = {name for (name,) in removal.rows(going, removed=Fate.REMOVED)}
    last_first = [known for known in reversed(definitions().values()) if known.name in names]
    return {known.name: _delete_of(removal, known) for known in last_first}


# An array, so that records are found by their index whatever the statistics say.
_KEYS_REMOVED = "ANY(ARRAY(SELECT key FROM leaving WHERE object = {name} AND fate = {removed}))"


def _delete_of(removal: _Removal, known: ObjectDefinition) -> int:
    return removal.run(
        "DELETE FROM {table} t WHERE t.district_id = {district} AND t.{key} = " + _KEYS_REMOVED,
        table=sql.Identifier(known.table),
        key=sql.Identifier(known.key),
        name=known.name,
        removed=Fate.REMOVED,
    )


def _close_errors(removal: _Removal, names: Collection[str], confidential: bool) -> None:
    """The records have left the district, whatever school year their errors were met in."""
    for name in names:
        which = " WHERE e.district_id = {district} AND e.object = {name} AND e.key = " + _KEYS_REMOVED
        parts = {"name": name, "removed": Fate.REMOVED}
        if confidential:
            hide = (
                "UPDATE interchange_recorderror e SET superseded = true" + which + " AND NOT e.confidential"
            )
            removal.run(hide, **parts)
            which += " AND e.confidential"
        removal.run("DELETE FROM interchange_recorderror e" + which, **parts)


def _kept(removal: _Removal, keys: Collection[int]) -> dict[int, Stay]:
    chosen = removal.rows("SELECT key, fate FROM leaving WHERE object = {name}", name=removal.known.name)
    fates: dict[int, str] = dict(chosen)
    children = _children_that_stay(removal)
    return {
        key: Stay(removal.known.name, Fate(fates.get(key, Fate.NOT_AT_STATE)), tuple(children.get(key, ())))
        for key in sorted(keys)
        if fates.get(key) != Fate.REMOVED
    }


def _children_that_stay(removal: _Removal) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = {}
    for key, child, count in removal.rows(
        "SELECT h.parent_key, h.child, count(DISTINCT h.child_key) FROM hanging h"
        " JOIN leaving c ON c.object = h.child AND c.key = h.child_key"
        " WHERE h.parent = {name} AND c.fate <> {removed} GROUP BY 1, 2 ORDER BY 1, 2",
        name=removal.known.name,
        removed=Fate.REMOVED,
    ):
        found.setdefault(key, []).append((child, count))
    return found
