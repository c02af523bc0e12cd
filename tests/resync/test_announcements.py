"""Who is told what of a resync, and how often."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from districts.choices import Tool
from districts.models import District, User
from process_alerts.actions import delete_alerts
from process_alerts.models import ProcessAlert
from process_alerts.queries import inbox_of
from resync import actions, announcements
from resync.announcements import announce_due, announce_ended_requests, announce_request, settle_due
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch, ResyncRequest
from tests.factories.batch import BatchFactory, BatchObjectFactory, ResyncRequestFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db

Commit = Callable[..., object]


def told(user: User) -> list[str]:
    return list(inbox_of(user).order_by("alert_id").values_list("alert__name", flat=True))


def texts(user: User) -> list[str]:
    return list(inbox_of(user).order_by("alert_id").values_list("alert__text", flat=True))


def other_tool() -> User:
    user = UserFactory(rights="")
    user.groups.add(GroupFactory(name="logs", tool=Tool.ERROR_LOG, rights="RD"))
    return user


@pytest.fixture
def asked() -> tuple[ResyncRequest, list[Batch]]:
    """A request of the state for two districts."""
    request = ResyncRequestFactory(
        objects_chosen=["Enrollment", "School"],
        requested_by=UserFactory(username="state.admin", district=None),
    )
    districts = [DistrictFactory(number=number) for number in ("01", "02")]
    return request, [BatchFactory(district=each, origin=Origin.STATE, request=request) for each in districts]


# ---- State Resync Requested -------------------------------------------------------------------------------------


def test_everybody_with_the_right_in_district_and_state_is_told_that_the_state_asked(asked) -> None:
    request, batches = asked
    readers = [UserFactory(district=batch.district, rights="R") for batch in batches]
    of_state = UserFactory(district=None, rights="R")
    announce_request(request, batches)
    assert [told(each) for each in [*readers, of_state, request.requested_by]] == [
        ["State Resync Requested"]
    ] * 4
    assert ProcessAlert.objects.filter(process="vertical_interoperability").count() == 3


def test_nobody_else_is_told(asked) -> None:
    request, batches = asked
    district = batches[0].district
    others = [
        UserFactory(),
        UserFactory(district=district, rights=""),
        UserFactory(district=district, is_active=False),
        UserFactory(district=None, rights=""),
        UserFactory(district=None, is_active=False),
        other_tool(),
    ]
    announce_request(request, batches)
    assert [told(each) for each in others] == [[]] * len(others)


def test_a_district_is_told_of_its_own_resync_and_of_no_object(asked) -> None:
    request, batches = asked
    reader = UserFactory(district=batches[0].district)
    announce_request(request, batches)
    (text,) = texts(reader)
    assert "The state asked this district to send data for the school year 2023-2024." in text
    for hidden in ("Enrollment", "School,", "state.admin", "2 districts"):
        assert hidden not in text


def test_the_state_is_told_what_was_asked_of_how_many(asked) -> None:
    request, batches = asked
    announce_request(request, batches)
    (text,) = texts(request.requested_by)
    assert text == (
        "state.admin asked 2 districts to send Enrollment, School, and what these depend on, for 2023-2024."
    )


def test_many_objects_are_counted_not_listed(asked) -> None:
    request, batches = asked
    request.objects_chosen = [f"Object{n}" for n in range(20)]
    request.check_dependencies = False
    announce_request(request, batches[:1])
    (text,) = texts(request.requested_by)
    assert "asked 1 district to send Object0, Object1, " in text
    assert text.endswith("Object7 and 12 more objects for 2023-2024.")


def test_announcing_a_request_again_tells_nobody_twice(asked) -> None:
    request, batches = asked
    reader = UserFactory(district=batches[0].district)
    announce_request(request, batches)
    announce_request(request, batches)
    assert (len(told(reader)), len(told(request.requested_by))) == (1, 1)


def test_a_repeated_request_is_news_to_its_districts_and_not_to_the_state(asked) -> None:
    request, batches = asked
    readers = [UserFactory(district=batch.district) for batch in batches]
    announce_request(request, batches)
    announce_request(
        request, [BatchFactory(district=batches[0].district, origin=Origin.STATE, request=request)]
    )
    assert [len(told(each)) for each in [*readers, request.requested_by]] == [2, 1, 1]


def test_the_schedule_announces_no_request() -> None:
    request = ResyncRequestFactory(origin=Origin.SCHEDULE)
    batch = BatchFactory(origin=Origin.SCHEDULE, request=request)
    announce_request(request, [batch])
    announce_request(ResyncRequestFactory(), [])
    assert not ProcessAlert.objects.exists()


def test_a_request_of_1200_districts_is_announced_by_a_few_statements(django_assert_max_num_queries) -> None:
    request = ResyncRequestFactory(requested_by=UserFactory(district=None))
    group = GroupFactory(rights="R")
    state = DistrictFactory().state
    districts = District.objects.bulk_create(
        District(state=state, number=f"n{n}", name=f"District {n}") for n in range(1_200)
    )
    batches = Batch.objects.bulk_create(
        Batch(
            district=each,
            school_year=request.school_year,
            origin=Origin.STATE,
            request=request,
            check_dependencies=True,
        )
        for each in districts
    )
    people = User.objects.bulk_create(
        User(username=f"{each.number}.{n}", password="!", district=each)
        for each in districts
        for n in range(3)
    )
    group.user_set.add(*people)
    with django_assert_max_num_queries(11):
        announce_request(request, batches)
    assert ProcessAlert.objects.count() == 1_201
    assert told(people[-1]) == ["State Resync Requested"]


# ---- The end of a resync that a person sent ---------------------------------------------------------------------


@pytest.fixture
def pat() -> User:
    return UserFactory(username="pat", district=DistrictFactory(number="02"))


def sent(by: User | None, *objects: tuple[str, ObjectStatus, int, int, str], **fields: object) -> Batch:
    """A running batch with objects that have ended: name, status, processed, errors, reason."""
    fields = {"district": by.district if by else DistrictFactory(), "status": BatchStatus.RUNNING} | fields
    batch = BatchFactory(requested_by=by, **fields)
    for place, (name, status, processed, errors, reason) in enumerate(objects):
        BatchObjectFactory(
            batch=batch,
            object=name,
            place=place,
            status=status,
            processed=processed,
            errors=errors,
            reason=reason,
        )
    return batch


COMPLETED = ("School", ObjectStatus.COMPLETED, 1_200, 3, "")
FAILED = ("Calendar", ObjectStatus.FAILED, 0, 0, "The table calendar is missing.")
NOT_ATTEMPTED = ("Enrollment", ObjectStatus.NOT_ATTEMPTED, 0, 0, "Not attempted, because Calendar failed.")
CANCELLED = ("Enrollment", ObjectStatus.CANCELLED, 250_000, 0, "")


@pytest.mark.parametrize(
    ("objects", "name", "text"),
    [
        (
            [COMPLETED],
            "Resync completed",
            "1 of 1 objects completed for the school year 2023-2024: 1,200 records processed, 3 of them with errors.",
        ),
        (
            [COMPLETED, FAILED, NOT_ATTEMPTED],
            "Resync failed",
            "1 of 3 objects completed for the school year 2023-2024: 1,200 records processed, 3 of them with errors. "
            "Calendar failed: The table calendar is missing.",
        ),
    ],
)
def test_who_sent_a_resync_is_told_how_it_ended(pat: User, objects: list, name: str, text: str) -> None:
    actions.finish_batch(batch_id=sent(pat, *objects).pk)
    assert (told(pat), texts(pat)) == ([name], [text])


def test_a_cancelled_resync_says_by_whom_and_what_stays(pat: User) -> None:
    colleague = UserFactory(username="kim", district=pat.district)
    batch = sent(pat, COMPLETED, CANCELLED, cancelled_by=colleague)
    actions.finish_batch(batch_id=batch.pk)
    assert told(pat) == ["Resync cancelled"]
    assert texts(pat)[0] == (
        "1 of 2 objects completed for the school year 2023-2024: 251,200 records processed, 3 of them with errors. "
        "Cancelled by kim. What was pushed before stays at the state."
    )
    assert told(colleague) == []


def test_several_failures_are_counted(pat: User) -> None:
    second = ("Course", ObjectStatus.FAILED, 0, 0, "The table course is missing.")
    actions.finish_batch(batch_id=sent(pat, FAILED, second).pk)
    assert texts(pat)[0].endswith("Calendar failed: The table calendar is missing. 1 more failed.")


def test_ending_again_tells_nothing_again(pat: User) -> None:
    batch = sent(pat, COMPLETED)
    actions.finish_batch(batch_id=batch.pk)
    batch.refresh_from_db()
    actions.finish_batch(batch_id=batch.pk)
    announcements.announce_end(batch)
    assert len(told(pat)) == 1


def test_an_alert_that_was_deleted_does_not_come_back(pat: User) -> None:
    batch = sent(pat, COMPLETED)
    actions.finish_batch(batch_id=batch.pk)
    delete_alerts(alert_ids=list(inbox_of(pat).values_list("alert_id", flat=True)), by=pat)
    batch.refresh_from_db()
    announcements.announce_end(batch)
    assert told(pat) == []


def test_a_batch_of_a_terminal_ends_without_an_alert() -> None:
    assert actions.finish_batch(batch_id=sent(None, COMPLETED).pk)
    assert not ProcessAlert.objects.exists()


def _disable(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _take_rights(user: User) -> None:
    user.groups.clear()


def _move(user: User) -> None:
    User.objects.filter(pk=user.pk).update(district=DistrictFactory())


@pytest.mark.parametrize("change", [_disable, _take_rights, _move])
def test_who_may_no_longer_see_it_is_not_told(pat: User, change: Callable[[User], None]) -> None:
    batch = sent(pat, COMPLETED)
    change(pat)
    assert actions.finish_batch(batch_id=batch.pk)
    assert told(User.objects.get(pk=pat.pk)) == []
    User.objects.filter(pk=pat.pk).update(is_active=True, district=batch.district)
    assert told(User.objects.get(pk=pat.pk)) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_end_a_batch_at_once_tell_it_once() -> None:
    pat = UserFactory(district=DistrictFactory(number="02"))
    batch = sent(pat, COMPLETED)
    barrier, ended = threading.Barrier(2), []

    def finish() -> None:
        barrier.wait(10)
        try:
            ended.append(actions.finish_batch(batch_id=batch.pk))
        finally:
            connection.close()

    workers = [threading.Thread(target=finish) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)

    assert sorted(ended) == [False, True]
    batch.refresh_from_db()
    assert batch.status == BatchStatus.COMPLETED
    assert len(told(pat)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_alert_that_is_there_already_does_not_keep_a_batch_from_ending() -> None:
    pat = UserFactory(district=DistrictFactory(number="02"))
    batch = sent(pat, COMPLETED)
    ProcessAlert.objects.create(key=f"batch-ended:{batch.pk}", process="vertical_interoperability", name="x")
    assert actions.finish_batch(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.status == BatchStatus.COMPLETED


# ---- The end of a request ---------------------------------------------------------------------------------------


def of_request(request: ResyncRequest, *objects: tuple, **fields: object) -> Batch:
    return sent(None, *objects, origin=request.origin, request=request, **fields)


@pytest.fixture
def asker() -> User:
    return UserFactory(username="state.admin", district=None)


def test_who_asked_is_told_when_the_last_resync_has_ended(
    asker: User, django_capture_on_commit_callbacks: Commit
) -> None:
    request = ResyncRequestFactory(requested_by=asker)
    batches = [of_request(request, COMPLETED), of_request(request, FAILED)]
    bystander = UserFactory(district=None)
    with django_capture_on_commit_callbacks(execute=True):
        actions.finish_batch(batch_id=batches[0].pk)
    assert told(asker) == []
    with django_capture_on_commit_callbacks(execute=True):
        actions.finish_batch(batch_id=batches[1].pk)
    assert told(asker) == ["State resync request ended with failures"]
    assert "1 of 2 resyncs completed, 1 failed, 0 were cancelled." in texts(asker)[0]
    assert told(bystander) == []


def test_a_request_without_failures_says_so(asker: User, django_capture_on_commit_callbacks: Commit) -> None:
    batch = of_request(ResyncRequestFactory(requested_by=asker), COMPLETED)
    with django_capture_on_commit_callbacks(execute=True):
        actions.finish_batch(batch_id=batch.pk)
    assert told(asker) == ["State resync request ended"]


def test_a_district_is_not_told_of_the_end_of_a_request(
    asker: User, django_capture_on_commit_callbacks: Commit
) -> None:
    batch = of_request(ResyncRequestFactory(requested_by=asker), FAILED)
    reader = UserFactory(district=batch.district)
    with django_capture_on_commit_callbacks(execute=True):
        actions.finish_batch(batch_id=batch.pk)
    assert told(reader) == []


def test_a_request_that_is_repeated_ends_again(
    asker: User, django_capture_on_commit_callbacks: Commit
) -> None:
    request = ResyncRequestFactory(requested_by=asker)
    for objects in (FAILED, COMPLETED):
        batch = of_request(request, objects)
        with django_capture_on_commit_callbacks(execute=True):
            actions.finish_batch(batch_id=batch.pk)
    assert len(told(asker)) == 2
    assert "1 of 2 resyncs completed" in texts(asker)[1]


@pytest.mark.django_db(transaction=True)
def test_two_last_resyncs_that_end_at_once_tell_the_end_once() -> None:
    """Neither sees the other's end before both are stored: so the end is told after that, by whoever is last."""
    asker = UserFactory(district=None)
    request = ResyncRequestFactory(requested_by=asker)
    batches = [of_request(request, COMPLETED) for _ in range(4)]
    barrier = threading.Barrier(len(batches))

    def finish(batch: Batch) -> None:
        barrier.wait(10)
        try:
            actions.finish_batch(batch_id=batch.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=finish, args=[batch]) for batch in batches]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)

    assert told(asker) == ["State resync request ended"]


