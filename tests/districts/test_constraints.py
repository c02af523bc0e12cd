"""Rules that the database holds, whatever the code forgets."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

from districts.choices import MEANINGS, Right, Tool
from districts.models import District, ToolRight, User
from tests.factories.district import DistrictFactory
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db

PAIRS = [(tool, right) for tool in Tool for right in Right]


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[1] not in MEANINGS[pair[0]]], ids=str)
def test_a_right_that_means_nothing_cannot_be_given(pair: tuple[Tool, Right]) -> None:
    with pytest.raises(IntegrityError, match="tool_right_means_something"), transaction.atomic():
        ToolRight.objects.create(group=GroupFactory(), tool=pair[0], right=pair[1])


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[1] in MEANINGS[pair[0]]], ids=str)
def test_a_right_that_means_something_can_be_given_once(pair: tuple[Tool, Right]) -> None:
    group = GroupFactory()
    ToolRight.objects.create(group=group, tool=pair[0], right=pair[1])
    with pytest.raises(IntegrityError, match="tool_right_given_once"), transaction.atomic():
        ToolRight.objects.create(group=group, tool=pair[0], right=pair[1])


@pytest.mark.parametrize(("tool", "right"), [("batch", "X"), ("no_such_tool", "R")])
def test_what_is_neither_tool_nor_right_cannot_be_given(tool: str, right: str) -> None:
    with pytest.raises(IntegrityError, match="tool_right_means_something"), transaction.atomic():
        ToolRight.objects.create(group=GroupFactory(), tool=tool, right=right)


def test_no_two_user_names_differ_by_capital_letters_only() -> None:
    UserFactory(username="pat.smith")
    with pytest.raises(IntegrityError, match="user_name_is_unique_in_any_case"), transaction.atomic():
        UserFactory(username="Pat.Smith")


def test_an_account_with_a_published_password_never_has_every_right() -> None:
    demo = UserFactory(is_demo=True)
    with pytest.raises(IntegrityError, match="demo_account_is_no_superuser"), transaction.atomic():
        User.objects.filter(pk=demo.pk).update(is_superuser=True)


# ---- Numbers of districts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["", "history", "all", "1 2", "01/", "1\n", "\u0661", "é1"])
def test_what_is_no_number_of_a_district_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        District(number=number).clean_fields(exclude=["state", "name"])
    with pytest.raises(IntegrityError, match="district_number_has_a_digit"), transaction.atomic():
        DistrictFactory(number=number)


@pytest.mark.parametrize("number", ["7", "01", "T1", "north-2"])
def test_a_number_with_a_digit_is_taken(number: str) -> None:
    DistrictFactory(number=number).full_clean()


def addresses(resolver: URLResolver, before: str = "") -> list[str]:
    found = []
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        found += [address] if isinstance(each, URLPattern) else addresses(each, address)
    return found


def test_no_word_of_an_address_can_be_the_number_of_a_district() -> None:
    """A district whose number is the word would have no page there."""
    routes = [address.split("/") for address in addresses(get_resolver())]
    before_numbers = {
        tuple(route[:place]) for route in routes for place, part in enumerate(route) if part == "<str:number>"
    }
    words = {
        route[len(before)]
        for before in before_numbers
        for route in routes
        if tuple(route[: len(before)]) == before and len(route) > len(before)
    }
    words = {word for word in words if word and not word.startswith("<")}
    assert {"history", "request", "change"} <= words
    for word in words:
        with pytest.raises(ValidationError):
            District._meta.get_field("number").run_validators(word)
