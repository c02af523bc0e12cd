"""Who guesses passwords is slowed down; who the account belongs to is not kept out by it."""

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from districts.models import User
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

GUESSER, OWNER = "203.0.113.7", "198.51.100.9"
PASSWORD = "correct horse battery"


@pytest.fixture
def user() -> User:
    user = UserFactory(username="abbott")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(username: str, password: str, address: str) -> HttpResponse:
    return Client(REMOTE_ADDR=address).post("/sign-in/", {"username": username, "password": password})


def guess(times: int, username: str = "abbott") -> list[int]:
    return [sign_in(username, f"guess {number}", GUESSER).status_code for number in range(times)]


def test_the_tenth_wrong_password_locks_the_name_for_this_address(user: User) -> None:
    assert guess(10) == [200] * 9 + [429]
    refused = sign_in("abbott", PASSWORD, GUESSER)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == settings.AXES_COOLOFF_TIME.total_seconds()
    assert "Wait 15 minutes" in refused.content.decode()


def test_the_owner_signs_in_elsewhere_meanwhile(user: User) -> None:
    guess(20)
    assert sign_in("abbott", PASSWORD, OWNER).status_code == 302


def test_somebody_else_signs_in_from_the_same_address(user: User) -> None:
    guess(20, "somebody.else")
    assert sign_in("abbott", PASSWORD, GUESSER).status_code == 302


def test_a_right_password_forgets_the_wrong_ones(user: User) -> None:
    guess(9)
    assert sign_in("abbott", PASSWORD, GUESSER).status_code == 302
    assert guess(9) == [200] * 9


def test_the_lock_ends_by_itself(user: User) -> None:
    guess(10)
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - settings.AXES_COOLOFF_TIME
        )
    assert sign_in("abbott", PASSWORD, GUESSER).status_code == 302


def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(user: User) -> None:
    answers = [
        [(each.status_code, each.content.decode().replace(name, "")) for each in tried]
        for name, tried in (
            (name, [sign_in(name, "guess", GUESSER) for _ in range(11)]) for name in ("abbott", "nobody")
        )
    ]
    without_tokens = [
        [(status, text.partition("csrfmiddlewaretoken")[0]) for status, text in tried] for tried in answers
    ]
    assert without_tokens[0] == without_tokens[1]


def test_no_password_is_kept(user: User) -> None:
    guess(3)
    kept = AccessAttempt.objects.get()
    assert "guess" not in f"{kept.get_data}{kept.post_data}"
