"""What the state asks of many districts: all or none, once, and in how much time."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from dis_objects.catalogue import hierarchy, offered_in_batch
from dis_objects.models import DISObject
from districts.models import District, SchoolYear, User, Zone
from process_alerts.models import AlertRecipient, ProcessAlert
from resync import actions
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.exceptions import ResyncRefused
from resync.models import Batch, BatchObject, ResyncRequest
from resync.requests import add_batches, cancel_request, open_request, request_resync, retry_request
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

CHAIN = ["District", "School", "Calendar", "ScheduleStructure", "PersonIdentity", "Enrollment"]


@pytest.fixture
def year(db: None) -> SchoolYear:
    return SchoolYearFactory()


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory(username="state.admin", district=None)


@pytest.fixture
def three(db: None) -> list[District]:
    return [DistrictFactory(number=number) for number in ("01", "02", "03")]


@pytest.fixture
def ask(year: SchoolYear, admin: User) -> Callable[..., ResyncRequest]:
    def request(districts: Sequence[District], *objects: str, **changes: Any) -> ResyncRequest:
        wanted = {"school_year": year, "check_dependencies": True, "by": admin} | changes
        return request_resync(districts=districts, objects=objects or ("Enrollment",), **wanted)

    return request


Ask = Callable[..., ResyncRequest]


def statuses(batches: Iterable[Batch]) -> list[str]:
    return [each.status for each in Batch.objects.filter(pk__in=[each.pk for each in batches]).order_by("pk")]


def end(batch: Batch, **by_object: str) -> None:
    """Ends the objects of a batch, each completed unless told otherwise, and then the batch."""
    ended = {"ended_at": batch.requested_at, "started_at": batch.requested_at}
    batch.objects_in_order.update(status=ObjectStatus.COMPLETED, **ended)
    for name, status in by_object.items():
        batch.objects_in_order.filter(object=name).update(
            status=status, reason="The database does not answer."
        )
    actions.finish_batch(batch_id=batch.pk)


def nothing_stored() -> bool:
    return not (ResyncRequest.objects.exists() or Batch.objects.exists() or ProcessAlert.objects.exists())


# ---- One batch per district --------------------------------------------------------------------------------


def test_each_district_gets_one_batch_with_the_objects_parents_first(three: list[District], ask: Ask) -> None:
    request = ask(three)

    assert request.objects_chosen == ["Enrollment"]
    assert [batch.district.number for batch in request.batches.order_by("pk")] == ["01", "02", "03"]
    for batch in request.batches.all():
        plan = batch.objects_in_order.order_by("place")
        assert [each.object for each in plan] == CHAIN
        assert [each.place for each in plan] == list(range(6))
        assert [each.requested for each in plan] == [False] * 5 + [True]
        assert plan.last().parents == CHAIN[:-1]
        assert (batch.origin, batch.status, batch.is_full) == (Origin.STATE, BatchStatus.RUNNING, False)
        assert {each.origin for each in plan} == {Origin.STATE}
        assert {each.district_id for each in plan} == {batch.district_id}


def test_a_request_stores_the_same_rows_as_a_resync_of_the_district(
    three: list[District], year: SchoolYear, admin: User, ask: Ask
) -> None:
    """Two ways to store a plan: one row at a time by the ORM, all at once by SQL."""
    sent = actions.send_resync(
        district=three[0], school_year=year, objects=["Enrollment"], check_dependencies=True, by=admin
    )
    asked = ask(three[1:2]).batches.get()
    own = {"id", "batch_id", "district_id", "origin", "changed_at"}
    first, second = (
        [
            {name: value for name, value in row.items() if name not in own}
            for row in batch.objects_in_order.order_by("place").values()
        ]
        for batch in (sent, asked)
    )
    assert first == second


@pytest.mark.parametrize(("check_dependencies", "count"), [(True, 6), (False, 1)])
def test_dependencies_are_checked_as_at_the_district(
    three: list[District], ask: Ask, check_dependencies: bool, count: int
) -> None:
    request = ask(three[:1], check_dependencies=check_dependencies)
    assert request.batches.get().objects_in_order.count() == count


def test_everything_that_a_district_is_offered_is_a_full_resync(three: list[District], ask: Ask) -> None:
    everything = [each.name for each in offered_in_batch("NV")]
    assert [batch.is_full for batch in ask(three, *everything).batches.all()] == [True] * 3
    assert not ask(three, *everything[:-1], check_dependencies=False).batches.filter(is_full=True).exists()


def test_what_is_full_in_one_state_need_not_be_in_another(three: list[District], ask: Ask) -> None:
    kentucky = DistrictFactory(number="90", state__code="KY")
    shared = hierarchy().sorted(
        {each.name for each in offered_in_batch("NV")} & {each.name for each in offered_in_batch("KY")}
    )
    request = ask([three[0], kentucky], *shared)
    sizes = {batch.district.number: batch.objects_in_order.count() for batch in request.batches.all()}
    assert sizes == {"01": len(shared), "90": len(shared)}
    assert not request.batches.get(district=kentucky).is_full


def test_a_district_that_is_busy_takes_its_turn(
    three: list[District], year: SchoolYear, admin: User, ask: Ask
) -> None:
    own = actions.send_resync(
        district=three[0], school_year=year, objects=["School"], check_dependencies=True, by=None
    )
    request = ask(three)

    assert statuses(request.batches.all()) == ["queued", "running", "running"]
    end(own)
    assert statuses(request.batches.all()) == ["running"] * 3


def test_a_second_request_waits_behind_the_first(three: list[District], ask: Ask) -> None:
    first, second = ask(three), ask(three)
    assert statuses(second.batches.all()) == ["queued"] * 3
    end(first.batches.first())
    assert sorted(statuses(second.batches.all())) == ["queued", "queued", "running"]


def test_what_was_queued_before_begins_before(three: list[District], year: SchoolYear, ask: Ask) -> None:
    """A batch that was left behind is older than the request: it has its turn first."""
    earlier = ask(three[:1]).batches.get()
    Batch.objects.filter(pk=earlier.pk).update(status=BatchStatus.QUEUED, started_at=None)
    later = ask(three[:1]).batches.get()
    assert statuses([earlier, later]) == ["running", "queued"]


# ---- All or none -------------------------------------------------------------------------------------------


def closed(number: str, **changes: Any) -> District:
    district = DistrictFactory(number=number)
    Zone.objects.filter(district=district).update(**changes)
    return District.objects.get(pk=district.pk)


@pytest.mark.parametrize(
    ("make", "objects", "sentence"),
    [
        (lambda: [], ["School"], "No district is chosen."),
        (lambda: [DistrictFactory(number="01")], [], "No object is chosen."),
        (lambda: [DistrictFactory(number="01")], ["Nonsense"], "There is no DIS object named Nonsense"),
        (
            lambda: [DistrictFactory(number="01"), DistrictFactory(number="90", state__code="KY")],
            ["School", "LepKY"],
            r"^LepKY cannot be resynced for district 01 in 2023-2024\.",
        ),
        (
            lambda: [DistrictFactory(number="01"), DistrictFactory(number="02", zone=None)],
            ["School"],
            r"^The school year 2023-2024 is not open for district 02\.",
        ),
        (
            lambda: [
                DistrictFactory(number=f"0{n}", state=DistrictFactory(number=f"1{n}").state, zone=None)
                for n in range(1, 9)
            ],
            ["School"],
            "is not open for districts 01, 02, 03, 04, 05 and 3 more",
        ),
        (
            lambda: [
                DistrictFactory(number="01"),
                closed("02", school_year=SchoolYearFactory(end_year=2025), syncs_previous_year=False),
            ],
            ["School"],
            "is not open for district 02",
        ),
    ],
)
def test_a_refusal_names_the_reason_and_stores_nothing(
    ask: Ask, year: SchoolYear, make: Callable[[], list[District]], objects: list[str], sentence: str
) -> None:
    districts = make()
    with pytest.raises(ResyncRefused, match=sentence):
        request_resync(
            districts=districts, school_year=year, objects=objects, check_dependencies=True, by=None
        )
    assert nothing_stored()


def test_a_fault_while_the_last_district_is_stored_leaves_nothing(
    three: list[District], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("resync.requests.announce_request", stumble)
    with pytest.raises(RuntimeError), transaction.atomic():
        ask(three)
    assert nothing_stored()


def test_a_neighbouring_year_takes_only_what_the_state_has_set_for_it(
    three: list[District], ask: Ask
) -> None:
    last_year = SchoolYearFactory(end_year=2023)
    Zone.objects.update(syncs_previous_year=True)
    DISObject.objects.filter(name__in=["Calendar", "Enrollment"]).update(syncs_previous_year=True)

    with pytest.raises(
        ResyncRefused, match="^ScheduleStructure cannot be resynced for districts 01, 02, 03 in 2022"
    ):
        ask(three, "ScheduleStructure", school_year=last_year)
    batch = ask(three, "Enrollment", school_year=last_year).batches.first()
    assert [each.object for each in batch.objects_in_order.order_by("place")] == ["Calendar", "Enrollment"]
    assert batch.is_full


def test_districts_in_different_years_are_planned_apart(ask: Ask, year: SchoolYear) -> None:
    """2024 is the current year of one district, and the previous of another, which sends only objects of a year."""
    here = DistrictFactory(number="01")
    ahead = closed("02", school_year=SchoolYearFactory(end_year=2025), syncs_previous_year=True)
    DISObject.objects.filter(name__in=["Calendar", "Enrollment"]).update(syncs_previous_year=True)

    request = ask([here, ahead], "Enrollment")
    plans = {
        batch.district.number: list(batch.objects_in_order.order_by("place").values_list("object", flat=True))
        for batch in request.batches.all()
    }
    assert plans == {"01": CHAIN, "02": ["Calendar", "Enrollment"]}


# ---- Once --------------------------------------------------------------------------------------------------


def test_the_same_token_is_the_same_request(three: list[District], ask: Ask) -> None:
    token = uuid4()
    assert ask(three, token=token).pk == ask(three, token=token).pk
    assert Batch.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_make_one_request(three: list[District], ask: Ask) -> None:
    token, made = uuid4(), []

    def click(districts: list[District], token: Any) -> None:
        made.append(ask(districts, token=token).pk)
        connections.close_all()

    # the others ask the same districts in another order: no two wait for each other for ever
    clicks = [threading.Thread(target=click, args=[three, token]) for _ in range(4)]
    clicks += [threading.Thread(target=click, args=[three[::-1], uuid4()]) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    assert (len(made), len(set(made))) == (8, 5)
    assert Batch.objects.count() == 15
    assert Batch.objects.filter(status=BatchStatus.RUNNING).count() == 3


def test_districts_are_told_that_there_was_a_request_but_not_of_what(three: list[District], ask: Ask) -> None:
    reader = UserFactory(district=three[0], rights="R")
    without = UserFactory(district=three[0], rights="")
    ask(three)

    told = AlertRecipient.objects.filter(alert__name="State Resync Requested", alert__district=three[0])
    assert [each.user for each in told] == [reader]
    assert not AlertRecipient.objects.filter(user=without).exists()
    assert not [name for name in CHAIN if name in told.get().alert.text]


# ---- The weekly schedule -----------------------------------------------------------------------------------


def test_a_schedule_adds_one_district_after_the_other_and_each_once(
    three: list[District], year: SchoolYear
) -> None:
    request = open_request(
        school_year=year, objects=["School"], check_dependencies=True, origin=Origin.SCHEDULE
    )
    made = [add_batches(request=request, districts=[each]) for each in (*three, three[0])]

    assert [len(batches) for batches in made] == [1, 1, 1, 0]
    assert set(request.batches.values_list("origin", flat=True)) == {Origin.SCHEDULE}
    assert not ProcessAlert.objects.exists()


# ---- Retry -------------------------------------------------------------------------------------------------


def test_a_retry_sends_what_did_not_complete_where_it_did_not(
    three: list[District], ask: Ask, admin: User
) -> None:
    request = ask(three, "Enrollment", "CourseCode")
    first, second, third = request.batches.order_by("pk")
    end(first)
    end(second, PersonIdentity="failed", Enrollment="not_attempted")

    again = retry_request(request=request, by=admin)

    assert [batch.district.number for batch in again] == ["02"]  # the third is still under way
    plan = again[0].objects_in_order.order_by("place")
    assert [(each.object, each.parents) for each in plan] == [
        ("PersonIdentity", []),
        ("Enrollment", ["PersonIdentity"]),
    ]
    assert [each.requested for each in plan] == [False, True]
    again[0].refresh_from_db()
    assert (again[0].request, again[0].status, again[0].is_full) == (request, BatchStatus.RUNNING, False)
    assert statuses([third]) == ["running"]


def test_a_retry_of_a_retry_sends_only_what_is_still_left(
    three: list[District], ask: Ask, admin: User
) -> None:
    request = ask(three[:1])
    end(request.batches.get(), PersonIdentity="failed", Enrollment="not_attempted")
    end(retry_request(request=request, by=admin)[0], Enrollment="failed")

    last = retry_request(request=request, by=admin)[0]

    assert list(last.objects_in_order.values_list("object", flat=True)) == ["Enrollment"]
    end(last)
    with pytest.raises(ResyncRefused, match="Nothing is left to retry"):
        retry_request(request=request, by=admin)


def test_two_retries_at_once_are_one(three: list[District], ask: Ask, admin: User) -> None:
    request = ask(three[:1])
    end(request.batches.get(), Enrollment="failed")
    retry_request(request=request, by=admin)
    with pytest.raises(ResyncRefused, match="Nothing is left to retry"):
        retry_request(request=request, by=admin)
    assert request.batches.count() == 2


def test_a_retry_is_refused_when_the_year_has_been_closed(
    three: list[District], ask: Ask, admin: User
) -> None:
    request = ask(three[:1])
    end(request.batches.get(), Enrollment="failed")
    Zone.objects.filter(district=three[0]).update(school_year=SchoolYearFactory(end_year=2025))
    with pytest.raises(ResyncRefused, match="2023-2024 is not open for district 01"):
        retry_request(request=request, by=admin)
    assert request.batches.count() == 1


# ---- Time --------------------------------------------------------------------------------------------------

DISTRICTS = 1_200


def _many_districts(year: SchoolYear) -> list[District]:
    home = DistrictFactory(number="0000").state
    District.objects.bulk_create(
        District(state=home, number=f"9{n:04}", name=f"District {n}") for n in range(1, DISTRICTS)
    )
    everything = list(District.objects.select_related("state").order_by("number"))
    Zone.objects.filter(district__in=everything).delete()
    Zone.objects.bulk_create(Zone(district=each, school_year=year) for each in everything)
    users = User.objects.bulk_create(User(username=f"u{each.number}", district=each) for each in everything)
    group = UserFactory(district=None, rights="RW").groups.get()
    group.user_set.add(*users)
    return everything


@pytest.mark.slow
@pytest.mark.parametrize(("objects", "seconds"), [(["AttDayAggregation"], 6.0), (None, 12.0)])
@pytest.mark.django_db(transaction=True)
def test_time_for_1200_districts(
    year: SchoolYear, ask: Ask, objects: list[str] | None, seconds: float, record_property: Callable
) -> None:
    """With the checks of foreign keys at the commit, the alerts to a user of each district, and the first wake-ups."""
    districts = _many_districts(year)
    chosen = objects or [each.name for each in offered_in_batch("NV")]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    started = time.perf_counter()
    request = ask(districts, *chosen)
    took = time.perf_counter() - started

    record_property("seconds", took)
    rows = BatchObject.objects.count()
    print(f"{rows} rows in {took:.2f} s")
    assert request.batches.filter(status=BatchStatus.RUNNING).count() == DISTRICTS
    of_districts = AlertRecipient.objects.filter(alert__district__isnull=False)
    assert of_districts.filter(alert__name="State Resync Requested").count() == DISTRICTS
    assert rows == DISTRICTS * request.batches.first().objects_in_order.count()
    assert took < seconds
    started = time.perf_counter()
    actions.sweep()
    swept = time.perf_counter() - started
    started = time.perf_counter()
    assert cancel_request(request=request, by=request.requested_by) == DISTRICTS
    cancelled = time.perf_counter() - started
    print(f"sweep {swept:.2f} s, cancel {cancelled:.2f} s")
    assert not request.batches.exclude(status=BatchStatus.CANCELLED).exists()
    assert max(swept, cancelled) < 3 * seconds
