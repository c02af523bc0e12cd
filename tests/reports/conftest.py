from collections.abc import Iterator

import pytest

from districts.models import District, User
from reports import registry
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory
from tests.reports.kinds import KeysBuilder


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeysBuilder]:
    """The builder of the kind "keys", fresh for each test."""
    fresh = KeysBuilder()
    monkeypatch.setitem(registry._builders, "keys", fresh)
    return fresh


@pytest.fixture
def jefferson(db: None) -> District:
    return DistrictFactory(number="275", name="Jefferson County", time_zone="America/Kentucky/Louisville")


@pytest.fixture
def reader(jefferson: District) -> User:
    return UserFactory(username="reader", district=jefferson, rights="", everywhere="R")
