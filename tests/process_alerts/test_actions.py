"""Posting once, reading, deleting, and what is due."""

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from districts.models import User
from process_alerts.actions import Draft, delete_alerts, mark_read, mark_unread, post_alerts, settle_alerts
from process_alerts.models import AlertRecipient, ProcessAlert
from process_alerts.queries import inbox_of, unread_label
from tests.factories.alert import AlertRecipientFactory, ProcessAlertFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.workers import wait_until

pytestmark = pytest.mark.django_db


def draft(key: str = "a", *people: User, **fields: object) -> Draft:
    return Draft(key=key, name="Name", text="Text.", recipients=[user.pk for user in people], **fields)


def wait_until_somebody_waits() -> None:
    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            return bool(cursor.fetchone()[0])

    wait_until(somebody_waits, seconds=10)


def names(user: User) -> list[str]:
    return sorted(inbox_of(user).values_list("alert__key", flat=True))


def test_an_alert_reaches_its_recipients_once() -> None:
    pat, kim = UserFactory.create_batch(2, district=DistrictFactory())
    assert post_alerts([draft("a", pat, kim, pat, district_id=pat.district_id)]) == 1
    assert (names(pat), names(kim)) == (["a"], ["a"])


def test_the_same_key_posts_nothing_again() -> None:
    pat, kim = UserFactory.create_batch(2, district=None)
    post_alerts([draft("a", pat)])
    assert post_alerts([draft("a", kim), draft("b", kim)]) == 1
    assert (names(pat), names(kim)) == (["a"], ["b"])


def test_a_key_twice_in_one_call_posts_one_alert() -> None:
    assert post_alerts([draft("a"), draft("a")]) == 1


def test_nothing_to_post() -> None:
    assert post_alerts([]) == 0


def test_all_fields_arrive() -> None:
    district = DistrictFactory()
    post_alerts([draft("a", url="/batch/", district_id=district.pk, due_on=date(2024, 8, 1))])
    alert = ProcessAlert.objects.get()
    assert (alert.key, alert.name, alert.text, alert.url) == ("a", "Name", "Text.", "/batch/")
    assert (alert.process, alert.district, alert.due_on) == (
        "vertical_interoperability",
        district,
        date(2024, 8, 1),
    )


@pytest.mark.django_db(transaction=True)
def test_a_race_for_a_key_posts_one_alert_and_breaks_no_transaction() -> None:
    """The other transaction has posted and not committed yet: this one waits for it, and then goes on."""
    pat = UserFactory(district=None)
    outcome: list[int] = []

    def post_too() -> None:
        try:
            with transaction.atomic():
                mark = ProcessAlertFactory(key="what the transaction was about")
                outcome.append(post_alerts([draft("a", pat), draft("b", pat)]))
                outcome.append(mark.pk)
        finally:
            connection.close()

    other = threading.Thread(target=post_too)
    with transaction.atomic():
        assert post_alerts([draft("b", pat), draft("a", pat)]) == 2
        other.start()
        wait_until_somebody_waits()
    other.join(10)

    assert outcome[0] == 0
    assert ProcessAlert.objects.filter(pk=outcome[1]).exists()
    assert names(pat) == ["a", "b"]
    assert AlertRecipient.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_key_posts_it_when_the_other_gives_up() -> None:
    pat = UserFactory(district=None)
    outcome: list[int] = []

    def post_too() -> None:
        outcome.append(post_alerts([draft("a", pat)]))
        connection.close()

    other = threading.Thread(target=post_too)
    with transaction.atomic():
        post_alerts([draft("a", pat)])
        other.start()
        wait_until_somebody_waits()
        transaction.set_rollback(True)
    other.join(10)

    assert outcome == [1]
    assert names(pat) == ["a"]


def test_1200_alerts_to_3600_people_take_no_time(django_assert_max_num_queries: Callable) -> None:
    people = User.objects.bulk_create(User(username=f"u{n}", password="!") for n in range(3_600))
    times = []
    for attempt in "abc":  # the best of three: other processes use the machine too
        drafts = [draft(f"{attempt}{n}", *people[n * 3 : n * 3 + 3]) for n in range(1_200)]
        started = time.perf_counter()
        with django_assert_max_num_queries(4):
            assert post_alerts(drafts) == 1_200
        times.append(time.perf_counter() - started)
    assert AlertRecipient.objects.count() == 3 * 3_600
    assert min(times) < 0.5, times