def test_the_sweep_tells_an_end_that_a_killed_worker_did_not(asker: User) -> None:
    request = ResyncRequestFactory(requested_by=asker)
    actions.finish_batch(batch_id=of_request(request, COMPLETED).pk)
    assert told(asker) == []  # nothing was committed in this test: as if the worker had died then
    actions.sweep()
    actions.sweep()
    assert told(asker) == ["State resync request ended"]


def test_the_sweep_tells_nothing_of_what_is_open_empty_or_old(asker: User) -> None:
    of_request(ResyncRequestFactory(requested_by=asker), status=BatchStatus.QUEUED)
    ResyncRequestFactory(requested_by=asker)
    old = ResyncRequestFactory(requested_by=asker)
    of_request(old, status=BatchStatus.COMPLETED)
    ResyncRequest.objects.filter(pk=old.pk).update(requested_at=timezone.now() - timezone.timedelta(days=90))
    announce_ended_requests()
    assert told(asker) == []


def test_an_asker_without_the_right_is_not_told(asker: User) -> None:
    of_request(ResyncRequestFactory(requested_by=asker), status=BatchStatus.COMPLETED)
    _take_rights(asker)
    announce_ended_requests()
    assert told(asker) == []


def test_of_a_request_from_a_terminal_those_are_told_who_may_ask(asker: User) -> None:
    reader = UserFactory(district=None, rights="R")
    of_request(ResyncRequestFactory(requested_by=None), status=BatchStatus.COMPLETED)
    announce_ended_requests()
    assert (told(asker), told(reader)) == (["State resync request ended"], [])


