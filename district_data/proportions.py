"""How much of everything a district of a given size has.

The yardstick is the district on the screens of seed 000: about 60,000 students, 194 schools, 230 calendars.
"""

from dataclasses import dataclass

_YARDSTICK = 60_000


@dataclass(frozen=True)
class Proportions:
    """Counts for one district. Special schools have programs and offices, and next to no students."""

    students: int
    elementary_schools: int
    middle_schools: int
    high_schools: int
    special_schools: int
    summer_calendars: int
    extra_structures: int
    staff: int
    district_behavior_types: int
    district_resolution_types: int
    district_response_types: int

    @property
    def regular_schools(self) -> int:
        return self.elementary_schools + self.middle_schools + self.high_schools


def proportions(students: int) -> Proportions:
    regular = max(2, _share(students, 183))
    # Two schools divide the grades between them; from three on there are middle schools.
    middle = max(1, round(regular * 0.22)) if regular > 2 else 0
    high = max(1, round(regular * 0.18))
    return Proportions(
        students=students,
        elementary_schools=regular - middle - high,
        middle_schools=middle,
        high_schools=high,
        special_schools=max(1, _share(students, 11)),
        summer_calendars=max(1, _share(students, 35)),
        extra_structures=max(1, _share(students, 34)),
        staff=max(12, _share(students, 6_600)),
        district_behavior_types=max(6, _share(students, 117)),
        district_resolution_types=max(4, _share(students, 45)),
        district_response_types=max(3, _share(students, 30)),
    )


def _share(students: int, of_yardstick: int) -> int:
    return round(students * of_yardstick / _YARDSTICK)
