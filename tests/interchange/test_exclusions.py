"""Each rule of the catalogue that keeps records from the state: what it holds back, what it lets through."""

import pytest

from dis_objects.catalogue import definitions
from tests.interchange.pair import Pair
from tests.interchange.records import drawn, outcomes
from tests.interchange.reference import Counts

CALENDARS = """
    Calendar
    calendar_id | exclude
    1           | false
    2           | true
    3           | NULL
    5           | false
    5           | true
"""
# A calendar that is not there is left to the missing parent; one of two copies is enough to hold back.
OF_CALENDARS = """
    {name}
    {key} | calendar_id | ->
    1     | 1           |
    2     | 2           | CALENDAR_EXCLUDED
    3     | 3           | MISSING_PARENT calendar_id 3
    4     | 4           | MISSING_PARENT calendar_id 4
    5     | 5           | CALENDAR_EXCLUDED
    6     | NULL        | MISSING_REQUIRED calendar_id
"""


def of_calendars(name: str, key: str) -> str:
    return CALENDARS + OF_CALENDARS.format(name=name, key=key)


PICTURES = [
    (
        "School",
        """
        School
        school_id | state_exclude | ->
        1         | true          | SCHOOL_EXCLUDED
        2         | false         |
        3         | NULL          |
        """,
    ),
    (
        "Calendar",
        """
        School
        school_id | state_exclude
        1         | false
        2         | true
        3         | NULL

        Calendar
        calendar_id | school_id | exclude | ->
        1           | 1         | true    | CALENDAR_EXCLUDED
        2           | 1         | false   |
        3           | 1         | NULL    |
        4           | 2         | false   | SCHOOL_EXCLUDED
        5           | 2         | true    | CALENDAR_EXCLUDED
        6           | 3         | NULL    | MISSING_PARENT school_id 3
        """,
    ),
    ("SchoolMonth", of_calendars("SchoolMonth", "school_month_id")),
    ("ScheduleStructure", of_calendars("ScheduleStructure", "structure_id")),
    ("Day", of_calendars("Day", "day_id")),
    ("BehaviorIncident", of_calendars("BehaviorIncident", "incident_id")),
    (
        "StructureGradeLevel",
        """
        StructureGradeLevel
        grade_level_id | state_exclude | ->
        1              | true          | GRADE_EXCLUDED
        2              | false         |
        3              | NULL          |
        """,
    ),
    (
        "Course",
        CALENDARS
        + """
        Course
        course_id | calendar_id | active | state_exclude | ->
        1         | 1           | true   | false         |
        2         | 1           | NULL   | NULL          |
        3         | 2           | false  | true          | CALENDAR_EXCLUDED
        4         | 1           | false  | true          | COURSE_INACTIVE
        5         | 1           | true   | true          | COURSE_EXCLUDED
        """,
    ),
    (
        "CourseSection",
        CALENDARS
        + """
        CourseSection
        section_id | calendar_id | course_active | course_state_exclude | ->
        1          | 1           | true          | false                |
        2          | 1           | NULL          | NULL                 |
        3          | 2           | false         | true                 | CALENDAR_EXCLUDED
        4          | 1           | false         | true                 | COURSE_INACTIVE
        5          | 1           | true          | true                 | COURSE_EXCLUDED
        """,
    ),
    (
        "Enrollment",
        CALENDARS
        + """
        StructureGradeLevel
        grade_level_id | structure_id | grade | state_exclude
        1              | 1            | 09    | true
        2              | 1            | 10    | false
        3              | 1            | NULL  | true
        4              | 1            | 11    | NULL

        Enrollment
        enrollment_id | calendar_id | structure_id | grade | state_exclude | ->
        1             | 1           | 1            | 10    | false         |
        2             | 1           | 1            | 11    | NULL          |
        3             | 1           | 1            | 09    | true          | ENROLLMENT_EXCLUDED
        4             | 1           | 1            | 09    | false         | GRADE_EXCLUDED
        5             | 1           | NULL         | 09    | NULL          |
        6             | 1           | 1            | NULL  | NULL          | MISSING_REQUIRED grade
        7             | 2           | 1            | 09    | NULL          | GRADE_EXCLUDED
        8             | 2           | 1            | 10    | NULL          | CALENDAR_EXCLUDED
        """,
    ),
    (
        "Roster",
        """
        Enrollment
        enrollment_id | no_show
        1             | false
        2             | true

        CourseSection
        section_id | course_active | course_state_exclude
        1          | true          | false
        2          | false         | true
        3          | NULL          | true
        4          | NULL          | NULL

        Roster
        roster_id | enrollment_id | section_id | ->
        1         | 1             | 1          |
        2         | 2             | 2          | STUDENT_NO_SHOW
        3         | 1             | 2          | COURSE_INACTIVE
        4         | 1             | 3          | COURSE_EXCLUDED
        5         | 1             | 4          |
        6         | 1             | 9          |
        """,
    ),
    (
        "Behavior",
        CALENDARS
        + """
        BehaviorType
        type_id | state_event_code
        1       | E1
        2       | NULL
        3       | ''

        BehaviorResolutionType
        type_id | state_resolution_code
        1       | R1
        2       | NULL
        3       | ''

        Behavior
        behavior_id | calendar_id | event_type_id | resolution_type_id | ->
        1           | 1           | 1             | 1                  |
        2           | 1           | NULL          | NULL               |
        3           | 1           | 9             | 9                  |
        4           | 2           | 2             | 2                  | EVENT_CODE_MISSING
        5           | 1           | 3             | 1                  | EVENT_CODE_MISSING
        6           | 2           | 1             | 2                  | RESOLUTION_CODE_MISSING
        7           | 1           | 1             | 3                  | RESOLUTION_CODE_MISSING
        8           | 2           | 1             | 1                  | CALENDAR_EXCLUDED
        """,
    ),
    (
        "BehaviorEvent",
        """
        BehaviorType
        type_id | state_event_code
        1       | E1
        2       | NULL
        3       | ''

        BehaviorEvent
        event_id | event_type_id | ->
        1        | 1             |
        2        | 2             | EVENT_CODE_MISSING
        3        | 3             | EVENT_CODE_MISSING
        4        | 9             | MISSING_PARENT event_type_id 9
        """,
    ),
    (
        "BehaviorResolution",
        """
        BehaviorResolutionType
        type_id | state_resolution_code
        1       | R1
        2       | NULL
        3       | ''

        BehaviorResolution
        resolution_id | resolution_type_id | ->
        1             | 1                  |
        2             | 2                  | RESOLUTION_CODE_MISSING
        3             | 3                  | RESOLUTION_CODE_MISSING
        4             | 9                  | MISSING_PARENT resolution_type_id 9
        """,
    ),
    (
        "Plan",
        """
        Plan
        plan_id | locked | ->
        1       | true   |
        2       | false  | PLAN_NOT_LOCKED
        3       | NULL   | PLAN_NOT_LOCKED
        """,
    ),
]

