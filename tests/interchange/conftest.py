from collections.abc import Callable, Iterator

import pytest

from dis_objects.catalogue import definition
from district_data.tables import column_type
from districts.models import District
from tests.conftest import DistrictDatabase
from tests.interchange.pair import Pair
from tests.interchange.pushing import pushing


@pytest.fixture
def pair(district: District, writer: DistrictDatabase) -> Iterator[Pair]:
    """Both engines on an empty district. The engine compares first wherever it can, even a single record."""
    with pushing("compared first"):
        yield Pair(district, writer)


@pytest.fixture
def retype(writer: DistrictDatabase) -> Iterator[Callable[[str, str, str], None]]:
    """Empties an object's table at the district and gives one column another type, for this test."""
    changed: list[tuple[str, str]] = []

    def change(name: str, column: str, to: str) -> None:
        changed.append((name, column))
        _alter(writer, name, column, to)

    yield change
    for name, column in changed:
        field = next(each for each in definition(name).fields if each.name == column)
        _alter(writer, name, column, column_type(field))


def _alter(database: DistrictDatabase, name: str, column: str, to: str) -> None:
    table = definition(name).table
    database.execute(f"TRUNCATE {table}; ALTER TABLE {table} ALTER {column} TYPE {to} USING NULL")


@pytest.fixture
def put_view(writer: DistrictDatabase) -> Iterator[Callable[[str, str], None]]:
    """Puts a view in the place of an object's table at the district, for this test.

    The table is `NAME_behind` meanwhile.
    """
    tables: list[str] = []

    def put(name: str, query: str) -> None:
        table = definition(name).table
        tables.append(table)
        writer.execute(f"ALTER TABLE {table} RENAME TO {table}_behind")
        writer.execute(f"CREATE VIEW {table} AS {query}")

    yield put
    for table in tables:
        writer.execute(f"DROP VIEW IF EXISTS {table}")
        writer.execute(f"ALTER TABLE {table}_behind RENAME TO {table}")
