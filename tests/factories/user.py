from functools import cache

import factory
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from districts.choices import MEANINGS, Tool
from districts.models import DistrictGroup, ToolRight, User
from tests.factories.district import DistrictFactory

PASSWORD = "correct horse"


@cache
def hashed_password() -> str:
    """Hashing is slow by design, a third of a second: once is enough for the password of everybody."""
    return make_password(PASSWORD)


class GroupFactory(DjangoModelFactory):
    """A group with rights on one tool: `tool=Tool.USERS, rights="RW"`; without a tool, on Batch."""

    class Meta:
        model = Group
        django_get_or_create = ["name"]
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"group {n + 1}")

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, object]) -> Group:
        # What is done after the creation sees only what is named after it.
        if "tool" in params:
            params["rights__tool"] = params.pop("tool")
        return super()._generate(strategy, params)

    @factory.post_generation
    def rights(group, create: bool, letters: str | None, tool: Tool = Tool.BATCH, **kwargs: object) -> None:  # noqa: N805
        for letter in letters or "":
            ToolRight.objects.get_or_create(group=group, tool=tool, right=letter)


class DistrictGroupFactory(DjangoModelFactory):
    """A district's own group, which may see batches."""

    class Meta:
        model = DistrictGroup

    district = factory.SubFactory(DistrictFactory)
    group = factory.SubFactory(
        GroupFactory,
        name=factory.LazyAttribute(lambda group: f"{group.factory_parent.district.pk}/Own"),
        rights="R",
    )


class UserFactory(DjangoModelFactory):
    """A district's administrator who may see and send.

    `rights=""` gives no right on the batch tool, `district=None` makes a user of the state. `everywhere="R"` gives the
    right on every tool where it means something.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user.{n + 1}")
    password = factory.LazyFunction(hashed_password)
    district = factory.SubFactory(DistrictFactory)

    @factory.post_generation
    def rights(user, create: bool, letters: str | None, **kwargs: object) -> None:  # noqa: N805
        letters = "RW" if letters is None else letters
        if letters:
            user.groups.add(GroupFactory(name=f"Batch {letters}", rights=letters))

    @factory.post_generation
    def everywhere(user, create: bool, letters: str | None, **kwargs: object) -> None:  # noqa: N805
        if letters:
            user.groups.add(_group_for_all_tools(letters))


def _group_for_all_tools(letters: str) -> Group:
    group = GroupFactory(name=f"Every tool {letters}")
    for tool, meanings in MEANINGS.items():
        for right in meanings:
            if right.value in letters:
                ToolRight.objects.get_or_create(group=group, tool=tool, right=right)
    return group
