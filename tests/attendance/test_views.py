from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from attendance import weekly
from attendance.models import AggregationRun, WeeklyResync
from attendance.page import version_of
from districts.choices import Tool
from districts.models import District, User, Zone
from tests.attendance.conftest import enter, rows, work
from tests.attendance.test_weekly import PLANNED, store
from tests.conftest import DistrictDatabase
from tests.factories.attendance import AggregationRunFactory
from tests.factories.district import DistrictFactory, StateFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db
BUSY = "Aggregation in progress"


def person(district: District | None, rights: str, tool: Tool = Tool.ATTENDANCE_REFRESH) -> User:
    user: User = UserFactory(district=district, rights="")
    user.groups.add(GroupFactory(name=f"{tool} {rights}", tool=tool, rights=rights))
    return user


@pytest.fixture
def admin(district: District, client: Client) -> User:
    user = person(district, "RW")
    client.force_login(user)
    return user


def path(name: str, district: District, *parts: Any) -> str:
    return reverse(f"attendance_refresh_{name}", args=[district.number, *parts])


# ---- Refresh -------------------------------------------------------------------------------------------------


def test_the_page_offers_the_calendars_of_the_year(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    text = page_text(client.get("/attendance/refresh/"))
    assert "Refresh the school year 2023-2024" in text
    assert "All calendars (2)" in text
    assert "23-24 Evening North" in text
    assert "22-23 North" not in text
    assert "Refresh first, then resync AttDayAggregation" in text


def test_a_refresh_from_choice_to_end(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    enter(school)
    enter(school, person=3, periods=(21,))
    asked = client.post(path("confirm", district), {"scope": "chosen", "calendars": ["1"]})
    assert "Refresh 1 calendar of 2023-2024?" in page_text(asked)
    assert not AggregationRun.objects.exists()
    form = {"scope": "chosen", "calendars": ["1"], "token": asked.context["token"]}
    for _ in range(2):
        client.post(path("start", district), form)
    run = AggregationRun.objects.get()
    assert (run.requested_by, run.calendars) == (admin, [1])
    page = client.get("/attendance/refresh/")
    assert "The refresh of 1 calendar is on its way." in page_text(page)
    assert "Aggregation queued" in page_text(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    work(run)
    text = page_text(client.get("/attendance/refresh/"))
    assert BUSY not in text
    assert f"1 calendar {admin.username} 1 1" in text
    assert [row[0] for row in rows(school)] == [1]


def test_all_calendars(district: District, school: DistrictDatabase, admin: User, client: Client) -> None:
    asked = client.post(path("confirm", district), {"scope": "all"})
    assert "Refresh 2 calendars of 2023-2024?" in page_text(asked)
    client.post(path("start", district), {"scope": "all", "token": asked.context["token"]})
    assert AggregationRun.objects.get().is_all


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"scope": "chosen"}, "No calendar is chosen"),
        ({"scope": "chosen", "calendars": ["x"]}, "No calendar is chosen"),
        ({"scope": "chosen", "calendars": ["99"]}, "No calendar is chosen"),
        ({}, "No calendar is chosen"),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(
    district: District, school: DistrictDatabase, admin: User, client: Client, form: Any, sentence: str
) -> None:
    for name in ("confirm", "start"):
        answer = client.post(path(name, district), form, follow=True)
        assert answer.status_code == 200
        assert any(word in page_text(answer) for word in (sentence, "The form could not be read"))
    assert not AggregationRun.objects.exists()


def test_one_at_a_time(district: District, school: DistrictDatabase, admin: User, client: Client) -> None:
    AggregationRunFactory(district=district, status="running", calendars_done=1)
    text = page_text(client.get("/attendance/refresh/"))
    assert BUSY in text
    assert "1 of 2 done" in text
    assert "All calendars" not in text
    for name in ("confirm", "start"):
        answer = client.post(path(name, district), {"scope": "all"}, follow=True)
        assert "at this moment" in page_text(answer)
    assert AggregationRun.objects.count() == 1


def test_live_answers_only_what_is_new(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    run = AggregationRunFactory(district=district, status="running")
    run.refresh_from_db()
    url = path("live", district, run.pk)
    assert client.get(url, {"seen": version_of(run)}).status_code == 204
    assert BUSY in page_text(client.get(url, {"seen": "before"}))
    AggregationRun.objects.update(status="completed", ended_at=run.started_at, changed_at=run.started_at)
    assert client.get(url, {"seen": version_of(run)})["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"aggregation_user": ""}, "is not prepared"),
        ({"database_host": "127.0.0.1", "database_port": 1}, "does not answer"),
        ({"database_name": ""}, "No database is entered"),
    ],
)
def test_what_hinders_a_refresh_is_told_with_what_to_do(
    district: District, school: DistrictDatabase, admin: User, client: Client, change: Any, sentence: str
) -> None:
    District.objects.update(**change)
    text = page_text(client.get("/attendance/refresh/"))
    assert sentence in text
    assert "All calendars" not in text
    assert sentence in page_text(client.post(path("confirm", district), {"scope": "all"}, follow=True))


def test_a_state_without_aggregated_attendance(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    District.objects.update(state=StateFactory(code="KY", name="Kentucky"))
    assert "Kentucky takes no aggregated attendance" in page_text(client.get("/attendance/refresh/"))


def test_who_may_only_read_sees_and_cannot_start(
    district: District, school: DistrictDatabase, client: Client
) -> None:
    client.force_login(person(district, "R"))
    page = client.get("/attendance/refresh/")
    assert "All calendars" not in page_text(page)
    for name in ("confirm", "start"):
        assert client.post(path(name, district), {"scope": "all"}).status_code == 403
    client.force_login(UserFactory(district=district, rights=""))
    assert client.get("/attendance/refresh/").status_code == 403


def test_a_run_of_another_district_is_not_there(district: District, admin: User, client: Client) -> None:
    foreign = AggregationRunFactory(district=DistrictFactory(number="77"))
    assert client.get(path("live", district, foreign.pk)).status_code == 404
    assert client.get(path("live", foreign.district, foreign.pk)).status_code == 404


def test_the_state_finds_a_district_and_refreshes_it(
    district: District, school: DistrictDatabase, client: Client
) -> None:
    asker = person(None, "RW")
    client.force_login(asker)
    DistrictFactory(number="88", name="Elsewhere")
    found = page_text(client.get("/attendance/refresh/", {"find": "att"}))
    assert "District ATT" in found
    assert "Prepared" in found
    assert "Elsewhere" not in found
    asked = client.post(path("confirm", district), {"scope": "all"})
    client.post(path("start", district), {"scope": "all", "token": asked.context["token"]})
    assert AggregationRun.objects.get().requested_by == asker


def test_a_district_does_not_learn_who_at_the_state_asked(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    asker = person(None, "RW")
    AggregationRunFactory(district=district, requested_by=asker)
    AggregationRunFactory(district=district, requested_by=asker, status="running")
    page = client.get("/attendance/refresh/")
    assert "The state" in page_text(page)
    assert asker.username not in page.content.decode()


def test_the_history_tells_nights_and_failures(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    AggregationRunFactory(district=district, night=date(2023, 9, 7), status="failed")
    text = page_text(client.get("/attendance/refresh/"))
    assert "Nightly, 09/07/2023 Schedule" in text
    assert "FailedThe database does not answer." in text


def test_the_history_has_pages(
    district: District, school: DistrictDatabase, admin: User, client: Client
) -> None:
    for days in range(25):
        AggregationRunFactory(district=district, night=date(2023, 9, 7) + timedelta(days=days))
    assert "1 to 20 of 25" in page_text(client.get("/attendance/refresh/"))
    assert "21 to 25 of 25" in page_text(client.get("/attendance/refresh/?page=2"))
    assert "1 to 20 of 25" in page_text(client.get("/attendance/refresh/?page=x"))


# ---- Schedule ------------------------------------------------------------------------------------------------

FORM = {
    "enabled": "on",
    "weekday": "6",
    "hour": "1",
    "spread": "4",
    "attendance_objects": ["AttDayAggregation"],
    "check_dependencies": "on",
}


@pytest.fixture
def keeper(client: Client, db: None) -> User:
    user = person(None, "RW", Tool.ATTENDANCE_SCHEDULE)
    client.force_login(user)
    return user


def test_the_schedule_is_stored_and_beat_told(keeper: User, client: Client) -> None:
    page = client.get("/attendance/schedule/")
    assert "Resync attendance every week" in page_text(page)
    assert page.context["form"]["enabled"].value() is False
    answer = client.post("/attendance/schedule/", FORM, follow=True)
    assert "The weekly resync of attendance is stored." in page_text(answer)
    stored = WeeklyResync.objects.get()
    assert (stored.enabled, stored.weekday, stored.hour, stored.spread) == (True, 6, 1, 4)
    assert (stored.objects_chosen, stored.changed_by) == (["AttDayAggregation"], keeper)
    assert PeriodicTask.objects.get().enabled


@pytest.mark.parametrize(
    "wrong",
    [
        {"attendance_objects": []},
        {"attendance_objects": ["Enrollment"]},
        {"hour": "24"},
        {"weekday": "9"},
        {"spread": "x"},
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again(keeper: User, client: Client, wrong: Any) -> None:
    answer = client.post("/attendance/schedule/", FORM | wrong)
    assert answer.status_code == 422
    assert "usa-error-message" in answer.content.decode() or "No object is chosen" in page_text(answer)
    assert not WeeklyResync.objects.exists()


def test_the_schedule_is_the_states(client: Client) -> None:
    client.force_login(person(None, "R", Tool.ATTENDANCE_SCHEDULE))
    page = client.get("/attendance/schedule/")
    assert "Changing it takes the right Write" in page_text(page)
    assert client.post("/attendance/schedule/", FORM).status_code == 403
    client.force_login(person(DistrictFactory(), "RW", Tool.ATTENDANCE_SCHEDULE))
    assert client.get("/attendance/schedule/").status_code == 403
    assert client.post("/attendance/schedule/", FORM).status_code == 403
    assert not WeeklyResync.objects.exists()


def test_the_page_tells_who_takes_part_and_what_became_of_each_week(keeper: User, client: Client) -> None:
    store(keeper)
    for number, code in (("01", "NV"), ("02", "NV"), ("03", "KY")):
        found = DistrictFactory(number=number, name=f"D{number}", state=StateFactory(code=code))
        Zone.objects.filter(district=found).update(resyncs_attendance_weekly=True)
    weekly.plan_weekly_resync(PLANNED)
    weekly.send_due_resyncs(PLANNED + timedelta(hours=23))
    text = page_text(client.get("/attendance/schedule/"))
    assert "Districts that take part 3" in text
    assert "D03 (03) Not sent: " in text
    assert "01/10/2026 2023-2024 3 2 1 0 0 Schedule" in text
