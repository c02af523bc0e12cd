"""Verification Summary: the districts, the objects of one, Re-Verify, and what is live."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from districts.choices import Tool
from districts.models import District, User, Zone
from tests.factories.batch import STARTED_AT
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.factories.verification import (
    RemovalFactory,
    VerificationResultFactory,
    VerificationRunFactory,
)
from tests.pages import page_text, row_markup, rows_of
from verification.actions import change_settings
from verification.models import VerificationResult, VerificationRun

pytestmark = pytest.mark.django_db


def person(district: District | None, *given: tuple[Tool, str]) -> User:
    user: User = UserFactory(district=district, rights="")
    for tool, rights in given:
        user.groups.add(GroupFactory(name=f"{tool} {rights}", tool=tool, rights=rights))
    return user


def verified(district: District, name: str = "Enrollment", **counts: object) -> VerificationResult:
    """A result of a verification of the district's own."""
    return VerificationResultFactory(run__district=district, object=name, **counts)


@pytest.fixture
def campus() -> District:
    return DistrictFactory(number="02", name="Campus")


@pytest.fixture
def admin(campus: District, client: Client) -> User:
    user = UserFactory(username="campus.admin", district=campus, rights="", everywhere="RWAD")
    client.force_login(user)
    return user


@pytest.fixture
def state(campus: District, client: Client) -> User:
    user = UserFactory(username="state.admin", district=None, rights="", everywhere="RWAD")
    client.force_login(user)
    return user


def district_rows(client: Client, address: str = "/verification/") -> list[str]:
    """The numbers of the districts in the order of the table."""
    return re.findall(r'<tr role="row" id="district-([\w-]+)"', client.get(address).content.decode())


# ---- The summary of a district -------------------------------------------------------------------------------


def test_a_district_sees_its_objects_with_the_figures_of_the_seed(
    client: Client, campus: District, admin: User
) -> None:
    verified(campus, at_district=3_852, not_at_state=16, not_at_district=5, differences=2)
    row = rows_of(client.get("/verification/"))["Enrollment"]
    # Accuracy, timestamp, distinct, at district, at state, not at state, not at district, differences, total errors
    assert "Yellow: 99.40% 01/09/2024 06:16:57 3,857 3,852 3,841 16 of Enrollment 5 of Enrollment 2" in row
    assert re.search(r"2 of Enrollment 23 ", row)


def test_objects_are_pooled_and_not_averaged(client: Client, campus: District, admin: User) -> None:
    verified(campus, "Enrollment", at_district=100, not_at_state=50)
    verified(campus, "PersonIdentity", at_district=9_900)
    text = page_text(client.get("/verification/"))
    assert "All objects Yellow: 99.50% 10,000 10,000 9,950 50 0 0 50" in text


def test_an_object_that_was_never_verified_says_so(client: Client, admin: User) -> None:
    page = client.get("/verification/")
    assert "Never verified" in rows_of(page)["Graduation"]
    assert "All objects" not in page_text(page)


def test_a_district_has_no_table_of_districts(client: Client, campus: District, admin: User) -> None:
    DistrictFactory(number="77", name="Elsewhere")
    page = client.get("/verification/")
    assert "DIS Verification Results" not in page_text(page)
    assert "Elsewhere" not in page_text(page)
    assert "Verification Results for 02 Campus" in page_text(page)


@pytest.mark.parametrize(
    "path", ["/verification/77/", "/verification/77/live/", "/verification/77/Enrollment/"]
)
def test_another_district_is_one_that_does_not_exist(client: Client, admin: User, path: str) -> None:
    verified(DistrictFactory(number="77"))
    assert client.get(path).status_code == client.get(path.replace("77", "nowhere")).status_code == 404


def test_the_trend_is_drawn_on_one_scale_with_a_sentence(
    client: Client, campus: District, admin: User
) -> None:
    for errors in (20, 5):
        VerificationResult.objects.update(is_latest=False)
        verified(campus, at_district=100, not_at_state=errors)
    markup = row_markup(client.get("/verification/"), "Enrollment")
    assert 'aria-label="Enrollment, accuracy over the last 2 verifications: from 80.00% to 95.00%"' in markup
    # 80 percent is clamped to the lower edge, 95 stands in the middle.
    assert 'points="3.0,22.0 93.0,12.0"' in markup
    assert "style=" not in markup


@pytest.mark.parametrize(
    ("viewer", "counts", "is_told"),
    [
        ("district", {"while_pushed": True}, False),
        ("district", {"while_pushed": True, "while_pushed_for_district": True}, True),
        ("state", {"while_pushed": True}, True),
    ],
)
def test_a_district_learns_of_pushes_meanwhile_only_what_it_may_know(
    client: Client, campus: District, viewer: str, counts: dict[str, bool], is_told: bool
) -> None:
    verified(campus, **counts)
    client.force_login(
        UserFactory(district=campus if viewer == "district" else None, rights="", everywhere="R")
    )
    row = rows_of(client.get("/verification/02/"))["Enrollment"]
    assert ("being pushed" in row) == is_told


