"""Errors that a state request meets: what the state sees of them, and the district does not (seed 000)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from districts.models import District, SchoolYear
from interchange.models import RecordError
from interchange.selections import KeyRange
from tests.interchange.pair import DISTRICT_VIEW, STATE_VIEW, Pair, push_once, seen_by
from tests.interchange.records import record
from tests.interchange.reference import Counts

YESTERDAY = timedelta(days=1)


@pytest.fixture
def people(pair: Pair) -> Callable[..., None]:
    """Fills the object District, which has no parents: keys with a fault are named False."""

    def put(**sound: bool) -> None:
        rows = [
            record("District", int(key[1:]), name="x" if is_sound else None)
            for key, is_sound in sound.items()
        ]
        pair.fill({"District": rows})

    return put


def keys(view: Any) -> set[int | None]:
    return {*RecordError.objects.filter(view).values_list("key", flat=True)}


def age_errors() -> None:
    """Puts the errors so far, and the batch that met them, into the past."""
    before = timezone.now() - YESTERDAY
    RecordError.objects.update(first_met_at=before, last_met_at=before, batch_id=7)


def test_error_that_only_a_state_request_has_met_is_hidden_from_the_district(
    pair: Pair, people: Callable[..., None]
) -> None:
    people(k1=False, k2=True)
    assert pair.push("District", by_state=True) == Counts(processed=2, errors=1, written=1)
    assert keys(DISTRICT_VIEW) == set()
    assert keys(STATE_VIEW) == {1}


def test_attempt_of_the_district_that_meets_it_shows_it_as_new(
    pair: Pair, people: Callable[..., None]
) -> None:
    """When the state met it first is the state's business."""
    people(k1=False)
    pair.push("District", by_state=True)
    age_errors()
    pair.push("District")
    error = RecordError.objects.get()
    assert (error.confidential, error.superseded, error.batch_id) == (False, False, None)
    assert error.first_met_at == error.last_met_at > timezone.now() - YESTERDAY / 2


def test_attempt_of_the_district_that_finds_the_record_sound_closes_what_the_state_met(
    pair: Pair, people: Callable[..., None]
) -> None:
    people(k1=False)
    pair.push("District", by_state=True)
    people(k1=True)
    pair.push("District")
    assert not RecordError.objects.exists()


def test_state_request_leaves_an_error_of_the_district_that_it_mends(
    pair: Pair, people: Callable[..., None]
) -> None:
    """Its going away would tell what the state asked for."""
    people(k1=False)
    pair.push("District")
    age_errors()
    before = seen_by(pair.district)
    people(k1=True)
    assert pair.push("District", by_state=True) == Counts(processed=1, written=1)
    assert seen_by(pair.district) == before
    assert keys(STATE_VIEW) == set()


def test_state_request_that_meets_an_error_of_the_district_again_does_not_touch_it(
    pair: Pair, people: Callable[..., None]
) -> None:
    people(k1=False)
    pair.push("District")
    age_errors()
    before = seen_by(pair.district)
    pair.fill({"District": [record("District", 1, number="x" * 99)]})
    pair.push("District", by_state=True)
    assert seen_by(pair.district) == before
    [theirs] = RecordError.objects.filter(DISTRICT_VIEW)
    [ours] = RecordError.objects.filter(STATE_VIEW)
    assert (theirs.code, theirs.superseded) == ("MISSING_REQUIRED", True)
    assert (ours.code, ours.confidential) == ("TOO_LONG", True)


def test_error_that_the_district_meets_again_after_a_state_request_is_the_latest_truth(
    pair: Pair, people: Callable[..., None]
) -> None:
    people(k1=False)
    pair.push("District")
    age_errors()
    pair.push("District", by_state=True)
    assert pair.push("District") == Counts(processed=1, errors=1)
    error = RecordError.objects.get()
    assert (error.confidential, error.superseded) == (False, False)
    assert error.first_met_at < timezone.now() - YESTERDAY / 2 < error.last_met_at


def test_state_request_settles_what_an_earlier_one_met(pair: Pair, people: Callable[..., None]) -> None:
    people(k1=False, k2=False, k3=False)
    pair.push("District", by_state=True)
    age_errors()
    people(k1=True, k2=False)
    pair.push("District", by_state=True)
    error = RecordError.objects.get()
    assert (error.key, error.confidential) == (2, True)
    assert error.first_met_at < timezone.now() - YESTERDAY / 2 < error.last_met_at


