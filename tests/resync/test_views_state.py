"""Resync State Data - Batch at the state's level: what can be asked of whom, and what became of it."""

import re
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from dis_objects.catalogue import offered_in_batch
from dis_objects.models import DISObject
from districts.models import District, User, Zone
from resync import actions
from resync.choices import BatchStatus, ObjectStatus, Origin
from resync.models import Batch, ResyncRequest
from resync.requests import request_resync
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, text_of

pytestmark = pytest.mark.django_db

CHAIN = ["District", "School", "Calendar", "ScheduleStructure", "PersonIdentity", "Enrollment"]


@pytest.fixture
def admin() -> User:
    return UserFactory(username="state.admin", district=None)


@pytest.fixture
def districts() -> list[District]:
    names = {"01": "Abbott", "02": "Campus", "03": "Birch Lake"}
    return [DistrictFactory(number=number, name=name) for number, name in names.items()]


@pytest.fixture
def site(client: Client, admin: User, districts: list[District]) -> Client:
    client.force_login(admin)
    return client


def selection(**changes: object) -> dict[str, object]:
    return {
        "school_year": 2024,
        "objects": ["Enrollment"],
        "districts": ["01", "03"],
        "check_dependencies": "on",
    } | changes


def boxes(response: HttpResponse, name: str) -> dict[str, str]:
    """The boxes of this name, by their value: "ticked", "closed" or "empty"."""
    found = re.findall(
        rf'<input[^>]* name="{name}" value="([^"]*)" type="checkbox"([^>]*)>', response.content.decode()
    )
    words = {" checked": "ticked", " disabled": "closed", "": "empty"}
    return {value: words[rest] for value, rest in found}


def district_rows(response: HttpResponse) -> dict[str, str]:
    rows = re.findall(r'<tr[^>]* id="district-\d+".*?</tr>', response.content.decode(), re.DOTALL)
    texts = [text_of(row) for row in rows]
    return {text.split(")")[0] + ")": text.split(") ", 1)[1] for text in texts}


@pytest.fixture
def asked(districts: list[District], admin: User) -> ResyncRequest:
    return request_resync(
        districts=districts,
        school_year=districts[0].zone.school_year,
        objects=["Enrollment"],
        check_dependencies=True,
        by=admin,
    )


# ---- What can be asked of whom -----------------------------------------------------------------------------


def test_page_offers_objects_and_districts(site: Client) -> None:
    response = site.get("/batch/")

    assert set(boxes(response, "objects")) == {each.name for each in offered_in_batch("NV")}
    assert boxes(response, "districts") == {"01": "empty", "02": "empty", "03": "empty"}
    assert "Request Resync" in page_text(response)


def test_objects_are_those_of_all_states_with_a_note_where_not_all_are_offered_them(site: Client) -> None:
    DistrictFactory(number="90", state__code="KY")
    response = site.get("/batch/")
    assert set(boxes(response, "objects")) == {
        each.name for code in ("NV", "KY") for each in offered_in_batch(code)
    }
    assert "LepKY KY only" in page_text(response)
    assert "AttDayAggregation NV only" in page_text(response)


def test_a_district_that_cannot_sync_the_year_is_listed_with_the_reason(site: Client) -> None:
    DistrictFactory(number="04", name="Dunmore", zone=None)
    Zone.objects.filter(district__number="02").update(school_year=SchoolYearFactory(end_year=2025))
    response = site.get("/batch/")
    assert boxes(response, "districts") == {"01": "empty", "02": "closed", "03": "empty", "04": "closed"}
    assert "Campus (02) in 2024-2025" in page_text(response)
    assert "Dunmore (04) no zone yet" in page_text(response)


def test_the_year_that_most_zones_are_in_comes_first_and_another_can_be_shown(site: Client) -> None:
    ahead = SchoolYearFactory(end_year=2025)
    Zone.objects.filter(district__number="02").update(school_year=ahead, syncs_previous_year=True)
    DISObject.objects.filter(name="Calendar").update(syncs_previous_year=True)
    assert '<option value="2024" selected>' in site.get("/batch/").content.decode()

    response = site.get("/batch/", {"year": "2025"})
    assert boxes(response, "districts") == {"01": "closed", "02": "empty", "03": "closed"}


