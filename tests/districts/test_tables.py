"""What the tables of all pages share."""

import pytest
from django.test import Client

from districts.models import User
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db

PER_PAGE = 50


@pytest.fixture
def names(client: Client) -> list[str]:
    """Of all users, in the order of the table, which takes two pages and a bit."""
    reader = UserFactory(username="user.000", district=None, rights="", everywhere="R")
    User.objects.bulk_create(User(username=f"user.{n:03}", password="!") for n in range(1, 2 * PER_PAGE + 3))
    client.force_login(reader)
    return [f"user.{n:03}" for n in range(2 * PER_PAGE + 3)]


def listed(client: Client, query: str) -> list[str]:
    response = client.get(f"/users/?{query}")
    assert response.status_code == 200
    return [row.record.username for row in response.context["table"].paginated_rows]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", 0),
        ("page=2", PER_PAGE),
        ("page=99", 2 * PER_PAGE),
        ("page=-1", 2 * PER_PAGE),
        ("page=last", 0),
        ("page=\u0662", PER_PAGE),
    ],
)
def test_a_page_that_is_not_there_shows_another(
    client: Client, names: list[str], query: str, first: int
) -> None:
    assert listed(client, query) == names[first : first + PER_PAGE]


@pytest.mark.parametrize("number", ["-1", "0", "1000"])
def test_the_address_does_not_say_how_much_is_on_a_page(
    client: Client, names: list[str], number: str
) -> None:
    assert listed(client, f"per_page={number}") == names[:PER_PAGE]


def test_a_column_that_may_be_sorted_is_sorted_over_all_pages(client: Client, names: list[str]) -> None:
    assert listed(client, "sort=-username&page=3") == [names[2], names[1], names[0]]
