"""However many records differ, the worker's memory does not show it."""

import tracemalloc

import pytest
from django.db import connection, transaction

from dis_objects.catalogue import definition
from districts.models import District
from interchange.comparison import compare_chunk
from tests.conftest import DistrictDatabase
from tests.interchange.test_memory import MEGABYTE, largest

RECORDS = 200_000
SCHOOLS = "SELECT {} n, 1, n, repeat('x', 60) || '{}' FROM generate_series(1, %s) n"


@pytest.mark.slow
def test_large_difference_takes_little_memory(district: District, writer: DistrictDatabase) -> None:
    insert = "INSERT INTO school ({}school_id, district_key, number, name) "
    writer.execute(insert.format("") + SCHOOLS.format("", "theirs"), [RECORDS])
    with connection.cursor() as cursor:
        ours = insert.format("district_id, ") + SCHOOLS.format(f"{district.pk}, ", "ours")
        cursor.execute(ours, [RECORDS])
    before = largest()
    tracemalloc.start()
    try:
        with transaction.atomic():
            outcome = compare_chunk(definition("School").model, district, limit=RECORDS + 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (outcome.differences, outcome.finished) == (RECORDS, True)
    assert peak < 8 * MEGABYTE
    assert largest() - before < 64 * MEGABYTE