@pytest.mark.parametrize("by_state", [True, False])
def test_attempt_settles_nothing_beyond_its_keys(
    pair: Pair, people: Callable[..., None], by_state: bool
) -> None:
    people(k1=False, k2=False)
    pair.push("District")
    people(k1=False, k2=False, k3=False, k4=False)
    pair.push("District", by_state=True)
    before = {*RecordError.objects.exclude(key__in=[1, 3]).values_list()}
    people(k1=True, k2=True, k3=True, k4=True)
    pair.push("District", keys=[1, 3], by_state=by_state)
    assert {*RecordError.objects.exclude(key__in=[1, 3]).values_list()} == before


@pytest.mark.parametrize("by_state", [True, False])
def test_attempt_settles_nothing_of_another_object_or_school_year(pair: Pair, by_state: bool) -> None:
    SchoolYear.objects.get_or_create(end_year=2023)
    pair.put_at_state("School")
    for year in (2023, 2024):
        pair.fill({"Calendar": [record("Calendar", year, end_year=year, name=None)]})
        pair.push("Calendar", end_year=year, by_state=True)
        pair.push("Calendar", end_year=year)
        pair.push("Calendar", end_year=year, by_state=True)
    pair.fill({"District": [record("District", 2024, name=None)]})
    pair.push("District", by_state=True)
    others = RecordError.objects.exclude(object="Calendar", school_year_id=2024)
    before = {*others.values_list()}
    assert len(before) == 3
    pair.fill({"Calendar": []})
    pair.push("Calendar", by_state=by_state)
    assert {*others.values_list()} == before


class TestRowsWithoutAKey:
    @pytest.fixture(autouse=True)
    def keyless(self, pair: Pair) -> None:
        self.pair = pair

    def put(self, *, rows: int) -> None:
        self.pair.fill({"District": [record("District", None)] * rows})

    def test_state_request_that_meets_them_hides_them(self) -> None:
        self.put(rows=2)
        assert self.pair.push("District", by_state=True) == Counts(processed=2, errors=2)
        assert (keys(DISTRICT_VIEW), keys(STATE_VIEW)) == (set(), {None})

    @pytest.mark.parametrize(("rows", "of_state"), [(0, []), (3, [3])])
    def test_state_request_leaves_what_the_district_knows_of_them(
        self, rows: int, of_state: list[int]
    ) -> None:
        self.put(rows=2)
        self.pair.push("District")
        age_errors()
        before = seen_by(self.pair.district)
        self.put(rows=rows)
        self.pair.push("District", by_state=True)
        assert seen_by(self.pair.district) == before
        assert [*RecordError.objects.filter(STATE_VIEW).values_list("occurrences", flat=True)] == of_state

    @pytest.mark.parametrize(("rows", "left"), [(0, []), (3, [(3, False, False)])])
    def test_attempt_of_the_district_settles_both_kinds(
        self, rows: int, left: list[tuple[int, bool, bool]]
    ) -> None:
        self.put(rows=2)
        self.pair.push("District")
        self.pair.push("District", by_state=True)
        self.put(rows=rows)
        self.pair.push("District")
        assert [*RecordError.objects.values_list("occurrences", "confidential", "superseded")] == left


@pytest.mark.parametrize("by_state", [True, False])
@pytest.mark.parametrize("key", [1, None])
def test_error_names_the_batch_that_met_it_last(pair: Pair, key: int | None, by_state: bool) -> None:
    pair.fill({"District": [record("District", key, name=None)]})
    for batch_id in (None, 11, 12):
        push_once(pair.district, "District", KeyRange(5), batch_id=batch_id, confidential=by_state)
        assert [*RecordError.objects.values_list("batch_id", "confidential")] == [(batch_id, by_state)]


def test_what_a_state_request_has_met_is_never_superseded(district: District) -> None:
    with pytest.raises(IntegrityError, match="the_latest_is_not_superseded"):
        RecordError.objects.create(
            district=district, object="School", key=1, code="TOO_LONG", confidential=True, superseded=True
        )


@pytest.mark.parametrize("key", [1, None])
@pytest.mark.parametrize("year", [2024, None])
def test_state_sees_one_error_of_a_record(district: District, key: int | None, year: int | None) -> None:
    known = {"district": district, "object": "School", "key": key, "school_year_id": year, "code": "TOO_LONG"}
    error = RecordError.objects.create(**known, superseded=True)
    RecordError.objects.create(**known, confidential=True)
    with pytest.raises(IntegrityError, match="state_sees_one_error_per_record"):
        RecordError.objects.filter(pk=error.pk).update(superseded=False)