# The six requirements of the documents. Person 1 is enrolled; the school year ends on 2024-06-30.
ENROLLED = """
    Enrollment
    enrollment_id | person_id
    1             | 1
"""
SCORES = [
    (
        "1 a state code or a national code",
        """
        Test
        test_id | state_code | national_code
        1       | S1         | NULL
        2       | NULL       | N1
        3       | NULL       | NULL
        4       | ''         | ''

        TestScore
        score_id | test_id | ->
        1        | 1       |
        2        | 2       | MISSING_PARENT test_id 2
        3        | 3       | TEST_CODE_MISSING
        4        | 4       | TEST_CODE_MISSING
        5        | 9       | MISSING_PARENT test_id 9
        """,
    ),
    (
        "2 published by the state",
        """
        Test
        test_id | published
        1       | true
        2       | false
        3       | NULL

        TestScore
        score_id | test_id | ->
        1        | 1       |
        2        | 2       | TEST_NOT_PUBLISHED
        3        | 3       | TEST_NOT_PUBLISHED
        """,
    ),
    (
        "3 a date at the root or an end year of the test",
        """
        Test
        test_id | end_year
        1       | NULL
        2       | 2024

        TestScore
        score_id | test_id | root_score_id | date       | ->
        1        | 1       | NULL          | 2024-04-15 |
        2        | 1       | NULL          | NULL       | SCORE_WITHOUT_YEAR
        3        | 1       | 1             | NULL       |
        4        | 1       | 2             | 2024-04-15 | SCORE_WITHOUT_YEAR
        5        | 1       | 99            | 2024-04-15 | SCORE_WITHOUT_YEAR
        6        | 2       | NULL          | NULL       | MISSING_PARENT test_id 2
        """,
    ),
    (
        "4 a date or an end year in the scope",
        """
        Test
        test_id | end_year
        1       | NULL
        2       | 2023
        3       | 2024

        TestScore
        score_id | test_id | root_score_id | date       | ->
        1        | 1       | NULL          | 2023-06-30 | SCORE_OF_OTHER_YEAR
        2        | 1       | NULL          | 2023-07-01 |
        3        | 1       | NULL          | 2024-06-30 |
        4        | 1       | NULL          | 2024-07-01 | SCORE_OF_OTHER_YEAR
        5        | 1       | 1             | 2024-04-15 | SCORE_OF_OTHER_YEAR
        6        | 1       | 2             | 2020-01-01 |
        7        | 2       | NULL          | NULL       | SCORE_OF_OTHER_YEAR
        8        | 2       | NULL          | 2024-04-15 | MISSING_PARENT test_id 2
        9        | 3       | NULL          | 2020-01-01 | MISSING_PARENT test_id 3
        10       | 1       | NULL          | infinity   | SCORE_OF_OTHER_YEAR
        """,
    ),
    (
        "5 not locked for districts",
        """
        Test
        test_id | edit_not_available
        1       | false
        2       | true
        3       | NULL

        TestScore
        score_id | test_id | ->
        1        | 1       |
        2        | 2       | TEST_LOCKED
        3        | 3       | MISSING_PARENT test_id 3
        """,
    ),
    (
        "all six, in their order",
        """
        Test
        test_id | state_code | published | end_year | edit_not_available
        1       | S1         | true      | NULL     | false
        2       | NULL       | false     | NULL     | true
        3       | S1         | false     | NULL     | true
        4       | S1         | true      | NULL     | true
        5       | S1         | true      | 2020     | true

        TestScore
        score_id | test_id | person_id | date       | ->
        1        | 1       | 1         | 2024-04-15 |
        2        | 2       | 9         | NULL       | TEST_CODE_MISSING
        3        | 3       | 9         | NULL       | TEST_NOT_PUBLISHED
        4        | 4       | 9         | NULL       | SCORE_WITHOUT_YEAR
        5        | 5       | 9         | NULL       | SCORE_OF_OTHER_YEAR
        6        | 4       | 9         | 2024-04-15 | TEST_LOCKED
        7        | 1       | 9         | 2024-04-15 | STUDENT_NOT_ENROLLED
        8        | 9       | 9         | 2024-04-15 | STUDENT_NOT_ENROLLED
        """,
    ),
]
SIX_REQUIREMENTS = [("TestScore", ENROLLED + picture) for _, picture in SCORES]

