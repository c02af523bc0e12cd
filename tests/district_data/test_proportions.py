import pytest

from district_data.proportions import proportions


def test_yardstick() -> None:
    amounts = proportions(60_000)
    assert amounts.regular_schools + amounts.special_schools == 194
    assert amounts.summer_calendars == 35
    assert amounts.staff == 6_600


@pytest.mark.parametrize(("students", "schools"), [(1, 3), (200, 3), (1_500, 6), (6_000, 19), (100_000, 323)])
def test_schools_grow_with_the_students(students: int, schools: int) -> None:
    amounts = proportions(students)
    assert amounts.regular_schools + amounts.special_schools == schools


@pytest.mark.parametrize("students", [1, 199, 700, 1_000, 5_000, 250_000])
def test_every_grade_has_a_school(students: int) -> None:
    amounts = proportions(students)
    assert amounts.elementary_schools > 0
    assert amounts.high_schools > 0
    assert amounts.middle_schools > 0 or amounts.regular_schools == 2