def test_an_alert_is_read_and_unread_by_its_owner() -> None:
    mine, theirs = AlertRecipientFactory(), AlertRecipientFactory()
    ids = [mine.alert_id, theirs.alert_id]
    assert mark_read(alert_ids=ids, by=mine.user) == 1
    assert mark_read(alert_ids=ids, by=mine.user) == 0
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert (unread_label(mine.user), unread_label(theirs.user)) == ("", "1")
    assert mark_unread(alert_ids=ids, by=mine.user) == 1
    assert mark_unread(alert_ids=ids, by=mine.user) == 0
    assert unread_label(mine.user) == "1"


def test_reading_again_keeps_the_time_of_the_first() -> None:
    each = AlertRecipientFactory(read_at=timezone.now())
    mark_read(alert_ids=[each.alert_id], by=each.user)
    assert AlertRecipient.objects.get(pk=each.pk).read_at == each.read_at


def test_deleting_takes_an_alert_out_of_ones_own_inbox_only() -> None:
    district = DistrictFactory()
    mine = AlertRecipientFactory(user__district=district)
    theirs = AlertRecipientFactory(user__district=district, alert=mine.alert)
    deleted = delete_alerts(alert_ids=[mine.alert_id], by=mine.user)
    assert (deleted.alerts, deleted.still_due) == (1, 0)
    assert names(mine.user) == []
    assert names(theirs.user) == [mine.alert.key]
    assert unread_label(mine.user) == ""


def test_what_is_due_stays_until_it_is_settled() -> None:
    each = AlertRecipientFactory(alert__key="due:1", alert__due_on=date(2024, 8, 1))
    deleted = delete_alerts(alert_ids=[each.alert_id], by=each.user)
    assert (deleted.alerts, deleted.still_due) == (0, 1)

    assert settle_alerts(key="due:1")
    assert delete_alerts(alert_ids=[each.alert_id], by=each.user).alerts == 1


def test_settling_means_one_alert_and_happens_once() -> None:
    for key in ("due:1", "due:12"):
        ProcessAlertFactory(key=key, due_on=date(2024, 8, 1))
    ProcessAlertFactory(key="no date")
    assert settle_alerts(key="due:1")
    assert not settle_alerts(key="due:1")
    assert not settle_alerts(key="no date")
    assert list(ProcessAlert.objects.exclude(settled_at=None).values_list("key", flat=True)) == ["due:1"]


def test_the_database_keeps_what_is_due() -> None:
    each = AlertRecipientFactory(alert__due_on=date(2024, 8, 1))
    with pytest.raises(IntegrityError, match="is due"), transaction.atomic():
        AlertRecipient.objects.update(deleted_at=timezone.now())
    with pytest.raises(IntegrityError, match="is due"):
        AlertRecipientFactory(alert=each.alert, user__district=each.user.district, deleted_at=timezone.now())


def test_the_database_knows_each_key_once() -> None:
    ProcessAlertFactory(key="a")
    with pytest.raises(IntegrityError, match="key"):
        ProcessAlertFactory(key="a")


def test_the_database_gives_an_alert_to_a_person_once() -> None:
    each = AlertRecipientFactory()
    with pytest.raises(IntegrityError, match="alert_once_per_user"):
        AlertRecipient.objects.create(alert=each.alert, user=each.user)


def test_the_database_settles_only_what_was_due() -> None:
    with pytest.raises(IntegrityError, match="only_what_is_due_is_settled"):
        ProcessAlertFactory(settled_at=timezone.now())


def test_who_moves_to_another_district_leaves_its_alerts_behind() -> None:
    each = AlertRecipientFactory()
    user = each.user
    user.district = DistrictFactory()
    user.save()
    assert (names(user), unread_label(user)) == ([], "")


def test_who_leaves_the_state_for_a_district_leaves_its_alerts_behind() -> None:
    """They may name objects of state requests."""
    each = AlertRecipientFactory(user__district=None)
    user = each.user
    assert names(user) == [each.alert.key]
    user.district = DistrictFactory()
    user.save()
    assert names(user) == []


@pytest.mark.parametrize(("number", "label"), [(0, ""), (1, "1"), (99, "99"), (100, "99+"), (120, "99+")])
def test_the_count_of_unread_alerts_ends_at_99(number: int, label: str) -> None:
    user = UserFactory()
    AlertRecipientFactory.create_batch(number, user=user)
    assert unread_label(user) == label


def test_the_count_reads_the_index_of_unread_alerts() -> None:
    user = UserFactory(district=None)
    for is_read in [False] + [True] * 60:
        AlertRecipientFactory(user=user, read_at=timezone.now() if is_read else None)
    with connection.cursor() as cursor:
        # A table of a few pages is read whole, or by the wider index, whatever there is.
        cursor.execute("ANALYZE process_alerts_alertrecipient")
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = inbox_of(user).filter(read_at=None).explain()
    assert "unread_alerts_of_user" in plan
