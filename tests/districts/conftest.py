"""People who administer people: `everywhere="RWAD"` gives every right on every tool."""

import pytest

from districts.models import District, User
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory


@pytest.fixture
def campus(db: None) -> District:
    return DistrictFactory(number="02", name="Campus")


@pytest.fixture
def abbott(db: None) -> District:
    return DistrictFactory(number="01", name="Abbott")


@pytest.fixture
def state_admin(db: None) -> User:
    return UserFactory(username="state.admin", district=None, rights="", everywhere="RWAD")


@pytest.fixture
def admin(campus: District) -> User:
    return UserFactory(username="campus.admin", district=campus, rights="", everywhere="RWAD")


@pytest.fixture
def teacher(campus: District) -> User:
    """Somebody of Campus who may see batches, and nothing else."""
    return UserFactory(username="campus.teacher", district=campus, rights="R")
