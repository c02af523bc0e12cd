"""Chunks: where they begin and end, and that it does not matter where."""

from collections.abc import Callable, Iterator

import pytest

from dis_objects.catalogue import definition
from districts.models import District, SchoolYear
from interchange.push import ChunkOutcome, count_total
from interchange.selections import KeyRange, KeySet
from tests.interchange.pair import Pair, push_once
from tests.interchange.records import MAX, MIN, record
from tests.interchange.reference import Counts
from tests.interchange.rules import Row


@pytest.fixture
def districts(pair: Pair) -> Callable[..., None]:
    """Fills the object District, which has no parents, with records of these keys."""

    def put(*keys: int | None, **values: object) -> None:
        pair.fill(
            {"District": [record("District", key, number=str(n), **values) for n, key in enumerate(keys)]}
        )

    return put


def one_by_one(pair: Pair, limit: int) -> Iterator[ChunkOutcome]:
    cursor, finished = None, False
    while not finished:
        outcome = push_once(pair.district, "District", KeyRange(limit), cursor)
        yield outcome
        cursor, finished = outcome.last_key, outcome.finished


@pytest.mark.parametrize(
    ("keys", "limit", "expected"),
    [
        # processed, errors, written, last_key, finished
        ([], 2, [(0, 0, 0, None, True)]),
        ([1], 2, [(1, 0, 1, 1, True)]),
        ([1, 2], 2, [(2, 0, 2, 2, False), (0, 0, 0, 2, True)]),
        ([3, 1, 2], 2, [(2, 0, 2, 2, False), (1, 0, 1, 3, True)]),
        ([1, 2, 2, 2, 3], 2, [(4, 3, 1, 2, False), (1, 0, 1, 3, True)]),
        ([1, 1, 2, 2], 1, [(2, 2, 0, 1, False), (2, 2, 0, 2, False), (0, 0, 0, 2, True)]),
        ([1, 2, 3, 3], 3, [(4, 2, 2, 3, False), (0, 0, 0, 3, True)]),
        ([None], 1, [(1, 1, 0, None, True)]),
        ([None, None, 1, 2], 1, [(3, 2, 1, 1, False), (1, 0, 1, 2, False), (0, 0, 0, 2, True)]),
        ([MIN, MAX], 1, [(1, 0, 1, MIN, False), (1, 0, 1, MAX, False), (0, 0, 0, MAX, True)]),
        ([MIN, MIN, 0, MAX], 3, [(3, 2, 1, 0, False), (1, 0, 1, MAX, True)]),
    ],
    ids=str,
)
def test_chunk(
    pair: Pair,
    districts: Callable[..., None],
    keys: list[int | None],
    limit: int,
    expected: list[tuple[int, int, int, int | None, bool]],
) -> None:
    districts(*keys)
    assert [*one_by_one(pair, limit)] == [ChunkOutcome(*each) for each in expected]


@pytest.mark.parametrize("limit", range(1, 13))
def test_borders_do_not_matter(pair: Pair, limit: int) -> None:
    keys = [MIN, -5, -5, 1, 2, 2, 2, 3, MAX, MAX, None]
    before: list[Row] = [record("School", key) for key in (1, 2, 3)]
    pair.put_at_state("District")
    pair.fill({"School": before})
    pair.push("School", limit=limit)
    pair.fill({"School": [record("School", key, district_key=1 + n % 2) for n, key in enumerate(keys)]})
    assert pair.push("School", limit=limit) == Counts(processed=11, errors=10, written=1)


def test_open_errors_are_settled_by_the_chunk_that_covers_their_keys(
    pair: Pair, districts: Callable[..., None]
) -> None:
    keys = [MIN, 10, 20, 30, 40, MAX]
    districts(*keys, name=None)
    pair.push("District")
    districts(20, 30)
    left = [{*pair.codes("District")} for _ in one_by_one(pair, limit=1)]
    assert left == [{30, 40, MAX}, {40, MAX}, set()]