def test_another_year_keeps_what_was_ticked(site: Client) -> None:
    SchoolYearFactory(end_year=2023)
    Zone.objects.filter(district__number__in=["01", "02"]).update(syncs_previous_year=True)
    DISObject.objects.filter(name__in=["Calendar", "Enrollment"]).update(syncs_previous_year=True)

    response = site.post("/batch/request/", selection(school_year=2023))

    assert boxes(response, "objects") == {"Calendar": "empty", "Enrollment": "ticked"}
    assert boxes(response, "districts") == {"01": "ticked", "02": "empty", "03": "closed"}
    assert not ResyncRequest.objects.exists()


def test_no_zone_at_all_is_a_sentence(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert "No district has a zone yet" in page_text(client.get("/batch/"))


def test_a_chosen_district_leads_to_its_page(site: Client) -> None:
    session = site.session
    session["toolbar_district"] = "02"
    session.save()
    assert site.get("/batch/")["Location"] == "/batch/02/"


# ---- The question and the request --------------------------------------------------------------------------


def test_the_question_tells_objects_in_order_districts_and_that_it_is_mandatory(site: Client) -> None:
    text = page_text(site.post("/batch/request/confirm/", selection()))

    assert "Request 6 objects from 2 districts?" in text
    assert "Abbott (01), Birch Lake (03) send these objects" in text
    places = [text.index(f"{name} added") for name in CHAIN[:-1]]
    assert places == sorted(places)
    assert "a district can neither refuse nor stop it" in text
    assert "Attendance Aggregation Refresh" not in text
    assert not ResyncRequest.objects.exists()


def test_the_question_reminds_of_the_aggregation_of_attendance(site: Client) -> None:
    text = page_text(site.post("/batch/request/confirm/", selection(objects=["AttDayAggregation"])))
    assert "Attendance Aggregation Refresh should run first in each district." in text


def test_the_question_tells_how_many_districts_are_busy(site: Client, districts: list[District]) -> None:
    BatchFactory(district=districts[0], status="running")
    assert "1 of the districts has a resync under way" in page_text(
        site.post("/batch/request/confirm/", selection())
    )


def test_ok_makes_the_request_once_and_shows_it(site: Client) -> None:
    question = site.post("/batch/request/confirm/", selection(), headers={"HX-Request": "true"})
    page = question.content.decode()
    fields = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page)
        for name in ("school_year", "districts", "check_dependencies", "objects", "token")
    }
    assert fields["districts"] == ["01,03"]
    first, second = (site.post("/batch/request/send/", fields) for _ in range(2))

    request = ResyncRequest.objects.get()
    assert first["Location"] == second["Location"] == f"/batch/requests/{request.pk}/"
    assert [each.district.number for each in request.batches.order_by("pk")] == ["01", "03"]
    assert request.requested_by.username == "state.admin"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"objects": []}, "No object is chosen."),
        ({"districts": []}, "No district is chosen."),
        ({"districts": ["01", "nowhere"]}, "There is no district nowhere."),
        ({"objects": ["LepKY"]}, "LepKY cannot be resynced for districts 01, 03 in 2023-2024."),
        ({"school_year": 1999}, "No school year is chosen."),
        ({"school_year": "x"}, "The form could not be read."),
    ],
)
@pytest.mark.parametrize("address", ["/batch/request/confirm/", "/batch/request/send/"])
def test_a_refusal_keeps_the_choice(
    site: Client, changes: dict[str, object], sentence: str, address: str
) -> None:
    response = site.post(address, selection(**changes))

    assert response.status_code == 422
    assert sentence in page_text(response)
    kept = boxes(response, "objects")
    assert kept.get("Enrollment") == ("ticked" if "objects" not in changes else "empty")
    assert not Batch.objects.exists()


