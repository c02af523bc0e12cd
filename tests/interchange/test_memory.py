"""Records stream through: how many there are must not show in the memory of the worker."""

import resource
import tracemalloc

import pytest

from districts.models import District
from interchange.selections import KeyRange
from tests.conftest import DistrictDatabase
from tests.interchange.pair import push_once, put_at_state

RECORDS = 300_000
MEGABYTE = 2**20


@pytest.mark.slow
def test_large_chunk_takes_little_memory(district: District, writer: DistrictDatabase) -> None:
    put_at_state(district, "District")
    writer.execute(
        "INSERT INTO school (school_id, district_key, number, name)"
        " SELECT n, 1, n, repeat('x', 60) FROM generate_series(1, %s) n",
        [RECORDS],
    )
    before = largest()
    tracemalloc.start()
    try:
        outcome = push_once(district, "School", KeyRange(RECORDS + 1))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcome.written == RECORDS
    assert peak < 4 * MEGABYTE
    assert largest() - before < 64 * MEGABYTE


def largest() -> int:
    """The most memory that this process ever had, in bytes. It also counts what libraries in C hold."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
