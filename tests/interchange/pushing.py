"""The ways that a push may take to the same end, with a handful of records too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from interchange import checksums, ranges

# What to change in the engine so that it takes this way wherever it can.
PUSH_WAYS: dict[str, list[tuple[Any, str, object]]] = {
    "all copied": [(checksums, "SCHEMA_AT_DISTRICT", "of_an_older_server")],
    "compared first": [
        (ranges, "BUCKET_RECORDS", 1),
        (ranges, "_PICKED_SHARE", 1),
        (ranges, "_FAILED_SHARE", 1),
    ],
}


@contextmanager
def pushing(way: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for place, name, value in PUSH_WAYS[way]:
            patch.setattr(place, name, value)
        yield