def test_a_refusal_in_the_dialog_goes_to_the_notice(site: Client) -> None:
    response = site.post("/batch/request/confirm/", selection(objects=[]), headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (200, "#notice")


def test_more_districts_than_a_form_may_have_fields_by_default(
    site: Client, districts: list[District]
) -> None:
    many = District.objects.bulk_create(
        District(state=districts[0].state, number=f"9{n:04}", name="Many") for n in range(1_200)
    )
    Zone.objects.bulk_create(Zone(district=each, school_year=districts[0].zone.school_year) for each in many)
    response = site.post(
        "/batch/request/confirm/", selection(districts=[each.number for each in many], objects=["School"])
    )
    assert "Request 2 objects from 1,200 districts?" in page_text(response)


# ---- Who may -----------------------------------------------------------------------------------------------

ADDRESSES = [
    ("get", "/batch/requests/{}/", "R"),
    ("get", "/batch/requests/{}/live/", "R"),
    ("get", "/batch/districts/", "R"),
    ("get", "/batch/requests/{}/cancel/", "W"),
    ("post", "/batch/requests/{}/cancel/", "W"),
    ("post", "/batch/requests/{}/retry/", "W"),
    ("post", "/batch/request/", "W"),
    ("post", "/batch/request/confirm/", "W"),
    ("post", "/batch/request/send/", "W"),
]


@pytest.mark.parametrize(("method", "address", "right"), ADDRESSES)
def test_who_may(client: Client, asked: ResyncRequest, method: str, address: str, right: str) -> None:
    people = {
        "state writer": UserFactory(district=None),
        "state reader": UserFactory(district=None, rights="R"),
        "state without": UserFactory(district=None, rights=""),
        "district writer": UserFactory(district=asked.batches.first().district),
    }
    answers = {}
    for name, user in people.items():
        client.force_login(user)
        answers[name] = getattr(client, method)(address.format(asked.pk), selection()).status_code
    assert answers["state writer"] < 400
    assert (answers["state reader"] < 400) == (right == "R")
    assert (answers["state without"], answers["district writer"]) == (403, 404)


def test_a_district_user_is_told_of_a_request_what_is_told_of_one_that_does_not_exist(
    client: Client, asked: ResyncRequest
) -> None:
    client.force_login(UserFactory(district=asked.batches.first().district))
    there, nowhere = (client.get(f"/batch/requests/{pk}/") for pk in (asked.pk, 999_999))
    assert there.status_code == nowhere.status_code == 404
    assert page_text(there) == page_text(nowhere)


def test_a_reader_sees_the_requests_and_no_form(client: Client, asked: ResyncRequest) -> None:
    client.force_login(UserFactory(district=None, rights="R"))
    response = client.get("/batch/")
    assert boxes(response, "districts") == {}
    assert "Request Resync" not in page_text(response)
    assert f"/batch/requests/{asked.pk}/" in response.content.decode()
    page = client.get(f"/batch/requests/{asked.pk}/").content.decode()
    assert "/cancel/" not in page
    assert "/retry/" not in page


# ---- The list of requests ----------------------------------------------------------------------------------


def end(batch: Batch, status: str = "completed", *, processed: int = 0, errors: int = 0) -> None:
    ended = {"started_at": batch.requested_at, "ended_at": batch.requested_at}
    batch.objects_in_order.update(status=ObjectStatus.COMPLETED, **ended)
    last = batch.objects_in_order.order_by("place").last()
    batch.objects_in_order.filter(pk=last.pk).update(
        status=status,
        reason="" if status == "completed" else "The table is missing.",
        processed=processed,
        errors=errors,
    )
    actions.finish_batch(batch_id=batch.pk)


def test_list_tells_who_asked_what_and_how_far_it_is(site: Client, asked: ResyncRequest) -> None:
    first, second, third = asked.batches.order_by("pk")
    end(first)
    assert "state.admin 2023-2024 Enrollment 1 of 3 Gray: In progress" in page_text(site.get("/batch/"))
    end(second, "failed")
    end(third)
    assert "3 of 3 1 district not completed" in page_text(site.get("/batch/"))
    site.post(f"/batch/requests/{asked.pk}/retry/")
    end(asked.batches.latest("pk"))
    assert "3 of 3 Green: Completed" in page_text(site.get("/batch/"))


def test_a_scheduled_request_says_so(site: Client, districts: list[District]) -> None:
    BatchFactory(district=districts[0], origin=Origin.SCHEDULE)
    assert "Schedule 2023-2024" in page_text(site.get("/batch/"))


# ---- A request ---------------------------------------------------------------------------------------------


def test_page_of_a_request_tells_each_district(site: Client, asked: ResyncRequest) -> None:
    first, second, third = asked.batches.order_by("pk")
    end(first, processed=1_000, errors=10)
    end(second, "failed")
    third.objects_in_order.filter(place=0).update(
        status="running", started_at=third.requested_at, total=200, processed=100, errors=3
    )
    response = site.get(f"/batch/requests/{asked.pk}/")

    rows = district_rows(response)
    assert rows["Abbott (01)"].startswith("6 of 6 objects of Abbott (01) 1,000 10 Ended")
    assert rows["Abbott (01)"].endswith("Yellow: 1.00% errors")
    assert "Enrollment: The table is missing." in rows["Campus (02)"]
    assert rows["Campus (02)"].endswith("Failed")
    assert rows["Birch Lake (03)"].startswith("0 of 6 objects of Birch Lake (03) 100 3 8%")
    assert rows["Birch Lake (03)"].endswith("Gray: In progress")
    text = page_text(response)
    assert "Districts 2 of 3 done" in text
    assert "Records 1,100" in text
    assert "1 chosen, 6 with their parents" in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["Abbott (01)", "Campus (02)", "Birch Lake (03)"]),
        ({"status": "failed"}, ["Campus (02)"]),
        ({"status": "open"}, ["Birch Lake (03)"]),
        ({"status": "green"}, ["Abbott (01)"]),
        ({"status": "red"}, []),
        ({"find": "birch"}, ["Birch Lake (03)"]),
        ({"find": "02"}, ["Campus (02)"]),
        ({"find": "b", "status": "green"}, ["Abbott (01)"]),
    ],
)
def test_filters(site: Client, asked: ResyncRequest, query: dict[str, str], shown: list[str]) -> None:
    first, second, _ = asked.batches.order_by("pk")
    end(first)
    end(second, "failed")
    response = site.get(f"/batch/requests/{asked.pk}/", query)
    assert list(district_rows(response)) == shown
    assert "All 3" in page_text(response)