# ---- The schedule -----------------------------------------------------------------------------------------------


def test_of_the_schedule_only_failures_are_told_and_once_a_run(asker: User) -> None:
    request = ResyncRequestFactory(origin=Origin.SCHEDULE)
    reader = UserFactory(district=None, rights="R")
    for objects in (COMPLETED, FAILED, FAILED):
        batch = of_request(request, objects)
        of_district = UserFactory(district=batch.district)
        actions.finish_batch(batch_id=batch.pk)
        assert told(of_district) == []
    assert (told(asker), told(reader)) == (["Scheduled resync failed"], [])
    assert "Calendar failed: The table calendar is missing." in texts(asker)[0]


# ---- What is due ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["start-of-year", "end-of-year"])
def test_what_is_due_stays_in_the_inbox_until_it_is_settled(pat: User, kind: str) -> None:
    district, year = pat.district, SchoolYearFactory(end_year=2025)
    announce_due(district, year, kind, date(2024, 8, 15))
    announce_due(district, year, kind, date(2024, 9, 1))
    (mine,) = inbox_of(pat)
    assert (mine.alert.due_on, mine.alert.settled_at) == (date(2024, 8, 15), None)
    assert "2024-2025" in mine.alert.name
    assert delete_alerts(alert_ids=[mine.alert_id], by=pat).still_due == 1

    settle_due(district, year, kind)
    settle_due(district, year, kind)
    assert delete_alerts(alert_ids=[mine.alert_id], by=pat).alerts == 1