ENROLLMENTS = """
    Test
    test_id
    1

    Calendar
    calendar_id | end_date
    1           | 2024-06-07
    2           | NULL
    3           | 2099-06-07

    Enrollment
    enrollment_id | person_id | calendar_id | end_year | active | no_show | end_date
    1             | 1         | 1           | 2024     | true   | false   | NULL
    2             | 2         | 1           | 2024     | NULL   | NULL    | 2024-06-07
    3             | 3         | 1           | 2024     | NULL   | NULL    | 2024-06-06
    4             | 4         | 1           | 2024     | false  | NULL    | NULL
    5             | 5         | 1           | 2024     | NULL   | true    | NULL
    6             | 6         | 1           | 2023     | NULL   | NULL    | NULL
    7             | 7         | 2           | 2024     | NULL   | NULL    | 2024-06-07
    8             | 8         | 3           | 2024     | NULL   | NULL    | 2099-06-01
    9             | 9         | 9           | 2024     | NULL   | NULL    | 2099-06-01
    10            | 10        | 1           | 2024     | false  | NULL    | NULL
    11            | 10        | 1           | 2024     | true   | NULL    | NULL

    TestScore
    score_id | person_id | ->
    1        | 1         |
    2        | 2         |
    3        | 3         | STUDENT_NOT_ENROLLED
    4        | 4         | STUDENT_NOT_ENROLLED
    5        | 5         | STUDENT_NOT_ENROLLED
    6        | 6         | STUDENT_NOT_ENROLLED
    7        | 7         | STUDENT_NOT_ENROLLED
    8        | 8         |
    9        | 9         |
    10       | 10        |
    11       | 99        | STUDENT_NOT_ENROLLED
    12       | NULL      | STUDENT_NOT_ENROLLED
"""


