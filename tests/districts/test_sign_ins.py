"""When open sign-ins end, and how somebody without a password comes to one."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from districts.actions import disable_user, enable_user, renew_sign_in_link
from districts.authentication import SignInTokens, sign_in_address
from districts.models import User
from tests.factories.user import PASSWORD, UserFactory
from tests.pages import page_text, sign_in

pytestmark = pytest.mark.django_db

NEW = "a longer one 4711"


@pytest.fixture
def two_places(teacher: User) -> list[Client]:
    """The teacher, signed in twice."""
    places = [Client(), Client()]
    for place in places:
        place.post("/sign-in/", {"username": teacher.username, "password": PASSWORD})
        assert place.get("/batch/").status_code == 200
    return places


def is_signed_in(client: Client) -> bool:
    response = client.get("/account/")
    assert response.status_code == 200 or response["Location"].startswith("/sign-in/")
    return response.status_code == 200


def test_disabling_ends_every_open_sign_in_at_the_next_request(
    two_places: list[Client], teacher: User, admin: User
) -> None:
    disable_user(user_id=teacher.pk, by=admin)
    assert [is_signed_in(place) for place in two_places] == [False, False]


def test_ended_sign_ins_do_not_come_back_when_the_account_is_enabled_again(
    two_places: list[Client], teacher: User, admin: User
) -> None:
    disable_user(user_id=teacher.pk, by=admin)
    enable_user(user_id=teacher.pk, by=admin)
    assert [is_signed_in(place) for place in two_places] == [False, False]
    assert sign_in(two_places[0], teacher.username, PASSWORD)
    assert is_signed_in(two_places[0])


def test_the_other_people_stay_signed_in(two_places: list[Client], admin: User) -> None:
    disable_user(user_id=UserFactory(district=admin.district, rights="").pk, by=admin)
    assert [is_signed_in(place) for place in two_places] == [True, True]


def test_a_poll_of_a_disabled_user_loads_the_page_again(
    two_places: list[Client], teacher: User, admin: User
) -> None:
    disable_user(user_id=teacher.pk, by=admin)
    response = two_places[0].get("/batch/", headers={"HX-Request": "true"}, follow=True)
    assert response.headers["HX-Refresh"] == "true"


def test_a_new_secret_key_keeps_sign_ins_and_still_sees_ended_ones(
    two_places: list[Client], teacher: User, admin: User, settings: Settings
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be taken for one by every check"
    assert is_signed_in(two_places[0])
    User.objects.filter(pk=teacher.pk).update(sign_ins_ended=1)
    assert not is_signed_in(two_places[1])


def choose(client: Client, link: str, password: str = NEW) -> int:
    """Opens a sign-in link and chooses a password; returns the status of the last answer."""
    opened = client.get(link, follow=True)
    if "Choose a password" not in page_text(opened):
        return opened.status_code
    form = {"new_password1": password, "new_password2": password}
    return client.post(opened.redirect_chain[-1][0], form).status_code


@pytest.fixture
def newcomer(teacher: User) -> User:
    teacher.set_unusable_password()
    teacher.save()
    return teacher


def test_a_link_lets_a_person_choose_a_password_and_signs_them_in(client: Client, newcomer: User) -> None:
    link = sign_in_address(newcomer)
    assert choose(client, link) == 302
    assert is_signed_in(client)
    assert sign_in(Client(), newcomer.username, NEW)


def test_the_page_behind_a_link_says_who_one_is_and_does_not_keep_the_link(
    client: Client, newcomer: User
) -> None:
    response = client.get(sign_in_address(newcomer), follow=True)
    assert newcomer.username in page_text(response)
    assert response.redirect_chain[-1][0].endswith("/set-password/")


def test_a_weak_password_is_not_taken(client: Client, newcomer: User) -> None:
    assert choose(client, sign_in_address(newcomer), "password") == 200
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_a_link_works_once(client: Client, newcomer: User) -> None:
    link = sign_in_address(newcomer)
    choose(client, link)
    again = Client().get(link)
    assert "This link does not work" in page_text(again)


def test_a_link_works_for_three_days(newcomer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = sign_in_address(newcomer)
    for days, works in ((2.9, True), (3.1, False)):
        then = datetime.now() + timedelta(days=days)
        monkeypatch.setattr(SignInTokens, "_now", lambda self, then=then: then)
        assert ("Choose a password" in page_text(Client().get(link, follow=True))) is works


def test_a_new_link_ends_the_one_before_it_and_the_open_sign_ins(
    two_places: list[Client], teacher: User, admin: User
) -> None:
    before = sign_in_address(teacher)
    renewed = renew_sign_in_link(user_id=teacher.pk, by=admin)
    assert "This link does not work" in page_text(Client().get(before))
    assert not is_signed_in(two_places[0])
    assert choose(Client(), sign_in_address(renewed)) == 302


@pytest.mark.parametrize("state", [{"is_active": False}, {"is_demo": True}], ids=str)
def test_a_link_of_a_disabled_or_a_demo_account_does_not_work(newcomer: User, state: dict[str, bool]) -> None:
    link = sign_in_address(newcomer)
    User.objects.filter(pk=newcomer.pk).update(**state)
    assert "This link does not work" in page_text(Client().get(link))


def test_a_link_from_before_the_account_was_disabled_stays_dead(newcomer: User, admin: User) -> None:
    link = sign_in_address(newcomer)
    disable_user(user_id=newcomer.pk, by=admin)
    enable_user(user_id=newcomer.pk, by=admin)
    assert "This link does not work" in page_text(Client().get(link))


@pytest.mark.parametrize("named", ["MQ", "!!", "OTk5OTk5"])
def test_a_made_up_link_does_not_work(client: Client, newcomer: User, named: str) -> None:
    assert "This link does not work" in page_text(client.get(reverse("sign_in_link", args=[named, "a-b"])))


def test_choosing_a_password_does_not_enable_an_account_disabled_meanwhile(
    client: Client, newcomer: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check of the link and the saving of the password."""
    original = User.set_password

    def disabled_first(user: User, password: str) -> None:
        disable_user(user_id=user.pk, by=admin)
        original(user, password)

    monkeypatch.setattr(User, "set_password", disabled_first)
    choose(client, sign_in_address(newcomer))
    newcomer.refresh_from_db()
    assert not newcomer.is_active
    assert newcomer.sign_ins_ended == 1
    assert not is_signed_in(client)


def change_password(client: Client, old: str = PASSWORD) -> int:
    form = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return client.post("/account/password/", form).status_code


def test_changing_ones_password_signs_out_elsewhere(two_places: list[Client]) -> None:
    here, there = two_places
    assert change_password(here, old="guess") == 200
    assert is_signed_in(there)
    assert change_password(here) == 302
    assert [is_signed_in(here), is_signed_in(there)] == [True, False]


def test_the_password_of_a_demo_account_stays(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    demo = UserFactory(is_demo=True)
    client.force_login(demo)
    assert "Change password" not in page_text(client.get("/account/"))
    assert change_password(client) == 403
    demo.refresh_from_db()
    assert demo.check_password(PASSWORD)