def test_push_that_goes_on_leaves_what_came_before(pair: Pair, districts: Callable[..., None]) -> None:
    """What appears behind the cursor waits for the next resync."""
    districts(1, 2, None, name=None)
    pair.push("District")
    districts(5, None, None)
    assert push_once(pair.district, "District", KeyRange(5), 4) == ChunkOutcome(1, 0, 1, 5, True)
    assert pair.codes("District") == {None: "MISSING_KEY", 1: "MISSING_REQUIRED", 2: "MISSING_REQUIRED"}


class TestKeySet:
    @pytest.fixture(autouse=True)
    def records(self, pair: Pair, districts: Callable[..., None]) -> None:
        districts(MIN, -1, 1, 2, 2, 3, None, MAX)
        self.pair = pair

    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            ([], Counts()),
            ([99], Counts()),
            ([1], Counts(processed=1, written=1)),
            ([1, 1, 1], Counts(processed=1, written=1)),
            ([3, 99, -1], Counts(processed=2, written=2)),
            ([2], Counts(processed=2, errors=2)),
            ([MIN, MAX, 2, 3], Counts(processed=5, errors=2, written=3)),
        ],
        ids=str,
    )
    def test_records_of_these_keys(self, keys: list[int], expected: Counts) -> None:
        assert self.pair.push("District", keys=keys) == expected
        assert self.pair.push("District", keys=keys) == Counts(expected.processed, expected.errors)

    def test_is_done_in_one_go(self) -> None:
        outcome = push_once(self.pair.district, "District", KeySet((1, 3)))
        assert outcome == ChunkOutcome(2, 0, 2, None, finished=True)

    def test_does_not_look_at_other_keys(self) -> None:
        self.pair.push("District", keys=[1])
        assert self.pair.codes("District") == {}
        self.pair.push("District")
        self.pair.push("District", keys=[1])
        assert self.pair.codes("District") == {None: "MISSING_KEY", 2: "DUPLICATE_KEY"}

    def test_may_be_large(self) -> None:
        assert self.pair.push("District", keys=range(-50_000, 50_000)).processed == 5


@pytest.fixture
def calendars(pair: Pair) -> Pair:
    SchoolYear.objects.get_or_create(end_year=2023)
    years = [2024, 2024, 2023, None, 2025]
    pair.put_at_state("School")
    pair.fill(
        {"Calendar": [record("Calendar", key, end_year=year) for key, year in enumerate([*years, None])]}
    )
    return pair


def test_records_of_one_school_year(calendars: Pair) -> None:
    assert calendars.push("Calendar", limit=1) == Counts(processed=4, errors=2, written=2)
    assert calendars.push("Calendar", end_year=2023) == Counts(processed=3, errors=2, written=1)
    assert {*calendars.reference.state["Calendar"]} == {0, 1, 2}


def test_key_of_another_school_year_is_not_met(calendars: Pair) -> None:
    assert calendars.push("Calendar", keys=[1, 2]) == Counts(processed=1, written=1)


def test_same_key_in_two_school_years_is_no_copy(pair: Pair) -> None:
    SchoolYear.objects.get_or_create(end_year=2023)
    pair.put_at_state("School")
    pair.fill({"Calendar": [record("Calendar", 1, end_year=year) for year in (2023, 2024)]})
    assert pair.push("Calendar", end_year=2023) == Counts(processed=1, written=1)
    assert pair.push("Calendar", end_year=2024) == Counts(processed=1, written=1)
    assert pair.reference.state["Calendar"][1]["end_year"] == 2024


@pytest.mark.parametrize(("end_year", "expected"), [(2024, 4), (2023, 3), (2030, 2)])
def test_total_is_what_a_resync_processes(
    calendars: Pair, district: District, end_year: int, expected: int
) -> None:
    assert count_total(definition("Calendar").model, district, end_year) == expected


def test_total_of_an_object_without_a_school_year_counts_rows_without_a_key(
    pair: Pair, districts: Callable[..., None]
) -> None:
    districts(1, 1, None)
    assert (
        count_total(definition("District").model, pair.district, 2024) == pair.push("District").processed == 3
    )
