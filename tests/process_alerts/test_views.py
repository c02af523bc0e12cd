"""The inbox as a person sees it: whose alerts, which of them, and what may be done to them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from districts.models import User
from process_alerts.choices import Process
from process_alerts.forms import first_day_of_school_year
from process_alerts.models import AlertRecipient, ProcessAlert
from tests.factories.alert import AlertRecipientFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, text_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def user(client: Client) -> User:
    user = UserFactory(district=DistrictFactory(number="02", name="Campus", time_zone="America/Chicago"))
    client.force_login(user)
    return user


def give(user: User, name: str = "Resync completed", **fields: object) -> AlertRecipient:
    posted_at = fields.pop("posted_at", None)
    each = AlertRecipientFactory(
        user=user, alert__name=name, **{f"alert__{key}": value for key, value in fields.items()}
    )
    if posted_at:
        ProcessAlert.objects.filter(pk=each.alert_id).update(posted_at=posted_at)
    return each


def listed(response: HttpResponse) -> list[str]:
    rows = re.findall(r'<a class="mail.*?</a>', response.content.decode(), re.DOTALL)
    return [text_of(row).removeprefix("Unread: ") for row in rows]


def test_the_inbox_shows_process_name_posted_and_due_date(client: Client, user: User) -> None:
    give(user, due_on=date(2024, 8, 15), posted_at=datetime(2024, 1, 10, 3, 0, tzinfo=UTC))
    text = page_text(client.get("/alerts/"))
    assert "Process Name Posted Date Due Date" in text
    # 3:00 UTC on the 10th is still the 9th in Chicago
    assert "Vertical Interoperability Unread: Resync completed 01/09/2024 08/15/2024" in text


def test_the_inbox_is_of_one_person(client: Client, user: User) -> None:
    give(user, "Mine")
    give(UserFactory(district=user.district), "Of a colleague")
    assert listed(client.get("/alerts/")) == ["Mine"]


def test_an_empty_inbox_says_when_there_will_be_something(client: Client, user: User) -> None:
    assert "There is no alert for you. You get one when the state asks" in page_text(client.get("/alerts/"))


def test_a_filter_without_a_match_offers_all_alerts(client: Client, user: User) -> None:
    give(user)
    assert "No alert matches the filter. Show all alerts" in page_text(client.get("/alerts/?find=zebra"))


def test_newest_first_and_what_is_due_on_top(client: Client, user: User) -> None:
    give(user, "Old")
    give(user, "Due later", due_on=date(2024, 9, 1))
    give(user, "Due soon", due_on=date(2024, 8, 1))
    give(user, "Done", due_on=date(2024, 7, 1), settled_at=timezone.now())
    give(user, "New")
    assert listed(client.get("/alerts/")) == ["Due soon", "Due later", "New", "Done", "Old"]


def test_what_is_done_says_so(client: Client, user: User) -> None:
    give(user, due_on=date(2024, 7, 1), settled_at=datetime(2024, 6, 20, 12, tzinfo=UTC))
    assert "Done 06/20/2024" in page_text(client.get("/alerts/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Attendance aggregated", "State Resync Requested", "Resync completed"]),
        ("process=attendance", ["Attendance aggregated"]),
        ("process=vertical_interoperability", ["State Resync Requested", "Resync completed"]),
        ("process=nonsense", ["Attendance aggregated", "State Resync Requested", "Resync completed"]),
        ("find=resync", ["State Resync Requested", "Resync completed"]),
        ("find=requested+state", ["State Resync Requested"]),
        ("show=unread", ["Attendance aggregated", "State Resync Requested"]),
        ("show=unread&process=attendance", ["Attendance aggregated"]),
        ("find=%25", []),
    ],
)
def test_filter_by_process_words_and_unread(client: Client, user: User, query: str, found: list[str]) -> None:
    read = give(user, "Resync completed")
    AlertRecipient.objects.filter(pk=read.pk).update(read_at=timezone.now())
    give(user, "State Resync Requested")
    give(user, "Attendance aggregated", process=Process.ATTENDANCE)
    assert listed(client.get(f"/alerts/?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["May", "April", "July", "June"]),
        ("dates=30days", ["May", "April"]),
        ("dates=school_year", ["May", "April", "July"]),
        ("dates=own&first=2024-04-15&last=2024-04-15", ["April"]),
        ("dates=own&first=2023-07-02", ["May", "April"]),
        ("dates=own&last=2023-07-01", ["July", "June"]),
        ("dates=own&first=2024-04-30&last=2023-07-01", ["April", "July"]),
        ("dates=own&first=9999-12-31&last=nonsense", ["May", "April", "July", "June"]),
        ("first=2024-04-15&last=2024-04-15", ["May", "April", "July", "June"]),
        ("dates=nonsense", ["May", "April", "July", "June"]),
    ],
)
def test_filter_by_dates_of_the_district(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch, query: str, found: list[str]
) -> None:
    monkeypatch.setattr("process_alerts.forms.timezone.localdate", lambda: date(2024, 5, 10))
    # In UTC these are a day later; in Chicago it is 23:30 of the day meant.
    for name, moment in {
        "June": datetime(2023, 7, 1, 4, 30, tzinfo=UTC),
        "July": datetime(2023, 7, 2, 4, 30, tzinfo=UTC),
        "April": datetime(2024, 4, 16, 4, 30, tzinfo=UTC),
        "May": datetime(2024, 5, 9, 4, 30, tzinfo=UTC),
    }.items():
        give(user, name, posted_at=moment)
    assert listed(client.get(f"/alerts/?{query}")) == found


def test_what_is_due_shows_whatever_the_dates(client: Client, user: User) -> None:
    give(user, "Due", due_on=date(2024, 8, 1), posted_at=datetime(2020, 1, 1, tzinfo=UTC))
    give(user, "Old", posted_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert listed(client.get("/alerts/?dates=30days")) == ["Due"]


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2024, 6, 30), date(2023, 7, 1)),
        (date(2024, 7, 1), date(2024, 7, 1)),
        (date(2024, 12, 31), date(2024, 7, 1)),
    ],
)
def test_a_school_year_begins_in_july(today: date, first: date) -> None:
    assert first_day_of_school_year(today) == first


def test_chips_count_by_the_filter(client: Client, user: User) -> None:
    give(user, "Resync one")
    give(user, "Resync two")
    give(user, "Other")
    AlertRecipient.objects.filter(alert__name="Resync two").update(read_at=timezone.now())
    assert "All 2 Unread 1" in page_text(client.get("/alerts/?find=resync"))


def test_pages_of_25(client: Client, user: User) -> None:
    AlertRecipientFactory.create_batch(27, user=user)
    assert len(listed(client.get("/alerts/"))) == 25
    second = client.get("/alerts/?page=2&show=unread")
    assert len(listed(second)) == 2
    assert "26 to 27 of 27" in page_text(second)
    assert len(listed(client.get("/alerts/?page=nonsense"))) == 25


def test_the_header_counts_unread_alerts_on_every_page(client: Client, user: User) -> None:
    give(user)
    give(user)
    assert "Process Alerts 2 unread" in page_text(client.get("/batch/"))


def test_opening_an_alert_shows_it_and_marks_it_read(client: Client, user: User) -> None:
    each = give(user, "State Resync Requested", text="The state asked.")
    response = client.get(f"/alerts/{each.alert_id}/")
    text = page_text(response)
    assert "The state asked." in text
    assert "Unread: State" not in text
    assert "Process Alerts 1 unread" not in text
    first_read = AlertRecipient.objects.get(pk=each.pk).read_at
    assert first_read is not None
    client.get(f"/alerts/{each.alert_id}/")
    assert AlertRecipient.objects.get(pk=each.pk).read_at == first_read


def test_a_click_swaps_the_alert_its_row_and_the_count(client: Client, user: User) -> None:
    each = give(user)
    answer = client.get(f"/alerts/{each.alert_id}/", headers=HTMX).content.decode()
    assert "<html" not in answer
    assert f'<article class="panel inbox__alert" id="alert" data-alert="{each.alert_id}"' in answer
    assert f'id="alert-row-{each.alert_id}" class="is-open" hx-swap-oob="true"' in answer
    assert '<span id="bar-unread" hx-swap-oob="true"></span>' in answer


def test_going_back_gets_a_whole_page(client: Client, user: User) -> None:
    each = give(user)
    answer = client.get(f"/alerts/{each.alert_id}/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in answer.content.decode()


def test_the_open_alert_leads_to_its_tool(client: Client, user: User) -> None:
    each = give(user, url="/batch/")
    assert "Open Resync State Data - Batch" in page_text(client.get(f"/alerts/{each.alert_id}/"))


def test_no_way_to_a_tool_without_the_right_on_it(client: Client) -> None:
    user = UserFactory(rights="")
    client.force_login(user)
    each = give(user, url="/batch/")
    response = client.get(f"/alerts/{each.alert_id}/")
    assert "Open Resync State Data" not in page_text(response)
    assert 'href="/batch/"' not in response.content.decode()


def test_another_persons_alert_answers_as_an_unknown_one(client: Client, user: User) -> None:
    theirs = give(UserFactory(district=user.district))
    answers = [client.get(f"/alerts/{alert_id}/") for alert_id in (theirs.alert_id, 9_999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    texts = [re.sub(r"\d+", "", page_text(answer)) for answer in answers]
    assert texts[0] == texts[1]
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_a_deleted_alert_is_gone(client: Client, user: User) -> None:
    each = give(user)
    client.post("/alerts/change/", {"do": "delete", "alerts": [each.alert_id]})
    assert client.get(f"/alerts/{each.alert_id}/").status_code == 404
    assert listed(client.get("/alerts/")) == []


@pytest.mark.parametrize(
    ("do", "sentence", "left", "unread"),
    [
        ("read", "2 alerts marked as read.", ["c", "b", "a"], "1 unread"),
        ("unread", "Nothing changed: the chosen alerts were unread before.", ["c", "b", "a"], "3 unread"),
        ("delete", "2 alerts deleted.", ["c"], "1 unread"),
        ("nonsense", "The form could not be read.", ["c", "b", "a"], "3 unread"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without a script", "by htmx"])
def test_changing_many_at_once(
    client: Client, user: User, do: str, sentence: str, left: list[str], unread: str, headers: dict[str, str]
) -> None:
    chosen = [give(user, name).alert_id for name in "ab"]
    give(user, "c")
    response = client.post("/alerts/change/", {"do": do, "alerts": chosen}, headers=headers, follow=True)
    assert sentence in page_text(response)
    assert unread in page_text(response)
    assert listed(response) == left


def test_changing_nothing_asks_for_a_choice(client: Client, user: User) -> None:
    give(user)
    response = client.post("/alerts/change/", {"do": "delete"}, follow=True)
    assert "No alert is chosen. Tick the alerts first." in page_text(response)


@pytest.mark.parametrize("named", ["x", "-1", "9" * 30, "²", ""])
def test_what_is_no_alert_changes_nothing(client: Client, user: User, named: str) -> None:
    give(user)
    response = client.post("/alerts/change/", {"do": "delete", "alerts": [named]}, follow=True)
    assert response.status_code == 200
    assert len(listed(response)) == 1


def test_nobody_changes_the_inbox_of_another(client: Client, user: User) -> None:
    theirs = give(UserFactory(district=user.district))
    for do in ("read", "delete"):
        client.post("/alerts/change/", {"do": do, "alerts": [theirs.alert_id]})
    theirs.refresh_from_db()
    assert (theirs.read_at, theirs.deleted_at) == (None, None)


def test_what_is_due_cannot_be_deleted_and_says_why(client: Client, user: User) -> None:
    due, other = give(user, "Due", due_on=date(2024, 8, 1)), give(user, "Other")
    response = client.post(
        "/alerts/change/", {"do": "delete", "alerts": [due.alert_id, other.alert_id]}, follow=True
    )
    assert "1 alert deleted. 1 alert is due and cannot be deleted before that is done." in page_text(response)
    assert listed(response) == ["Due"]
    opened = page_text(client.get(f"/alerts/{due.alert_id}/"))
    assert "This alert cannot be deleted: it stays until what it asks for is done" in opened


def test_a_change_comes_back_to_the_same_filter(client: Client, user: User) -> None:
    each = give(user)
    response = client.post("/alerts/change/?show=unread&page=2", {"do": "read", "alerts": [each.alert_id]})
    assert response.headers["Location"] == "/alerts/?show=unread&page=2"
    by_htmx = client.post(
        "/alerts/change/?show=unread", {"do": "read", "alerts": [each.alert_id]}, headers=HTMX
    )
    assert by_htmx.headers["HX-Replace-Url"] == "/alerts/?show=unread"


def test_queries_do_not_grow_with_the_inbox(
    client: Client, user: User, django_assert_max_num_queries
) -> None:
    AlertRecipientFactory.create_batch(25, user=user, alert__posted_at=timezone.now() - timedelta(days=1))
    with django_assert_max_num_queries(12):
        client.get("/alerts/")
