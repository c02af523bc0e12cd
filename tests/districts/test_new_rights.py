"""An installation of an earlier release gets the rights on the tools that are new."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from districts import actions
from districts.models import ToolRight

pytestmark = pytest.mark.django_db

MIGRATIONS = [
    importlib.import_module(f"districts.migrations.{name}")
    for name in ("0002_tools_and_groups", "0004_tools_of_sync_and_verification", "0006_audit_log")
]


def rights() -> set[tuple[str, str, str]]:
    return set(ToolRight.objects.values_list("group__name", "tool", "right"))


def give_new_rights() -> None:
    for each in MIGRATIONS:
        each.give_new_rights(apps, None)


def test_ready_made_groups_of_an_earlier_release_get_what_a_new_installation_has() -> None:
    Group.objects.all().delete()
    actions.ensure_ready_made_groups()
    as_new = rights()
    ToolRight.objects.exclude(tool="batch").delete()
    give_new_rights()
    assert rights() == as_new


def test_other_groups_of_an_earlier_release_get_nothing() -> None:
    Group.objects.create(name="Helpers")
    give_new_rights()
    assert not ToolRight.objects.filter(group__name="Helpers").exists()


def test_a_ready_made_group_that_was_changed_stays_as_it_is() -> None:
    ToolRight.objects.filter(group__name=actions.DISTRICT_VIEWER).delete()
    actions.ensure_ready_made_groups()
    assert not ToolRight.objects.filter(group__name=actions.DISTRICT_VIEWER).exists()
