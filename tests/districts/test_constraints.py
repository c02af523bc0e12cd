"""Rules that the database holds, whatever the code forgets."""

import pytest
from django.db import IntegrityError, transaction

from districts.choices import MEANINGS, Right, Tool
from districts.models import ToolRight, User
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
