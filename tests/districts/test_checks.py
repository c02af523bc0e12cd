"""A database with demo accounts, whose password is published, is no place for a production start."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from pytest_django import Settings

from districts.models import User
from resync.models import Batch
from tests.factories.batch import BatchFactory
from tests.factories.user import PASSWORD, UserFactory
from tests.pages import sign_in

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    return [str(each.id) for each in run_checks(databases=["default"], tags=["database"])]


def test_a_production_start_refuses_demo_accounts() -> None:
    UserFactory(is_demo=True)
    assert found() == ["districts.E001"]
    with pytest.raises(SystemCheckError, match="demo accounts"):
        call_command("migrate", verbosity=0, skip_checks=False)


def test_the_demo_starts_on_them(settings: Settings) -> None:
    settings.DEMO = True
    UserFactory(is_demo=True)
    assert found() == []


def test_other_accounts_are_no_reason_to_refuse() -> None:
    UserFactory()
    assert found() == []


def test_closed_demo_accounts_keep_their_batches_and_sign_nobody_in(client: Client) -> None:
    account = UserFactory(username="abbott.admin", is_demo=True)
    batch = BatchFactory(requested_by=account)
    call_command("close_demo_accounts")
    assert found() == []
    assert Batch.objects.get(pk=batch.pk).requested_by == account
    User.objects.filter(pk=account.pk).update(is_active=True)
    assert not sign_in(client, "abbott.admin", PASSWORD)
