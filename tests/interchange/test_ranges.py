"""Compare before copying: what a push looks at of a key range, and that it comes to what copying all comes to."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from districts.models import District
from interchange import checksums, ranges
from interchange.push import ChunkOutcome
from interchange.selections import KeyRange
from interchange.sides import HIGHEST, LOWEST, Span
from tests.conftest import DistrictDatabase
from tests.interchange.pair import Pair, fill, push_once, put_at_state, state_of
from tests.interchange.pushing import pushing
from tests.interchange.records import MAX, MIN, record
from tests.interchange.reference import Counts
from tests.interchange.rules import Row
from tests.interchange.test_comparison import OTHER_HASHES

Schools = Callable[..., ChunkOutcome]


@pytest.fixture
def schools(pair: Pair) -> Schools:
    """Fills the district with these schools, pushes them with both engines, and once more to see what is copied."""
    pair.put_at_state("District")

    def push(*rows: Row | int, **options: int) -> ChunkOutcome:
        pair.fill({"School": [record("School", row) if isinstance(row, int) else row for row in rows]})
        pair.push("School", **options)
        return push_once(pair.district, "School", KeyRange(100))

    return push


def school(key: int, **values: object) -> Row:
    return record("School", key, **values)


def test_records_that_agree_are_counted_and_not_copied(schools: Schools) -> None:
    outcome = schools(*range(1, 41))
    assert (outcome.processed, outcome.copied, outcome.written) == (40, 0, 0)


@pytest.mark.parametrize("bucket", [1, 4, 16])
def test_only_the_bucket_of_a_changed_record_is_copied(
    pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch, bucket: int
) -> None:
    schools(*range(1, 161))
    monkeypatch.setattr(ranges, "BUCKET_RECORDS", bucket)
    pair.fill({"School": [school(key, city="Reno" if key == 77 else None) for key in range(1, 161)]})
    outcome = push_once(pair.district, "School", KeyRange(200))
    assert outcome == ChunkOutcome(160, 0, 1, 160, finished=True)
    assert 1 <= outcome.copied <= bucket


def test_records_of_a_bucket_that_swapped_a_value_are_both_written(
    pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch
) -> None:
    schools(school(1, city="Reno"), school(2, city="Elko"), *range(3, 9))
    monkeypatch.setattr(ranges, "BUCKET_RECORDS", 8)
    pair.fill({"School": [school(1, city="Elko"), school(2, city="Reno"), *map(school, range(3, 9))]})
    assert pair.push("School") == Counts(processed=8, written=2)


def test_first_load_is_not_compared(pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "compare_buckets", lambda *sides: pytest.fail("it was compared"))
    pair.fill({"School": [school(key) for key in range(1, 9)]})
    assert push_once(pair.district, "School", KeyRange(100)).copied == 8


def test_where_most_differ_all_are_copied_and_none_twice(
    pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch
) -> None:
    schools(*range(1, 9), school(9, name="x" * 999))
    monkeypatch.setattr(ranges, "_PICKED_SHARE", 0.5)
    pair.fill({"School": [*(school(key, city="Reno") for key in range(1, 9)), school(9, name="x" * 999)]})
    outcome = push_once(pair.district, "School", KeyRange(100))
    assert (outcome.copied, outcome.written, outcome.errors) == (9, 8, 1)


def test_where_many_failed_all_are_copied(
    pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "_FAILED_SHARE", 0.3)
    assert schools(1, 2, 3, school(4, name="x" * 999)).copied == 1
    assert schools(1, 2, school(3, name="x" * 999), school(4, name="x" * 999)).copied == 4


class TestWhatFailed:
    def test_is_tried_again_and_arrives_when_its_parent_has(self, pair: Pair) -> None:
        pair.put_at_state("District")
        pair.fill({"School": [school(1), school(2, district_key=7)]})
        assert pair.push("School").errors == 1
        pair.put_at_state("District", keys=[7])
        assert pair.push("School") == Counts(processed=2, written=1)

    def test_does_not_make_its_neighbours_be_copied(self, schools: Schools) -> None:
        outcome = schools(*range(1, 21), school(21, name="x" * 999), school(22, district_key=7))
        assert (outcome.processed, outcome.errors, outcome.copied) == (22, 2, 2)

    def test_as_an_update_leaves_the_older_record_and_is_all_that_is_copied(
        self, pair: Pair, schools: Schools
    ) -> None:
        schools(1, 2, 3)
        outcome = schools(1, school(2, name="x" * 999), 3)
        assert (outcome.processed, outcome.errors, outcome.copied) == (3, 1, 1)
        assert {*state_of(pair.district, "School")} == {1, 2, 3}

    def test_closes_when_it_leaves_the_district(self, schools: Schools) -> None:
        schools(1, school(2, name="x" * 999))
        assert schools(1).errors == 0

    def test_changes_its_fault(self, schools: Schools) -> None:
        schools(1, school(2, name="x" * 999))
        assert schools(1, school(2, number=None)).errors == 1

    def test_of_a_request_of_the_state_too(self, pair: Pair) -> None:
        pair.put_at_state("District")
        pair.fill({"School": [school(1), school(2, district_key=7)]})
        pair.push("School", by_state=True)
        pair.push("School")
        pair.put_at_state("District", keys=[7])
        pair.push("School", by_state=True)
        assert pair.push("School") == Counts(processed=2)


def test_copies_of_a_key_are_found_and_found_again(schools: Schools) -> None:
    schools(1, 2, 3)
    outcome = schools(1, 2, 2, 3)
    assert (outcome.processed, outcome.errors, outcome.copied) == (4, 2, 2)
    assert schools(1, 2, 3).errors == 0


def test_an_exclusion_that_another_table_brings_is_seen(pair: Pair) -> None:
    """The record itself has not changed, and the state has it."""
    pair.put_at_state("PersonIdentity", "School", "Calendar", "ScheduleStructure")
    pair.fill({"Calendar": [record("Calendar")], "Enrollment": [record("Enrollment", key) for key in (1, 2)]})
    assert pair.push("Enrollment") == Counts(processed=2, written=2)
    pair.fill({"Calendar": [record("Calendar", exclude=True)]})
    assert pair.push("Enrollment") == Counts(processed=2, errors=2)
    pair.fill({"Calendar": [record("Calendar")]})
    assert pair.push("Enrollment") == Counts(processed=2)


def test_a_record_that_moved_into_the_school_year_is_seen(pair: Pair) -> None:
    pair.put_at_state("School", "Calendar", keys=[1, 2])
    pair.fill({"Calendar": [record("Calendar", 1, end_year=2024), record("Calendar", 2, end_year=2024)]})
    pair.push("Calendar")
    pair.fill({"Calendar": [record("Calendar", 1, end_year=2023), record("Calendar", 2, end_year=2024)]})
    assert pair.push("Calendar") == Counts(processed=1)


def test_a_locked_field_that_differs_is_counted_each_time(pair: Pair) -> None:
    pair.put_at_state("District")
    pair.fill({"School": [school(key, zip="1") for key in range(1, 9)]})
    pair.push("School")
    pair.lock("School", "zip")
    pair.fill({"School": [school(key, zip="2" if key == 3 else "1") for key in range(1, 9)]})
    assert pair.push("School") == pair.push("School") == Counts(processed=8, kept=1)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_keys_at_both_ends_of_bigint(pair: Pair, schools: Schools, limit: int) -> None:
    keys = [MIN, MIN + 1, -2, -1, 0, 1, 2, MAX - 1, MAX]
    assert schools(*keys, limit=limit).copied == 0
    assert schools(*keys[:-1], school(MAX, city="Reno"), limit=limit).copied == 0
    assert state_of(pair.district, "School")[MAX]["city"] == "Reno"


def test_records_that_only_the_state_has_are_none_of_its_business(pair: Pair) -> None:
    pair.put_at_state("District")
    pair.put_at_state("School", keys=[0, 1, 2, 3, 500])
    pair.fill({"School": [school(1), school(3)]})
    pair.push("School")
    assert {*state_of(pair.district, "School")} == {0, 1, 2, 3, 500}


def test_a_server_that_hashes_differently_is_not_trusted(
    pair: Pair, schools: Schools, monkeypatch: pytest.MonkeyPatch
) -> None:
    schools(1, 2, 3)
    pair.database.execute(OTHER_HASHES)
    monkeypatch.setattr(checksums, "SCHEMA_AT_DISTRICT", "other")
    outcome = schools(1, 2, school(3, city="Reno"))
    assert (outcome.processed, outcome.copied) == (3, 3)


def test_an_older_server_copies_everything(schools: Schools) -> None:
    schools(1, 2, 3)
    with pushing("all copied"):
        assert schools(1, 2, 3).copied == 3


@pytest.fixture
def written_ahead() -> Iterator[Callable[[], int]]:
    """How many bytes of write-ahead log there are since the last question."""
    with connection.cursor() as cursor:
        before = [0]

        def since() -> int:
            cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
            now = cursor.fetchone()[0]
            written, before[0] = now - before[0], now
            return int(written)

        yield since


def test_unchanged_records_write_nothing_ahead(
    district: District, writer: DistrictDatabase, written_ahead: Callable[[], int]
) -> None:
    """What remains is for the temporary tables, whatever the number of records."""
    put_at_state(district, "District")
    fill(writer, {"School": [school(key) for key in range(1, 3_001)]})
    written_ahead()
    first = push_once(district, "School", KeyRange(10_000))
    loaded = written_ahead()
    again = push_once(district, "School", KeyRange(10_000))
    assert (first.written, again.written, again.copied) == (3_000, 0, 0)
    assert written_ahead() < loaded / 5


KEYS = st.one_of(
    st.integers(LOWEST, HIGHEST), st.sampled_from([LOWEST, HIGHEST, 0, -1, 1]), st.integers(-99, 99)
)


@given(
    keys=st.lists(KEYS, min_size=1, max_size=6),
    width=st.one_of(st.integers(1, 40), st.sampled_from([HIGHEST, HIGHEST - 1, 2**32])),
)
def test_each_key_is_in_the_bucket_of_its_quotient(keys: list[int], width: int) -> None:
    span = Span(None, None, width)
    buckets = [abs(key) // width * (1 if key > 0 else -1) for key in keys]
    for key, bucket in zip(keys, buckets, strict=True):
        low, high = span.ends_of(bucket)
        assert low <= key <= high
        assert [low, high] != [LOWEST, HIGHEST] or width == HIGHEST
    part = span.from_to(buckets)
    assert part.ends[0] <= min(keys)
    assert max(keys) <= part.ends[1]


@pytest.mark.django_db
@pytest.mark.parametrize("width", [1, 7, 2**40, HIGHEST])
def test_postgresql_cuts_the_same_buckets(width: int) -> None:
    span, keys = Span(None, None, width), [LOWEST, LOWEST + 1, -8, -7, -1, 0, 1, 6, 7, 8, HIGHEST]
    with connection.cursor() as cursor:
        cursor.execute("SELECT key / %s::bigint FROM unnest(%s::bigint[]) key", [width, keys])
        for key, (bucket,) in zip(keys, cursor.fetchall(), strict=True):
            low, high = span.ends_of(bucket)
            assert low <= key <= high
