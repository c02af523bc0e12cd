"""Synthetic districts that exist in an open transaction only: built fast, gone at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from district_data.databases import open_writer
from district_data.generation import Recipe, generate
from districts.models import District
from tests.conftest import DistrictDatabase

RECIPE = Recipe(
    number="G1", name="Juniper", state_code="NV", end_year=2024, students=400, seed=7, error_rate=0.0
)
Server = Callable[[str], dict[str, str]]
Build = Callable[..., DistrictDatabase]


@contextmanager
def built(district_server: Server, number: str, **changes: Any) -> Iterator[DistrictDatabase]:
    """A district by RECIPE with some changes, in the database of this number."""
    with open_writer(District(number=number, **district_server(number))) as database:
        generate(database, replace(RECIPE, **changes))
        yield database
        database.rollback()


@pytest.fixture(scope="session")
def sound(district_server: Server) -> Iterator[DistrictDatabase]:
    """400 students, and not one record that fails."""
    with built(district_server, "G1") as database:
        yield database


@pytest.fixture(scope="session")
def faulty(district_server: Server) -> Iterator[DistrictDatabase]:
    """400 students with the default error rate."""
    with built(district_server, "G2", error_rate=0.005) as database:
        yield database


@pytest.fixture
def build(district_server: Server) -> Iterator[Build]:
    """Builds a district by RECIPE with some changes and planner settings; it is gone after the test."""
    with open_writer(District(number="G3", **district_server("G3"))) as database:

        def build_one(*settings: str, **changes: Any) -> DistrictDatabase:
            for setting in settings:
                database.execute(setting.encode())
            generate(database, replace(RECIPE, **changes))
            return database

        yield build_one
        database.rollback()
