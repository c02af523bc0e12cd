"""A sign-in ends when nobody uses it, and after twelve hours; an open page that asks by itself is no use of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from districts import middleware
from districts.models import User
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

MINUTE, HOUR = 60, 3600
PAGE = "/account/"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets time pass, in seconds."""
    now = [1_800_000_000]
    monkeypatch.setattr(middleware, "time", lambda: now[0])

    def wait(seconds: int) -> None:
        now[0] += seconds

    return wait


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def site(client: Client, user: User, clock: Callable) -> Client:
    client.force_login(user)
    assert client.get(PAGE).status_code == 200
    return client


@pytest.fixture
def live(user: User) -> str:
    batch = BatchFactory(district=user.district, status="running")
    BatchObjectFactory(batch=batch, object="School", status="running")
    return f"/batch/{batch.district.number}/live/{batch.pk}/"


def is_signed_in(site: Client) -> bool:
    return site.get(PAGE).status_code == 200


@pytest.mark.parametrize(("waited", "stays"), [(30 * MINUTE - 1, True), (30 * MINUTE, False)])
def test_a_sign_in_ends_at_exactly_thirty_minutes_without_use(
    site: Client, clock: Callable, waited: int, stays: bool
) -> None:
    clock(waited)
    assert is_signed_in(site) == stays


def test_opening_a_page_begins_the_thirty_minutes_anew(site: Client, clock: Callable) -> None:
    for _ in range(5):
        clock(20 * MINUTE)
        assert is_signed_in(site)


def test_an_open_page_that_asks_by_itself_is_no_use(site: Client, clock: Callable, live: str) -> None:
    for _ in range(29):
        clock(MINUTE)
        assert site.get(live).status_code == 200
    clock(MINUTE)
    response = site.get(live, headers={"HX-Request": "true"}, follow=True)
    assert response.headers["HX-Refresh"] == "true"
    assert not is_signed_in(site)


@pytest.mark.parametrize(("last", "stays"), [(-1, True), (0, False)])
def test_a_sign_in_ends_at_exactly_twelve_hours_however_much_it_is_used(
    site: Client, clock: Callable, last: int, stays: bool
) -> None:
    for _ in range(12 * 3 - 1):
        clock(20 * MINUTE)
        assert is_signed_in(site)
    clock(20 * MINUTE + last)
    assert is_signed_in(site) == stays


def test_who_was_signed_out_is_told_why_and_comes_back_to_the_page(site: Client, clock: Callable) -> None:
    clock(31 * MINUTE)
    response = site.get(PAGE, follow=True)
    assert response.redirect_chain == [(f"/sign-in/?next={PAGE}", 302)]
    assert "after 30 minutes in which you opened no page" in response.content.decode()


def test_what_was_sent_too_late_changes_nothing(site: Client, clock: Callable, user: User) -> None:
    clock(31 * MINUTE)
    site.post(f"/batch/{user.district.number}/send/", {"objects": ["School"]})
    assert not user.district.batches.exists()


@pytest.mark.parametrize(("waited", "is_written"), [(59, False), (60, True)])
def test_a_use_is_written_once_a_minute(site: Client, clock: Callable, waited: int, is_written: bool) -> None:
    clock(waited)
    with CaptureQueriesContext(connection) as queries:
        site.get(PAGE)
    written = [each for each in queries if each["sql"].startswith('UPDATE "django_session"')]
    assert bool(written) == is_written


def named(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    return [
        found
        for each in patterns
        for found in (named(each.url_patterns) if isinstance(each, URLResolver) else [each])
    ]


def test_every_live_route_and_no_other_is_asked_by_open_pages() -> None:
    routes = named(get_resolver().url_patterns)
    polls = {each.name for each in routes if getattr(each.callback, "is_poll", False)}
    assert polls == {each.name for each in routes if "_live" in str(each.name)}


def test_the_cookie_does_not_outlive_the_sign_in() -> None:
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == settings.SIGN_IN_AT_MOST
