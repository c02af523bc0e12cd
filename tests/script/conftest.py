from collections.abc import Iterator
from pathlib import Path

import pytest

from script.data_folder import DataFolder


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataFolder]:
    """A data folder, made and in the end removed."""
    data = DataFolder(tmp_path / "data")
    data.make()
    yield data
    data.remove()