def test_settling_leaves_other_districts_years_and_kinds_alone(pat: User) -> None:
    this, next_year = SchoolYearFactory(end_year=2024), SchoolYearFactory(end_year=2025)
    elsewhere = DistrictFactory()
    for district, year, kind in [
        (pat.district, this, "end-of-year"),
        (pat.district, next_year, "start-of-year"),
        (pat.district, this, "start-of-year"),
        (elsewhere, this, "start-of-year"),
    ]:
        announce_due(district, year, kind, date(2024, 8, 15))
    settle_due(pat.district, this, "start-of-year")
    assert ProcessAlert.objects.filter(settled_at=None).count() == 3


def test_what_is_due_is_for_those_who_may_see_the_tool(pat: User) -> None:
    others = [UserFactory(), UserFactory(district=pat.district, rights=""), UserFactory(district=None)]
    announce_due(pat.district, SchoolYearFactory(end_year=2025), "start-of-year", date(2024, 8, 15))
    assert len(told(pat)) == 1
    assert [told(each) for each in others] == [[], [], []]


# ---- What a district reads ---------------------------------------------------------------------------------------


def test_no_page_of_the_inbox_tells_a_district_what_the_state_asked_for(client: Client, asked) -> None:
    request, batches = asked
    reader = UserFactory(district=batches[0].district)
    announce_request(request, batches)
    client.force_login(reader)
    inbox = client.get("/alerts/").content.decode()
    (mine,) = inbox_of(reader)
    opened = client.get(f"/alerts/{mine.alert_id}/").content.decode()
    for hidden in ("Enrollment", "state.admin", f"/requests/{request.pk}"):
        assert hidden not in inbox + opened
    of_state = ProcessAlert.objects.get(district=None)
    assert client.get(f"/alerts/{of_state.pk}/").status_code == 404