def live_address(site: Client, asked: ResyncRequest) -> str:
    markup = site.get(f"/batch/requests/{asked.pk}/").content.decode()
    return markup.partition('id="poller" hidden hx-get="')[2].partition('"')[0]


def test_news_are_only_what_has_changed(site: Client, asked: ResyncRequest) -> None:
    address = live_address(site, asked)
    assert site.get(address).status_code == 204

    end(asked.batches.order_by("pk")[1])
    response = site.get(address)

    assert response.status_code == 200
    assert list(district_rows(response)) == ["Campus (02)"]
    assert "Campus (02) ended: 0 processed, 0 errors, 1 of 3 districts done." in page_text(response)
    following = response.content.decode().partition('hx-get="')[2].partition('"')[0]
    assert site.get(following).status_code == 204


def test_news_of_other_pages_change_the_figures_but_bring_no_rows(site: Client, asked: ResyncRequest) -> None:
    markup = site.get(f"/batch/requests/{asked.pk}/", {"find": "01"}).content.decode()
    address = markup.partition('id="poller" hidden hx-get="')[2].partition('"')[0]
    end(asked.batches.order_by("pk")[1])
    response = site.get(address)
    assert district_rows(response) == {}
    assert "1 of 3 done" in page_text(response)


def test_the_last_answer_stops_the_questions(site: Client, asked: ResyncRequest) -> None:
    address = live_address(site, asked)
    for batch in asked.batches.all():
        end(batch)
    response = site.get(address)
    assert response.status_code == 286
    assert "The request has ended: 0 processed, 0 errors." in page_text(response)
    assert live_address(site, asked) == ""