def test_the_reason_of_a_failed_verification_is_told_beside_the_older_figures(
    client: Client, campus: District, admin: User
) -> None:
    verified(campus)
    verified(campus, status="failed", reason="The table enrollment is missing.")
    row = rows_of(client.get("/verification/"))["Enrollment"]
    assert "The latest verification failed. The table enrollment is missing." in row
    assert "100.00%" in row


def test_what_was_removed_since_is_told(client: Client, campus: District, admin: User) -> None:
    RemovalFactory(result=verified(campus, not_at_district=3), keys=[1, 2, 3])
    assert "3 records removed from the state since." in rows_of(client.get("/verification/"))["Enrollment"]


# ---- The districts, for the state ----------------------------------------------------------------------------


def test_the_state_sees_every_district_and_the_chosen_one_below(
    client: Client, campus: District, state: User
) -> None:
    DistrictFactory(number="77", name="Elsewhere")
    verified(campus, not_at_state=1)
    page = client.get("/verification/02/")
    text = page_text(page)
    assert "2023-2024 DIS Verification Results" in text
    assert re.search(r"Choose 02 Campus shown below 01/09/2024 06:16:57 11 1 Red: 90.91%", text)
    assert re.search(r"Choose 77 Elsewhere — — — Never verified", text)
    assert "Verification Results for 02 Campus" in text
    assert 'id="district-02" class="is-open"' in page.content.decode()
    assert "Choose a district above" in page_text(client.get("/verification/"))


def test_the_district_of_the_header_is_the_one_below(client: Client, campus: District, state: User) -> None:
    client.post("/districts/choose/", {"number": "02", "next": "/verification/"})
    assert "Verification Results for 02 Campus" in page_text(client.get("/verification/"))


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ["01", "02", "03"]),
        ("?sort=-number", ["03", "02", "01"]),
        ("?sort=name", ["02", "03", "01"]),
        ("?sort=errors", ["01", "03", "02"]),
        ("?sort=-accuracy", ["03", "02", "01"]),
        ("?find=a+0", ["01", "02"]),
        ("?find=zebra", []),
    ],
)
def test_districts_are_sorted_and_filtered(client: Client, query: str, order: list[str]) -> None:
    for number, name in (("01", "Cedar"), ("02", "Abbott"), ("03", "Birch")):
        DistrictFactory(number=number, name=name)
    verified(District.objects.get(number="02"), not_at_state=5)
    verified(District.objects.get(number="03"), not_at_state=1)
    client.force_login(UserFactory(district=None, rights="", everywhere="R"))
    assert district_rows(client, f"/verification/{query}") == order


def test_the_page_of_the_table_is_the_one_that_shows_the_chosen_district(client: Client, state: User) -> None:
    for number in range(100, 160):
        DistrictFactory(number=str(number))
    assert "159" not in district_rows(client)
    assert "159" in district_rows(client, "/verification/159/")
    assert len(district_rows(client)) == 50


def test_another_year_is_looked_at_by_its_name_in_the_address(
    client: Client, campus: District, state: User
) -> None:
    earlier = SchoolYearFactory(end_year=2023)
    Zone.objects.filter(district=campus).update(syncs_previous_year=True)
    VerificationResultFactory(run__district=campus, run__school_year=earlier, not_at_state=1)
    assert "Never verified" in rows_of(client.get("/verification/02/"))["Enrollment"]
    page = client.get("/verification/02/?year=2023")
    assert "2022-2023 DIS Verification Results" in page_text(page)
    assert "90.91%" in rows_of(page)["Enrollment"]


def test_one_district_and_fifty_cost_the_same_queries(client: Client, campus: District, state: User) -> None:
    verified(campus)
    with CaptureQueriesContext(connection) as one:
        client.get("/verification/")
    for number in range(100, 149):
        verified(DistrictFactory(number=str(number)))
    with CaptureQueriesContext(connection) as fifty:
        client.get("/verification/")
    assert len(one) == len(fifty) <= 12


def test_two_objects_and_all_cost_the_same_queries(client: Client, campus: District, admin: User) -> None:
    names = list(rows_of(client.get("/verification/")))
    for name in names[:2]:
        verified(campus, name)
    with CaptureQueriesContext(connection) as two:
        client.get("/verification/")
    for name in names[2:]:
        verified(campus, name)
    with CaptureQueriesContext(connection) as everything:
        client.get("/verification/")
    assert len(two) == len(everything) <= 18


