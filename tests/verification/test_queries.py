"""What is read about verifications, and who sees what."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from pytest_django import DjangoAssertNumQueries

from districts.models import District, SchoolYear, User
from interchange.choices import DifferenceKind
from resync.choices import Dot, Origin
from resync.requests import request_resync
from tests.conftest import DistrictDatabase
from tests.factories.batch import STARTED_AT
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.errors import RecordErrorFactory
from tests.factories.user import UserFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationDifferenceFactory,
    VerificationResultFactory,
    VerificationRunFactory,
)
from tests.resync.conftest import run as run_batch
from tests.verification.conftest import Verify, result_of
from verification import queries
from verification.choices import ResultStatus, RunStatus
from verification.models import VerificationResult
from verification.queries import (
    difference_page,
    district_summaries,
    history_of,
    iter_differences,
    kind_counts,
    removals_of,
    result_for,
    results_of,
    runs_of,
    version_of,
)
from verification.wording import asker as words_for_asker
from verification.wording import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> District:
    return DistrictFactory()


@pytest.fixture
def year(home: District) -> SchoolYear:
    return home.zone.school_year


@pytest.fixture
def own(home: District) -> User:
    return UserFactory(district=home, rights="", everywhere="R")


@pytest.fixture
def state_user() -> User:
    return UserFactory(district=None, rights="", everywhere="R")


def row_of(user: User, result: VerificationResult) -> queries.ResultRow:
    rows = results_of(user, result.district, result.school_year)
    return next(row for row in rows if row.name == result.object)


# ---- Districts -----------------------------------------------------------------------------------------------


def test_a_district_is_told_by_its_latest_results_pooled(home: District, year: SchoolYear, own: User) -> None:
    old = VerificationRunFactory(district=home)
    VerificationResultFactory(run=old, object="School", not_at_state=5, is_latest=False)
    run = VerificationRunFactory(district=home)
    VerificationResultFactory(run=run, object="School", not_at_state=1)
    VerificationResultFactory(run=run, object="Enrollment", differences=2, at_district=89)
    [summary] = district_summaries(own, year)
    assert (summary.district, summary.records, summary.errors) == (home, 100, 3)
    assert (str(summary.accuracy), summary.dot, summary.objects) == ("97.00", Dot.RED, 2)
    assert summary.last_verified == STARTED_AT + timedelta(seconds=3)
    assert not summary.is_open


def test_a_district_that_was_never_verified_has_no_accuracy(year: SchoolYear, own: User) -> None:
    [summary] = district_summaries(own, year)
    assert (summary.figures, summary.accuracy, summary.errors, summary.records) == (None, None, None, None)
    assert (summary.dot, summary.last_verified) == (Dot.NONE, None)


def test_other_years_do_not_count(home: District, year: SchoolYear, own: User) -> None:
    VerificationResultFactory(run__district=home, run__school_year=SchoolYearFactory(end_year=2023))
    assert district_summaries(own, year)[0].figures is None


@pytest.mark.parametrize(
    ("status", "is_open"), [(RunStatus.QUEUED, True), (RunStatus.RUNNING, True), (RunStatus.FAILED, False)]
)
def test_a_district_that_is_being_verified_says_so(
    home: District, year: SchoolYear, own: User, status: RunStatus, is_open: bool
) -> None:
    VerificationRunFactory(district=home, status=status)
    assert district_summaries(own, year)[0].is_open is is_open


def test_three_queries_whatever_the_number_of_districts(
    year: SchoolYear, state_user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        VerificationResultFactory(run__school_year=year)
    with django_assert_num_queries(3):
        assert len(district_summaries(state_user, year)) == 6


# ---- Scope ---------------------------------------------------------------------------------------------------


def test_a_district_sees_itself_only(home: District, year: SchoolYear, own: User, state_user: User) -> None:
    other = VerificationDifferenceFactory(result__run__school_year=year).result
    assert [each.district for each in district_summaries(own, year)] == [home]
    assert len(district_summaries(state_user, year)) == 2
    assert [row.latest for row in results_of(own, other.district, year) if row.latest] == []
    assert list(runs_of(own, other.district, year)) == []
    assert history_of(own, other.district, year) == {}
    assert list(removals_of(own, RemovalFactory(result=other).result)) == []
    for district in (home, other.district):
        with pytest.raises(Http404):
            result_for(own, district, other.pk)
    assert result_for(state_user, other.district, other.pk) == other


def test_a_district_sees_results_that_the_state_asked_for_but_not_who_there(
    home: District, year: SchoolYear, own: User, state_user: User
) -> None:
    run = VerificationRunFactory(district=home, origin=Origin.STATE, requested_by=state_user)
    result = VerificationResultFactory(run=run)
    assert row_of(own, result).latest == result
    assert list(runs_of(own, home, year)) == [run]
    assert words_for_asker(own, run) == "The state"
    assert words_for_asker(state_user, run) == state_user.username


@pytest.mark.parametrize(
    ("of", "seen_by_district", "seen_by_state"),
    [
        ({"night": "2024-01-09"}, "Nightly", "Nightly"),
        ({"origin": Origin.STATE}, "The state", "Command line"),
    ],
)
def test_who_asked_where_nobody_did(
    home: District, own: User, state_user: User, of: dict[str, Any], seen_by_district: str, seen_by_state: str
) -> None:
    run = VerificationRunFactory(district=home, **of)
    assert (words_for_asker(own, run), words_for_asker(state_user, run)) == (seen_by_district, seen_by_state)


def test_a_districts_own_people_are_named(own: User, state_user: User) -> None:
    assert person(own, own) == person(state_user, own) == own.username
    assert person(own, state_user) == "The state"


@pytest.mark.parametrize(("for_district", "seen"), [(True, True), (False, False)])
def test_what_the_state_pushes_is_not_told_to_the_district(
    home: District, own: User, state_user: User, for_district: bool, seen: bool
) -> None:
    result = VerificationResultFactory(
        run__district=home, while_pushed=True, while_pushed_for_district=for_district
    )
    assert row_of(own, result).while_pushed is seen
    assert row_of(state_user, result).while_pushed


# ---- Objects -------------------------------------------------------------------------------------------------


def test_default_objects_are_listed_before_they_are_verified(
    home: District, year: SchoolYear, own: User
) -> None:
    VerificationResultFactory(run__district=home, object="School")
    rows = results_of(own, home, year)
    assert rows[0].name == "School"
    assert {row.name for row in rows} >= {"School", "PersonIdentity", "TestScore"}
    assert [row.dot for row in rows if row.name == "TestScore"] == [Dot.NONE]


def test_the_newest_attempt_stands_beside_the_latest_result(
    home: District, year: SchoolYear, own: User
) -> None:
    latest = VerificationResultFactory(run__district=home)
    run = VerificationRunFactory(district=home, status=RunStatus.RUNNING)
    attempt = VerificationResultFactory(
        run=run, status=ResultStatus.RUNNING, at_district=30, at_state=30, total=40
    )
    row = row_of(own, latest)
    assert (row.latest, row.attempt, row.is_open, row.percent) == (latest, attempt, True, 75)
    assert row.failure == ""


def test_an_attempt_that_failed_tells_why_and_leaves_the_result(home: District, own: User) -> None:
    latest = VerificationResultFactory(run__district=home)
    run = VerificationRunFactory(district=home, status=RunStatus.FAILED)
    VerificationResultFactory(run=run, status=ResultStatus.FAILED, reason="The table is gone.")
    row = row_of(own, latest)
    assert (row.latest, row.failure, row.is_open) == (latest, "The table is gone.", False)


def test_compared_fields_are_spelled_as_on_the_screens(home: District, own: User) -> None:
    result = VerificationResultFactory(run__district=home, compared_fields=["enrollment_id", "end_status"])
    assert row_of(own, result).compared == ["enrollmentID", "endStatus"]


def test_the_version_changes_with_what_is_shown(home: District, year: SchoolYear, own: User) -> None:
    def version() -> str:
        return version_of(results_of(own, home, year))

    seen = [version()]
    run = VerificationRunFactory(district=home, status=RunStatus.RUNNING)
    running = VerificationResultFactory(
        run=run, status=ResultStatus.RUNNING, at_district=0, at_state=0, total=100
    )
    seen.append(version())
    VerificationResult.objects.filter(pk=running.pk).update(at_district=50, at_state=50)
    seen.append(version())
    VerificationResult.objects.filter(pk=running.pk).update(
        status=ResultStatus.COMPLETED, is_latest=True, ended_at=STARTED_AT
    )
    seen.append(version())
    difference = VerificationDifferenceFactory(result=running, key=7)
    RecordErrorFactory(district=home, school_year=year, key=difference.key)
    seen.append(version())
    assert len(set(seen)) == 5
    assert version() == seen[-1]


# ---- Expected differences ------------------------------------------------------------------------------------


def test_a_record_that_the_last_push_rejected_shows_its_reason(
    resynced: DistrictDatabase, verify: Verify, asker: User, district: District
) -> None:
    resynced.execute("UPDATE enrollment SET grade = '10' WHERE enrollment_id = 2")
    resynced.execute("DELETE FROM enrollment WHERE enrollment_id = 5")
    result = result_of(verify("Enrollment"), "Enrollment")
    page = difference_page(asker, result, DifferenceKind.NOT_AT_STATE)
    reasons = {row.key: row.reason for row in page.rows}
    assert set(reasons) == {1, 16, 20, 31, 40, 46, 60}
    assert "exclude" in reasons[1]
    assert (
        reasons[20]
        == "PersonIdentity 60 is not at the state. Resync PersonIdentity with its dependencies first."
    )
    [changed] = difference_page(asker, result, DifferenceKind.DIFFERENCE).rows
    assert (changed.key, changed.fields, changed.reason) == (2, ("grade",), "")
    assert row_of(asker, result).expected == 7
    told = {each.kind: (each.count, each.kept, each.expected) for each in kind_counts(asker, result)}
    assert told == {
        DifferenceKind.NOT_AT_STATE: (7, 7, 7),
        DifferenceKind.NOT_AT_DISTRICT: (1, 1, 0),
        DifferenceKind.DIFFERENCE: (1, 1, 0),
        DifferenceKind.DUPLICATE: (0, 0, 0),
    }


@pytest.mark.parametrize(
    ("error", "for_district", "for_state"),
    [
        ({}, 1, 1),
        ({"confidential": True}, 0, 1),
        ({"superseded": True}, 1, 0),
        ({"object": "School"}, 0, 0),
        ({"school_year": None}, 1, 1),
    ],
)
def test_only_what_a_person_may_know_of_is_expected(
    home: District,
    year: SchoolYear,
    own: User,
    state_user: User,
    error: dict[str, Any],
    for_district: int,
    for_state: int,
) -> None:
    difference = VerificationDifferenceFactory(result__run__district=home, result__run__school_year=year)
    RecordErrorFactory(**{"district": home, "school_year": year, "key": difference.key} | error)
    assert row_of(own, difference.result).expected == for_district
    assert row_of(state_user, difference.result).expected == for_state


def test_the_error_of_another_district_or_year_explains_nothing(home: District, own: User) -> None:
    difference = VerificationDifferenceFactory(result__run__district=home)
    RecordErrorFactory(key=difference.key)
    RecordErrorFactory(district=home, school_year=SchoolYearFactory(end_year=2023), key=difference.key)
    assert row_of(own, difference.result).expected == 0
    assert difference_page(own, difference.result, DifferenceKind.NOT_AT_STATE).rows[0].reason == ""


def test_what_only_the_state_has_is_never_expected(home: District, year: SchoolYear, own: User) -> None:
    difference = VerificationDifferenceFactory(
        result__run__district=home,
        result__not_at_state=0,
        result__not_at_district=1,
        kind=DifferenceKind.NOT_AT_DISTRICT,
    )
    RecordErrorFactory(district=home, school_year=year, key=difference.key)
    assert row_of(own, difference.result).expected == 0
    [row] = difference_page(own, difference.result, DifferenceKind.NOT_AT_DISTRICT).rows
    assert row.reason == ""


# ---- Pages of keys -------------------------------------------------------------------------------------------


@pytest.fixture
def long_list(home: District) -> VerificationResult:
    """Keys -3 to 6 and both ends of bigint; those that can be divided by 3 were rejected."""
    result = VerificationResultFactory(run__district=home, not_at_state=12)
    for key in (-(2**63), *range(-3, 7), 2**63 - 1):
        VerificationDifferenceFactory(result=result, key=key)
        if key % 3 == 0:
            RecordErrorFactory(district=home, key=key)
    return result


@pytest.mark.parametrize("limit", [1, 3, 4, 12, 100])
def test_pages_go_through_all_keys_in_order(long_list: VerificationResult, own: User, limit: int) -> None:
    keys: list[int] = []
    after = None
    for _ in range(20):
        page = difference_page(own, long_list, DifferenceKind.NOT_AT_STATE, after=after, limit=limit)
        assert len(page.rows) <= limit
        keys += [row.key for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert keys == [-(2**63), *range(-3, 7), 2**63 - 1]


@pytest.mark.parametrize(
    ("expected", "keys"),
    [(True, [-3, 0, 3, 6]), (False, [-(2**63), -2, -1, 1, 2, 4, 5, 2**63 - 1])],
)
def test_a_page_of_expected_or_of_other_keys(
    long_list: VerificationResult, own: User, expected: bool, keys: list[int]
) -> None:
    page = difference_page(own, long_list, DifferenceKind.NOT_AT_STATE, expected=expected)
    assert [row.key for row in page.rows] == keys
    assert all(bool(row.reason) is expected for row in page.rows)


def test_all_keys_come_in_pieces(
    long_list: VerificationResult, own: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_AT_A_TIME", 5)
    listed = list(iter_differences(own, long_list, DifferenceKind.NOT_AT_STATE))
    assert [row.key for row in listed] == [-(2**63), *range(-3, 7), 2**63 - 1]
    assert list(iter_differences(own, long_list, DifferenceKind.DUPLICATE)) == []


# ---- History -------------------------------------------------------------------------------------------------


def test_history_has_the_last_points_of_each_object_oldest_first(
    home: District, year: SchoolYear, own: User
) -> None:
    for errors in range(15):
        run = VerificationRunFactory(district=home)
        VerificationResultFactory(run=run, differences=errors, at_district=100, is_latest=errors == 14)
    VerificationResultFactory(run=run, object="School", place=30_001)
    failed = VerificationRunFactory(district=home, status=RunStatus.FAILED)
    VerificationResultFactory(run=failed, status=ResultStatus.FAILED)
    history = history_of(own, home, year)
    assert [point.errors for point in history["Enrollment"]] == list(range(3, 15))
    assert [str(point.accuracy) for point in history["Enrollment"]][:2] == ["97.00", "96.00"]
    assert [str(point.accuracy) for point in history["School"]] == ["100.00"]
    assert [point.errors for point in history_of(own, home, year, points=2)["Enrollment"]] == [13, 14]


def test_removals_are_told_with_the_result_newest_first(home: District, own: User) -> None:
    result = VerificationResultFactory(run__district=home, not_at_district=3)
    first = RemovalFactory(result=result, keys=[1])
    second = RemovalFactory(result=result, keys=[2, 3], removed={"Enrollment": 2, "Roster": 9})
    assert list(removals_of(own, result)) == [second, first]
    assert row_of(own, result).removed == 3


def test_a_resync_by_the_state_shows_a_district_no_reason_it_did_not_meet_itself(
    people: DistrictDatabase,
    verify: Verify,
    asker: User,
    of_state: User,
    district: District,
) -> None:
    request = request_resync(
        districts=[district],
        school_year=district.zone.school_year,
        objects=["Enrollment"],
        check_dependencies=True,
        by=of_state,
    )
    run_batch(request.batches.get())
    result = result_of(verify("Enrollment"), "Enrollment")
    assert (result.not_at_state, row_of(asker, result).expected) == (7, 0)
    assert row_of(of_state, result).expected == 7
    assert {row.reason for row in iter_differences(asker, result, DifferenceKind.NOT_AT_STATE)} == {""}