@pytest.mark.parametrize(("name", "picture"), PICTURES, ids=[name for name, _ in PICTURES])
def test_rule_holds_back_what_it_says_and_nothing_else(pair: Pair, name: str, picture: str) -> None:
    pair.check(picture, name)


@pytest.mark.parametrize(("name", "picture"), SIX_REQUIREMENTS, ids=[title for title, _ in SCORES])
def test_requirement_of_test_scores(pair: Pair, name: str, picture: str) -> None:
    pair.check(picture, name)


def test_sixth_requirement_of_test_scores_is_an_active_enrollment(pair: Pair) -> None:
    pair.put_at_state("PersonIdentity", keys=range(2, 11))
    pair.check(ENROLLMENTS, "TestScore")


def test_pictures_above_meet_each_rule_of_the_catalogue() -> None:
    pictures = [*PICTURES, *SIX_REQUIREMENTS]
    held = {
        (name, each.code) for name, picture in pictures for each in outcomes(picture, name).values() if each
    }
    rules = {(known.name, rule.code) for known in definitions().values() for rule in known.exclusions}
    assert rules <= held
    assert all(None in outcomes(picture, name).values() for name, picture in pictures)


def test_excluded_record_that_is_at_the_state_stays_there_as_it_was(pair: Pair) -> None:
    pair.put_at_state("District")
    pair.fill(drawn("School\nschool_id | name\n1 | before"))
    pair.push("School")
    pair.fill(drawn("School\nschool_id | name | state_exclude\n1 | after | true"))
    pair.push("School")
    assert pair.codes("School") == {1: "SCHOOL_EXCLUDED"}
    assert pair.reference.state["School"][1]["name"] == "before"


def test_record_that_did_not_change_is_held_back_by_a_mark_elsewhere(pair: Pair) -> None:
    pair.check("School\nschool_id\n1\n\nCalendar\ncalendar_id | ->\n1 |", "Calendar")
    pair.fill(drawn("School\nschool_id | state_exclude\n1 | true"))
    assert pair.push("Calendar") == Counts(processed=1, errors=1)
    assert pair.codes("Calendar") == {1: "SCHOOL_EXCLUDED"}


def test_rules_of_an_object_without_a_school_year_see_the_year_of_the_resync(pair: Pair) -> None:
    pair.check(ENROLLED + "\nTest\ntest_id\n1\n\nTestScore\nscore_id | ->\n1 |", "TestScore")
    assert pair.push("TestScore", end_year=2025) == Counts(processed=1, errors=1)
    assert pair.codes("TestScore") == {1: "SCORE_OF_OTHER_YEAR"}


def test_root_score_that_is_there_twice_fails_alone(pair: Pair) -> None:
    picture = """
        Test
        test_id
        1

        TestScore
        score_id | root_score_id | ->
        1        | NULL          | DUPLICATE_KEY x2
        1        | NULL          | DUPLICATE_KEY x2
        2        | 1             |
    """
    pair.check(ENROLLED + picture, "TestScore")