# ---- Re-Verify -----------------------------------------------------------------------------------------------


def test_the_question_offers_the_default_objects_ticked_and_the_others_not(
    client: Client, campus: District, admin: User
) -> None:
    page = client.get("/verification/02/verify/")
    ticked = re.findall(r'name="objects" value="(\w+)" id="[\w-]+" checked', page.content.decode())
    assert set(ticked) == {
        *("Behavior", "Employment", "EmploymentAssignment", "Enrollment", "Graduation", "PersonIdentity"),
        *("LEP", "TestScore"),
    }
    assert "8 comparisons: 8 objects of 1 district" in page_text(page)
    assert 'value="Calendar" id="object-Calendar">' in page.content.decode()


def test_one_object_is_verified_by_its_row(client: Client, campus: District, admin: User) -> None:
    verified(campus)
    link = re.search(
        r'href="([^"]*/verify/[^"]*objects=Enrollment)"',
        row_markup(client.get("/verification/"), "Enrollment"),
    )
    assert link
    assert "1 comparison: 1 object of 1 district" in page_text(client.get(link[1].replace("&amp;", "&")))


def test_two_clicks_make_one_verification(client: Client, campus: District, admin: User) -> None:
    page = client.get("/verification/02/verify/")
    form = {"objects": ["Enrollment", "Calendar"], "school_year": "2024", "token": str(page.context["token"])}
    for _ in range(2):
        answer = client.post("/verification/02/verify/start/", form, follow=True)
    run = VerificationRun.objects.get()
    assert set(run.results.values_list("object", flat=True)) == {"Enrollment", "Calendar"}
    assert run.requested_by == admin
    assert "The verification of 2 objects is on its way." in page_text(answer)
    assert "0 of 2 objects compared" in page_text(answer)


@pytest.mark.parametrize("rights", ["R", "RW", "RWD"])
def test_verifying_takes_the_right_add(client: Client, campus: District, rights: str) -> None:
    client.force_login(person(campus, (Tool.VERIFICATION, rights)))
    assert "Re-Verify" not in page_text(client.get("/verification/"))
    assert client.get("/verification/02/verify/").status_code == 403
    assert client.post("/verification/02/verify/start/", {"objects": "School"}).status_code == 403
    assert not VerificationRun.objects.exists()


@pytest.mark.parametrize(
    ("setting", "viewer"), [("districts_may_verify", "district"), ("state_may_verify", "state")]
)
def test_what_the_settings_forbid_is_disabled_with_the_reason(
    client: Client, campus: District, setting: str, viewer: str
) -> None:
    verified(campus)
    boss = UserFactory(district=None, rights="", everywhere="RWAD")
    change_settings(by=boss, **{setting: False})
    client.force_login(
        boss if viewer == "state" else UserFactory(district=campus, rights="", everywhere="RWAD")
    )
    page = client.get("/verification/02/")
    assert "turned off" in page_text(page)
    assert re.search(r"<button[^>]* disabled[^>]*>Re-Verify<", page.content.decode())
    assert "verify/?" not in page.content.decode()
    form = {"objects": ["Enrollment"], "school_year": "2024"}
    assert "turned off" in page_text(client.post("/verification/02/verify/start/", form, follow=True))
    assert VerificationRun.objects.count() == 1


def test_what_one_side_may_not_the_other_may(client: Client, campus: District) -> None:
    boss = UserFactory(district=None, rights="", everywhere="RWAD")
    change_settings(by=boss, districts_may_verify=False)
    client.force_login(boss)
    client.post("/verification/02/verify/start/", {"objects": ["Enrollment"], "school_year": "2024"})
    assert VerificationRun.objects.get().origin == "state"


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [({"districts": ["02", "77"]}, ["02", "77"]), ({"every": "on"}, ["02", "77", "78"]), ({}, [])],
)
def test_the_state_verifies_chosen_districts_or_all(
    client: Client, campus: District, state: User, chosen: dict[str, object], numbers: list[str]
) -> None:
    for number in ("77", "78"):
        DistrictFactory(number=number)
    asked = client.post("/verification/verify/", chosen | {"school_year": "2024"}, follow=True)
    if not numbers:
        assert "No district is chosen." in page_text(asked)
        return
    comparisons = len(numbers) * 8
    assert f"{comparisons} comparisons: 8 objects of {len(numbers)} districts" in page_text(asked)
    form = {"districts": ",".join(numbers), "objects": ["Enrollment"], "school_year": "2024"}
    assert client.post("/verification/verify/start/", form)["Location"] == "/verification/"
    assert (
        list(VerificationRun.objects.order_by("district__number").values_list("district__number", flat=True))
        == numbers
    )


