"""The side menu, Related Tools and Tool Search offer what a person may open, and nothing else."""

import pytest
from django.test import Client

from districts import navigation
from districts.choices import Right, Tool
from districts.models import User
from districts.navigation import Area, Entry, found_tools, menu_for, related_tools, same_page_for
from tests.factories.district import DistrictFactory
from tests.factories.user import GroupFactory, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db

# The routes are real ones; which page they show does not matter here.
AREAS = (
    Area(
        "Data Interchange Administration",
        [
            Entry(
                Tool.BATCH.label, "batch", Tool.BATCH, of_district="batch_of_district", pages=("batch_live",)
            ),
            Entry("Synchronization Field Settings", "sign_in", Tool.FIELD_SETTINGS),
            Entry("School Year Settings", "tool_search", Tool.BATCH, Right.WRITE, of_state=True),
        ],
    ),
    Area("Inbox", [Entry("Process Alerts", "alerts")]),
)


@pytest.fixture(autouse=True)
def areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "AREAS", AREAS)


def labels(user: User, path: str = "/") -> dict[str, list[str]]:
    return {area.name: [item.label for item in area.items] for area in menu_for(user, path)}


def everywhere() -> User:
    return UserFactory(district=None, rights="", everywhere="RWAD")


def test_the_menu_offers_only_tools_that_the_user_has_the_right_on() -> None:
    assert labels(UserFactory(rights="R")) == {
        "Data Interchange Administration": ["Resync State Data - Batch"],
        "Inbox": ["Process Alerts"],
    }


def test_an_area_without_a_tool_is_not_shown() -> None:
    assert labels(UserFactory(rights="")) == {"Inbox": ["Process Alerts"]}


def test_tools_of_the_state_are_for_its_users() -> None:
    assert "School Year Settings" in labels(everywhere())["Data Interchange Administration"]
    assert "School Year Settings" not in labels(UserFactory())["Data Interchange Administration"]


def test_an_entry_may_ask_for_another_right_than_reading() -> None:
    reader = UserFactory(district=None, rights="R")
    assert "School Year Settings" not in labels(reader)["Data Interchange Administration"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/batch/", "Resync State Data - Batch"),
        ("/batch/02/", "Resync State Data - Batch"),
        ("/batch/02/live/5/", "Resync State Data - Batch"),
        ("/alerts/17/", "Process Alerts"),
        ("/no-such-page/", None),
    ],
)
def test_the_menu_knows_the_tool_of_a_page(path: str, current: str | None) -> None:
    items = [item for area in menu_for(everywhere(), path) for item in area.items]
    assert [item.label for item in items if item.is_current] == ([current] if current else [])


def test_a_page_that_an_entry_names_is_its_own_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    area = Area("A", [Entry("Batches", "batch"), Entry("History", "tool_search", pages=("batch_live",))])
    monkeypatch.setattr(navigation, "AREAS", (area,))
    (shown,) = menu_for(everywhere(), "/batch/02/live/5/")
    assert [item.label for item in shown.items if item.is_current] == ["History"]


def test_related_tools_are_the_others_of_the_area() -> None:
    related = related_tools(menu_for(everywhere(), "/batch/"))
    assert [item.label for item in related] == ["Synchronization Field Settings", "School Year Settings"]


def test_a_tool_that_is_alone_in_its_area_is_related_to_the_data_interchange() -> None:
    related = related_tools(menu_for(everywhere(), "/alerts/"))
    assert [item.label for item in related][0] == "Resync State Data - Batch"
    assert len(related) == 3


def test_a_page_outside_of_the_menu_has_no_related_tools() -> None:
    assert related_tools(menu_for(everywhere(), "/no-such-page/")) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("batch", ["Resync State Data - Batch"]),
        ("BATCH resync", ["Resync State Data - Batch"]),
        ("res bat", ["Resync State Data - Batch"]),
        ("s", ["Resync State Data - Batch", "Synchronization Field Settings", "School Year Settings"]),
        ("settings", ["Synchronization Field Settings", "School Year Settings"]),
        ("settings, field", ["Synchronization Field Settings"]),
        ("atch", []),
        ("batch alerts", []),
        ("-", []),
        ("", []),
    ],
)
def test_tool_search_finds_by_any_words_in_any_order(words: str, found: list[str]) -> None:
    assert [entry.label for entry in found_tools(everywhere(), words)] == found


def test_tool_search_does_not_find_what_the_user_may_not_open() -> None:
    assert found_tools(UserFactory(rights=""), "batch") == []


def test_the_whole_name_means_that_tool_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    area = Area("A", [Entry("Agent Log", "batch"), Entry("Agent Log Settings", "alerts")])
    monkeypatch.setattr(navigation, "AREAS", (area,))
    assert [entry.label for entry in found_tools(everywhere(), "agent log")] == ["Agent Log"]


def test_tool_search_opens_the_only_match(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/tools/?q=proc+al").headers["Location"] == "/alerts/"


def test_tool_search_lists_several(client: Client) -> None:
    client.force_login(everywhere())
    response = client.get("/tools/?q=settings")
    assert response.status_code == 200
    assert "Synchronization Field Settings School Year Settings" in page_text(response)


@pytest.mark.parametrize(
    ("words", "sentence"), [("zebra", "No tool of yours has “zebra”"), ("", "Type a word of a tool's name")]
)
def test_tool_search_says_what_to_do_without_a_match(client: Client, words: str, sentence: str) -> None:
    client.force_login(UserFactory())
    assert sentence in page_text(client.get("/tools/", {"q": words}))


def test_tool_search_opens_the_tool_for_the_chosen_district(client: Client) -> None:
    DistrictFactory(number="02")
    client.force_login(everywhere())
    client.post("/districts/choose/", {"number": "02", "next": "/"})
    assert client.get("/tools/?q=batch").headers["Location"] == "/batch/02/"


@pytest.mark.parametrize(
    ("path", "for_02", "for_all"),
    [
        ("/batch/", "/batch/02/", "/batch/"),
        ("/batch/01/", "/batch/02/", "/batch/"),
        ("/batch/01/live/5/", "/batch/02/", "/batch/"),
        ("/alerts/", "/alerts/", "/alerts/"),
        ("/no-such-page/", "/", "/"),
    ],
)
def test_choosing_a_district_leads_to_the_same_tool_for_it(path: str, for_02: str, for_all: str) -> None:
    district, user = DistrictFactory(number="02"), everywhere()
    assert (same_page_for(user, path, district), same_page_for(user, path, None)) == (for_02, for_all)


def test_without_the_right_on_the_tool_choosing_a_district_leads_home() -> None:
    user = UserFactory(district=None, rights="")
    assert same_page_for(user, "/batch/01/live/5/", DistrictFactory(number="02")) == "/"


def test_every_page_has_its_related_tools(client: Client) -> None:
    GroupFactory(name="settings", tool=Tool.FIELD_SETTINGS, rights="R").user_set.add(user := UserFactory())
    client.force_login(user)
    assert "Related Tools Synchronization Field Settings" in page_text(client.get("/batch/"))
