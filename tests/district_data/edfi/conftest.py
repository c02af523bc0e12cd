"""The folders that the tests load, and ways to look at what became of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from district_data.databases import open_writer
from districts.models import District

SMALL = Path(__file__).parent / "small"
Select = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def small() -> Path:
    """A hand-written folder in both dialects, with everything once and a few things wrong."""
    return SMALL


@pytest.fixture(scope="session")
def grand_bend() -> Path:
    """The published sample of a whole district. It lies beside the repository, not in it."""
    named = os.environ.get("UPSTATE_EDFI_DIR")
    folder = Path(named) if named else settings.BASE_DIR.parent / "shared" / "data" / "edfi-grand-bend"
    if not any(folder.glob("*.xml")):
        pytest.skip(f"there are no Ed-Fi files in {folder}; UPSTATE_EDFI_DIR can name another folder")
    return folder


@pytest.fixture
def bend(make_district: Callable[..., District]) -> District:
    return make_district("EDFI1", end_year=2022)


@pytest.fixture
def select(bend: District) -> Select:
    """Rows of the district's database, by query."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        with open_writer(bend) as database:
            return database.execute(query).fetchall()

    return rows


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Path]:
    """A folder with the given files: folder_of(Student="<Student/>") makes an InterchangeStudent."""

    def make(namespace: str = "http://ed-fi.org/5.2.0", **contents: str) -> Path:
        for name, content in contents.items():
            root = f"Interchange{name}"
            text = f'<?xml version="1.0"?>\n<{root} xmlns="{namespace}">\n{content}\n</{root}>\n'
            (tmp_path / f"{name}.xml").write_text(text, encoding="utf-8")
        return tmp_path

    return make