def test_districts_of_another_year_are_left_out_of_the_question(
    client: Client, campus: District, state: User
) -> None:
    Zone.objects.filter(district=DistrictFactory(number="77")).update(
        school_year=SchoolYearFactory(end_year=2025)
    )
    asked = page_text(client.post("/verification/verify/", {"every": "on", "school_year": "2024"}))
    assert "1 of the chosen districts does not sync this school year and is left out." in asked
    assert "8 comparisons" in asked


def test_a_district_cannot_verify_many(client: Client, admin: User) -> None:
    for path in ("/verification/verify/", "/verification/verify/start/"):
        assert client.post(path, {"every": "on", "objects": "Enrollment"}).status_code == 404
    assert not VerificationRun.objects.exists()


# ---- Live ----------------------------------------------------------------------------------------------------


def running(district: District, *names: str) -> VerificationRun:
    run = VerificationRunFactory(district=district, status="running")
    for place, name in enumerate(names):
        VerificationResultFactory(
            run=run, object=name, place=place, status="queued" if place else "running", total=40
        )
    return run


def live_address(page: object) -> str:
    found = re.search(r'id="poller" hidden hx-get="([^"]+)"', page.content.decode())  # type: ignore[attr-defined]
    return found[1].replace("&amp;", "&") if found else ""


def test_a_page_without_an_open_verification_asks_for_nothing(
    client: Client, campus: District, admin: User
) -> None:
    verified(campus)
    assert live_address(client.get("/verification/")) == ""


def test_the_page_follows_a_verification_row_by_row(client: Client, campus: District, admin: User) -> None:
    run = running(campus, "PersonIdentity", "Enrollment")
    page = client.get("/verification/")
    assert "25% compared" in rows_of(page)["PersonIdentity"]
    assert "Queued" in rows_of(page)["Enrollment"]
    address = live_address(page)
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 204

    run.results.filter(object="PersonIdentity").update(at_district=20, at_state=20)
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert list(rows_of(answer)) == ["PersonIdentity"]
    assert "50% compared" in rows_of(answer)["PersonIdentity"]
    assert 'hx-swap-oob="true"' in row_markup(answer, "PersonIdentity")
    assert client.get(live_address(answer)).status_code == 204


def test_the_page_stops_asking_when_it_has_ended(client: Client, campus: District, admin: User) -> None:
    run = running(campus, "PersonIdentity")
    address = live_address(client.get("/verification/"))
    over = STARTED_AT + timedelta(minutes=1)
    run.results.update(status="completed", ended_at=over, is_latest=True)
    VerificationRun.objects.update(status="completed", ended_at=over)
    answer = client.get(address)
    assert answer.status_code == 286
    assert "Verified PersonIdentity: 100.00%." in page_text(answer)
    assert "All objects Green: 100.00%" in page_text(answer)
    assert live_address(answer) == ""


def test_an_object_that_the_page_has_no_row_for_brings_the_whole_page(
    client: Client, campus: District, admin: User
) -> None:
    run = running(campus, "PersonIdentity")
    address = live_address(client.get("/verification/"))
    VerificationResultFactory(run=run, object="Calendar", place=9, status="queued")
    assert client.get(address)["HX-Refresh"] == "true"


def test_the_table_of_districts_is_live_and_keeps_its_rows(
    client: Client, campus: District, state: User
) -> None:
    verified(DistrictFactory(number="77"))
    running(campus, "PersonIdentity")
    page = client.get("/verification/?sort=-number")
    address = live_address(page)
    assert "sort=-number" in address
    assert client.get(address).status_code == 204
    over = STARTED_AT + timedelta(minutes=1)
    VerificationResult.objects.filter(district=campus).update(
        status="completed", ended_at=over, is_latest=True
    )
    VerificationRun.objects.filter(district=campus).update(status="completed", ended_at=over)
    answer = client.get(address)
    assert answer.status_code == 286
    assert re.findall(r'id="district-([\w-]+)"', answer.content.decode()) == ["02"]


def test_who_asked_at_the_state_is_the_state_to_a_district(
    client: Client, campus: District, admin: User
) -> None:
    boss = UserFactory(username="jane.of.the.state", district=None)
    run = running(campus, "PersonIdentity")
    VerificationRun.objects.filter(pk=run.pk).update(origin="state", requested_by=boss)
    text = page_text(client.get("/verification/"))
    assert "Requested by The state" in text
    assert "jane" not in text


def test_an_unchanged_answer_is_cheap(client: Client, campus: District, admin: User) -> None:
    running(campus, "PersonIdentity", "Enrollment", "Behavior")
    address = live_address(client.get("/verification/"))
    with CaptureQueriesContext(connection) as unchanged:
        assert client.get(address).status_code == 204
    assert len(unchanged) <= 10
