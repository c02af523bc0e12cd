"""The fields of the header: which district, which school year."""

from collections.abc import Callable

import pytest
from django.test import Client

from districts.models import SchoolYear, User, Zone
from districts.views import toolbar
from tests.factories.district import DistrictFactory, SchoolYearFactory
from tests.factories.user import UserFactory
from tests.pages import page_text, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def of_state(client: Client) -> User:
    DistrictFactory(number="01", name="Abbott")
    DistrictFactory(number="02", name="Campus Hill")
    user = UserFactory(district=None)
    client.force_login(user)
    return user


def header_of(client: Client, path: str = "/alerts/") -> str:
    return text_of(client.get(path).content.decode().partition("<header")[2].partition("</header>")[0])


def choose(client: Client, number: str, page: str = "/alerts/") -> str:
    return client.post("/districts/choose/", {"number": number, "next": page}).headers["Location"]


def test_the_header_of_a_district_user_names_the_district_and_offers_no_other(client: Client) -> None:
    client.force_login(UserFactory(district=DistrictFactory(number="02", name="Campus Hill")))
    DistrictFactory(name="Elsewhere")
    assert "Campus Hill" in header_of(client)
    assert "Choose a district" not in header_of(client)
    assert "Elsewhere" not in page_text(client.get("/districts/find/"))


def test_a_state_user_begins_with_all_districts(client: Client, of_state: User) -> None:
    assert "District: All districts" in header_of(client)


def test_the_choice_is_kept_until_another_one(client: Client, of_state: User) -> None:
    assert choose(client, "02") == "/alerts/"
    assert "District: Campus Hill" in header_of(client)
    choose(client, "")
    assert "District: All districts" in header_of(client)


def test_the_header_names_the_district_that_the_page_is_about(client: Client, of_state: User) -> None:
    choose(client, "02")
    assert "District: Abbott" in header_of(client, "/batch/01/")


def test_choosing_on_a_page_of_a_district_shows_the_same_for_the_other(
    client: Client, of_state: User
) -> None:
    assert choose(client, "01", "/batch/02/") == "/batch/01/"


def test_the_menu_leads_to_the_chosen_district(client: Client, of_state: User) -> None:
    choose(client, "01")
    assert (
        'href="/batch/01/" data-tool="Resync State Data - Batch"' in client.get("/alerts/").content.decode()
    )


def test_an_unknown_district_cannot_be_chosen(client: Client, of_state: User) -> None:
    assert client.post("/districts/choose/", {"number": "99"}).status_code == 404


def test_a_district_user_learns_nothing_by_choosing(client: Client) -> None:
    DistrictFactory(number="77")
    client.force_login(UserFactory())
    answers = [client.post("/districts/choose/", {"number": number}) for number in ("77", "nowhere")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "District: " not in header_of(client)


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "", "\\\\elsewhere"],
)
@pytest.mark.parametrize("field", ["districts", "years"])
def test_no_choice_leads_away(client: Client, of_state: User, address: str, field: str) -> None:
    SchoolYearFactory(end_year=2024)
    response = client.post(f"/{field}/choose/", {"number": "01", "end_year": "2024", "next": address})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Abbott 01", "Campus Hill 02"]),
        ("hill", ["Campus Hill 02"]),
        ("hill camp", ["Campus Hill 02"]),
        ("01", ["Abbott 01"]),
    ],
)
def test_districts_are_found_by_words_of_name_and_number(
    client: Client, of_state: User, words: str, found: list[str]
) -> None:
    text = page_text(client.get("/districts/find/", {"find": words}, headers={"HX-Request": "true"}))
    assert [each for each in ("Abbott 01", "Campus Hill 02") if each in text] == found


def test_no_page_carries_all_districts(
    client: Client, of_state: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable
) -> None:
    monkeypatch.setattr(toolbar, "OFFERED", 5)
    for number in range(10, 20):
        DistrictFactory(number=str(number), name=f"Valley {number}")
    assert "Valley" not in page_text(client.get("/alerts/"))
    with django_assert_max_num_queries(7):
        answer = client.get("/districts/find/?find=valley", headers={"HX-Request": "true"})
    assert "5 more. Type a part of the name or the number." in page_text(answer)


def test_the_page_of_the_choice_works_without_a_script(client: Client, of_state: User) -> None:
    page = client.get("/districts/find/?next=/batch/02/").content.decode()
    assert "<h1>Choose a district</h1>" in page
    assert 'name="next" value="/batch/02/"' in page
    assert 'name="number" value="01"' in page


@pytest.fixture
def admin(client: Client) -> User:
    user = UserFactory(district=DistrictFactory(number="02", name="Campus Hill"))
    client.force_login(user)
    return user


def neighbours(user: User, **wanted: bool) -> None:
    for end_year in (2023, 2024, 2025):
        SchoolYearFactory(end_year=end_year)
    Zone.objects.filter(district=user.district).update(**wanted)


def test_the_year_is_offered_only_where_there_is_a_choice(client: Client, admin: User) -> None:
    neighbours(admin)
    assert "2023-2024" not in header_of(client)


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ({"syncs_previous_year": True}, "2022-2023 2023-2024 current"),
        ({"syncs_next_year": True}, "2023-2024 current 2024-2025"),
    ],
)
def test_the_year_field_offers_what_the_zone_is_configured_for(
    client: Client, admin: User, wanted: dict[str, bool], offered: str
) -> None:
    neighbours(admin, **wanted)
    assert offered in header_of(client)


def test_the_year_is_kept_and_shown(client: Client, admin: User) -> None:
    neighbours(admin, syncs_next_year=True)
    response = client.post("/years/choose/", {"end_year": "2025", "next": "/alerts/?page=2"})
    assert response.headers["Location"] == "/alerts/"
    assert "Year 2024-2025" in header_of(client)


def test_a_year_that_is_no_longer_open_is_not_shown(client: Client, admin: User) -> None:
    neighbours(admin, syncs_next_year=True)
    client.post("/years/choose/", {"end_year": "2025"})
    neighbours(admin, syncs_next_year=False, syncs_previous_year=True)
    assert "Year 2023-2024" in header_of(client)


@pytest.mark.parametrize("year", ["", "x", "1", "2077", "99999999999", "²²²²"])
def test_what_is_no_school_year_cannot_be_chosen(client: Client, admin: User, year: str) -> None:
    assert not SchoolYear.objects.filter(pk=2077).exists()
    assert client.post("/years/choose/", {"end_year": year}).status_code == 404


def test_the_answer_to_a_form_is_not_where_a_choice_comes_back_to(client: Client, of_state: User) -> None:
    """A page that was posted to cannot be asked for again: the tool that it belongs to stands for it."""
    answer = client.post("/batch/02/confirm/", {"objects": ["School"]})
    assert answer.status_code == 403
    assert "?next=%2Fbatch%2F02%2F" in answer.content.decode()
