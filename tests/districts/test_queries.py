import pytest
from django.core.exceptions import PermissionDenied

from districts.choices import Right, Tool
from districts.models import District, User
from districts.queries import district_matches, has_right, require_right
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("right", Right)
def test_the_first_account_of_an_installation_has_every_right(right: Right) -> None:
    first = User.objects.create_superuser("operator")
    assert has_right(first, Tool.BATCH, right)


def test_a_superuser_who_is_no_longer_active_has_none() -> None:
    former = User.objects.create_superuser("former", is_active=False)
    assert not has_right(former, Tool.BATCH, Right.READ)


def test_a_user_has_the_sum_of_their_groups() -> None:
    user = UserFactory(rights="R")
    assert has_right(user, Tool.BATCH, Right.READ)
    with pytest.raises(PermissionDenied, match="Write"):
        require_right(user, Tool.BATCH, Right.WRITE)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["01", "02"]),
        ("abbott", ["01"]),
        ("park  CAMPUS", ["02"]),
        ("02", ["02"]),
        ("park 02", ["02"]),
        ("park 01", []),
        ("cam\0pus", ["02"]),
    ],
)
def test_a_district_is_found_by_words_of_its_name_and_number(words: str, found: list[str]) -> None:
    DistrictFactory(number="01", name="Abbott")
    DistrictFactory(number="02", name="Campus Park")
    assert [
        each.number for each in District.objects.filter(district_matches(words)).order_by("number")
    ] == found