@pytest.mark.parametrize("seen", ["", "x", "....", "00000000.1-", "00000000.x-abcdef.9999999999-abcdef"])
def test_a_version_that_makes_no_sense_does_no_harm(site: Client, asked: ResyncRequest, seen: str) -> None:
    assert site.get(f"/batch/requests/{asked.pk}/live/", {"seen": seen}).status_code == 200


# ---- Retry and cancel --------------------------------------------------------------------------------------


def test_retry_sends_again_where_it_failed(site: Client, asked: ResyncRequest) -> None:
    first, second, third = asked.batches.order_by("pk")
    for batch in (first, third):
        end(batch)
    end(second, "failed")
    page = site.get(f"/batch/requests/{asked.pk}/")
    assert "Retry 1 district" in page_text(page)

    response = site.post(f"/batch/requests/{asked.pk}/retry/", follow=True)

    assert "1 district sent again what did not complete." in page_text(response)
    assert district_rows(response)["Campus (02)"].startswith("0 of 1 objects")
    again = site.post(f"/batch/requests/{asked.pk}/retry/", follow=True)
    assert "Nothing is left to retry" in page_text(again)


def test_cancel_asks_first_then_stops_every_district(site: Client, asked: ResyncRequest) -> None:
    end(asked.batches.order_by("pk").first())
    question = site.get(f"/batch/requests/{asked.pk}/cancel/")
    assert "Cancel the resync of 2 districts?" in page_text(question)
    assert set(asked.batches.values_list("status", flat=True)) == {"running", "completed"}

    response = site.post(f"/batch/requests/{asked.pk}/cancel/", follow=True)

    assert "The resync of 2 districts is cancelled." in page_text(response)
    assert district_rows(response)["Campus (02)"].endswith("Cancelled")
    assert "Cancelled by state.admin before it began" in district_rows(response)["Campus (02)"]
    assert "All districts had ended before" in page_text(
        site.post(f"/batch/requests/{asked.pk}/cancel/", follow=True)
    )


@pytest.fixture
def running(districts: list[District]) -> Batch:
    batch = BatchFactory(district=districts[0], status="running")
    BatchObjectFactory(batch=batch, object="District", status="running", total=300, processed=120)
    return batch


def test_a_district_cancels_its_own(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(username="abbott.admin", district=running.district))
    assert f"/batch/01/cancel/{running.pk}/" in client.get("/batch/").content.decode()
    assert "0 of 1 objects" in page_text(client.get(f"/batch/01/cancel/{running.pk}/"))

    response = client.post(f"/batch/01/cancel/{running.pk}/", follow=True)

    assert "The resync is cancelled." in page_text(response)
    running.refresh_from_db()
    assert (running.status, running.cancelled_by.username) == (BatchStatus.CANCELLED, "abbott.admin")
    assert (
        "Cancelled by abbott.admin after 120 of 300 records; what was pushed stays at the state."
        in page_text(client.get("/batch/"))
    )
    again = client.post(f"/batch/01/cancel/{running.pk}/", follow=True)
    assert "The resync had ended before; nothing was cancelled." in page_text(again)


def test_a_district_reader_neither_sees_nor_uses_the_button(client: Client, running: Batch) -> None:
    client.force_login(UserFactory(district=running.district, rights="R"))
    assert "/cancel/" not in client.get("/batch/").content.decode()
    assert client.post(f"/batch/01/cancel/{running.pk}/").status_code == 403
    running.refresh_from_db()
    assert running.status == BatchStatus.RUNNING


