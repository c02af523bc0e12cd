"""Signing in and out, and the pages that say no."""

import pytest
from django.test import Client
from pytest_django import Settings

from districts.models import User
from tests.factories.user import PASSWORD, UserFactory
from tests.pages import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory(username="pat", district__name="Campus", district__number="02")


def test_start_page_is_for_people_who_have_signed_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/sign-in/?next=/"


def test_sign_in_leads_to_the_page_that_was_asked_for(client: Client, user: User) -> None:
    response = client.post(
        "/sign-in/?next=/batch/02/", {"username": "pat", "password": PASSWORD, "next": "/batch/02/"}
    )

    assert response.headers["Location"] == "/batch/02/"


def test_sign_in_leads_home(client: Client, user: User) -> None:
    response = client.post("/sign-in/", {"username": "pat", "password": PASSWORD}, follow=True)

    assert response.redirect_chain == [("/", 302), ("/batch/", 302)]


def test_sign_in_does_not_lead_away(client: Client, user: User) -> None:
    response = client.post(
        "/sign-in/", {"username": "pat", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("name", ["pat", "nobody"])
def test_wrong_password_and_unknown_name_read_alike(client: Client, user: User, name: str) -> None:
    response = client.post("/sign-in/", {"username": name, "password": "guess"})

    assert response.status_code == 200
    assert "The user name and the password do not belong together." in page_text(response)


def test_sign_in_page_of_production_names_no_account(client: Client) -> None:
    UserFactory(username="demo.admin", is_demo=True)

    text = page_text(client.get("/sign-in/"))

    assert "demo.admin" not in text
    assert "Ask your district system administrator" in text


def test_sign_in_page_of_the_demo_lists_its_accounts(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    UserFactory(username="demo.admin", is_demo=True)
    UserFactory(username="somebody")

    text = page_text(client.get("/sign-in/"))

    assert "demo.admin" in text
    assert "somebody" not in text


def test_sign_out_takes_a_post_and_ends_the_session(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/sign-out/").status_code == 405

    response = client.post("/sign-out/")

    assert response.headers["Location"] == "/sign-in/"
    assert client.get("/batch/").status_code == 302


def test_header_says_who_and_where(client: Client, user: User) -> None:
    client.force_login(user)

    assert "Signed in as pat Campus (02) My account Sign out" in page_text(client.get("/batch/"))


def test_unknown_address(client: Client, user: User) -> None:
    client.force_login(user)

    response = client.get("/no-such-page/")

    assert response.status_code == 404
    assert "This page does not exist" in page_text(response)


def test_unknown_address_without_a_session(client: Client) -> None:
    response = client.get("/no-such-page/")

    assert response.status_code == 404
    assert "Sign in" in page_text(response)


def test_error_of_the_server_has_the_look_and_no_details(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("resync.views.district.district_for", break_down)
    client.force_login(user)
    client.raise_request_exception = False

    response = client.get("/batch/")

    assert response.status_code == 500
    assert "Something went wrong" in page_text(response)
    assert "secret detail" not in page_text(response)
    assert "upstate.css" in response.content.decode()


def test_pages_are_not_kept_in_caches(client: Client, user: User) -> None:
    client.force_login(user)

    assert client.get("/batch/").headers["Cache-Control"] == "no-store"


def test_pages_bring_nothing_inline(client: Client, user: User) -> None:
    client.force_login(user)

    page = client.get("/batch/").content.decode()

    assert "script-src 'self'" in client.get("/batch/").headers["Content-Security-Policy"]
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