@pytest.mark.parametrize(("origin", "answer"), [(Origin.STATE, 404), (Origin.SCHEDULE, 403)])
def test_a_district_cannot_cancel_what_the_state_or_its_schedule_asked_for(
    client: Client, districts: list[District], origin: Origin, answer: int
) -> None:
    """Of the schedule it knows, so it may be told; of a request it must not learn anything."""
    batch = BatchFactory(district=districts[0], status="running", origin=origin)
    BatchObjectFactory(batch=batch, object="District", status="running")
    client.force_login(UserFactory(district=districts[0]))
    assert client.get(f"/batch/01/cancel/{batch.pk}/").status_code == answer
    assert client.post(f"/batch/01/cancel/{batch.pk}/").status_code == answer
    batch.refresh_from_db()
    assert batch.status == BatchStatus.RUNNING
    assert "/cancel/" not in client.get("/batch/").content.decode()


def test_the_state_cancels_a_districts_own(site: Client, running: Batch) -> None:
    response = site.post(f"/batch/01/cancel/{running.pk}/", follow=True)
    assert response.redirect_chain[-1][0] == "/batch/01/"
    running.refresh_from_db()
    assert running.status == BatchStatus.CANCELLED


# ---- Districts ---------------------------------------------------------------------------------------------


def test_districts_tell_how_their_last_resync_went(site: Client, districts: list[District]) -> None:
    batch = BatchFactory(district=districts[1])
    BatchObjectFactory(batch=batch, processed=1_000, errors=100)
    DistrictFactory(number="07", name="Dunmore", zone=None)
    response = site.get("/batch/districts/")
    text = page_text(response)
    assert "Campus 02 NV 2023-2024 01/09/2024 12:16:54 Red: 10.00% errors" in text
    assert "Abbott 01 NV 2023-2024 — Never resynced" in text
    # without a zone there is nothing to see
    assert "Dunmore 07 NV No zone yet" in text
    assert 'href="/batch/07/"' not in response.content.decode()


def test_districts_are_found_by_name_and_number(site: Client) -> None:
    for find, shown in {"camp": ["02"], "03": ["03"], "nothing": []}.items():
        markup = site.get("/batch/districts/", {"find": find}).content.decode()
        assert re.findall(r'href="/batch/(\d+)/"', markup) == shown


# ---- Speed -------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_districts(
    site: Client, asked: ResyncRequest, django_assert_max_num_queries: Callable
) -> None:
    for address in (
        "/batch/",
        "/batch/districts/",
        f"/batch/requests/{asked.pk}/",
        live_address(site, asked),
    ):
        with django_assert_max_num_queries(14):
            site.get(address)


@pytest.fixture
def thousands(site: Client, districts: list[District], admin: User) -> ResyncRequest:
    """1,200 districts, each with 88 objects of a request under way, which is the most there can be."""
    year = districts[0].zone.school_year
    many = District.objects.bulk_create(
        District(state=districts[0].state, number=f"9{n:04}", name=f"District {n}") for n in range(1_197)
    )
    Zone.objects.bulk_create(Zone(district=each, school_year=year) for each in many)
    asked = request_resync(
        districts=list(District.objects.all()),
        school_year=year,
        objects=[each.name for each in offered_in_batch("NV")],
        check_dependencies=True,
        by=admin,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return asked


@pytest.mark.slow
def test_pages_of_1200_districts(site: Client, thousands: ResyncRequest) -> None:
    """The best of five, in seconds; sizes in bytes."""
    news = live_address(site, thousands)
    limits = {
        "/batch/": (0.3, 400_000),
        "/batch/districts/": (0.3, 150_000),
        f"/batch/requests/{thousands.pk}/": (0.6, 200_000),
        news: (0.5, 10),
    }
    for address, (seconds, size) in limits.items():
        taken = [_seconds(site, address) for _ in range(5)]
        answer = site.get(address)
        print(
            f"{address[:40]}: {min(taken):.3f} s, {len(answer.content):,} bytes, status {answer.status_code}"
        )
        assert min(taken) < seconds
        assert len(answer.content) < size
    assert site.get(news).status_code == 204
    assert len(news) < 4_000  # what servers take as an address


def _seconds(site: Client, address: str) -> float:
    started = time.perf_counter()
    site.get(address)
    return time.perf_counter() - started
