import pytest

from dis_objects.models import DISObject
from districts.models import District, SchoolYear
from resync.exceptions import ResyncRefused
from resync.plan import make_plan, offered_names


def names(district: District, *objects: str, check_dependencies: bool = True) -> list[str]:
    plan = make_plan(district, district.zone.school_year, objects, check_dependencies=check_dependencies)
    return [each.name for each in plan]


def test_check_dependencies_adds_the_parents_in_parent_first_order(district: District) -> None:
    assert names(district, "Enrollment") == [
        "District",
        "School",
        "Calendar",
        "ScheduleStructure",
        "PersonIdentity",
        "Enrollment",
    ]


def test_without_dependencies_only_the_chosen_objects_still_in_order(district: District) -> None:
    assert names(district, "TestScore", "District", check_dependencies=False) == ["District", "TestScore"]


def test_a_plan_tells_chosen_objects_from_added_parents(district: District) -> None:
    plan = make_plan(district, district.zone.school_year, ["School"], check_dependencies=True)
    assert [(each.name, each.requested) for each in plan] == [("District", False), ("School", True)]


def test_parents_reach_over_objects_that_are_not_in_the_plan(district: District) -> None:
    plan = make_plan(district, district.zone.school_year, ["District", "TestScore"], check_dependencies=False)
    assert plan[1].parents == ("District",)


def test_nothing_chosen_is_refused(district: District) -> None:
    with pytest.raises(ResyncRefused, match="No object is chosen"):
        names(district)


@pytest.mark.parametrize("name", ["AttendanceKYMinute", "NoSuchObject", "DISVerificationResult"])
def test_an_object_that_is_not_offered_is_refused_by_name(district: District, name: str) -> None:
    with pytest.raises(ResyncRefused, match=name):
        names(district, "School", name)


def test_an_alias_is_the_object(district: District) -> None:
    assert names(district, "AdultEducation")[-1] == "AdultEd"


@pytest.fixture
def earlier(district: District) -> SchoolYear:
    """The previous year, which the district syncs with what an enrollment needs of a school year."""
    district.zone.syncs_previous_year = True
    district.zone.save()
    DISObject.objects.filter(name__in=["Calendar", "ScheduleStructure", "Enrollment"]).update(
        syncs_previous_year=True
    )
    return SchoolYear.objects.create(end_year=2023)


def test_another_year_offers_only_objects_that_are_set_to_sync_for_it(
    district: District, earlier: SchoolYear
) -> None:
    assert offered_names(district, earlier) == {"Calendar", "ScheduleStructure", "Enrollment"}


def test_another_year_adds_no_parents_that_it_does_not_offer(district: District, earlier: SchoolYear) -> None:
    plan = make_plan(district, earlier, ["Enrollment"], check_dependencies=True)
    assert [each.name for each in plan] == ["Calendar", "ScheduleStructure", "Enrollment"]


def test_a_year_that_the_zone_does_not_sync_offers_nothing(district: District, earlier: SchoolYear) -> None:
    district.zone.syncs_previous_year = False
    assert offered_names(district, earlier) == frozenset()
    with pytest.raises(ResyncRefused) as refusal:
        make_plan(district, earlier, ["Enrollment"], check_dependencies=True)
    assert str(refusal.value) == (
        "The zone of District T1 does not sync the school year 2022-2023: it is scoped to 2023-2024. "
        "Load the page again, or ask the state to open that year on the page Zones."
    )


@pytest.mark.parametrize(
    ("objects", "sentence"),
    [
        (
            ["Enrollment", "PersonIdentity", "School"],
            "School, PersonIdentity are not bound to a school year, so only the current school year (2023-2024) "
            "resyncs what is in there. Choose it in the field Year.",
        ),
        (
            ["Roster"],
            "Roster is not set to sync for the previous school year (2022-2023). The state sets this on the page "
            "School Year Settings.",
        ),
        (
            ["Enrollment", "TEDSKY"],
            "TEDSKY cannot be resynced for District T1: its state takes no such records in a batch.",
        ),
    ],
)
def test_a_refusal_in_another_year_says_why(
    district: District, earlier: SchoolYear, objects: list[str], sentence: str
) -> None:
    with pytest.raises(ResyncRefused) as refusal:
        make_plan(district, earlier, objects, check_dependencies=True)
    assert str(refusal.value) == sentence


def test_every_reason_of_a_refusal_is_told(district: District, earlier: SchoolYear) -> None:
    with pytest.raises(ResyncRefused) as refusal:
        make_plan(district, earlier, ["School", "Roster"], check_dependencies=True)
    assert "School is not bound to a school year" in str(refusal.value)
    assert "Roster is not set to sync for the previous school year" in str(refusal.value)


def test_a_year_for_which_nothing_is_set_is_refused_with_the_page_that_sets_it(district: District) -> None:
    district.zone.syncs_next_year = True
    with pytest.raises(ResyncRefused, match="No object is set to sync for the next school year .2024-2025."):
        make_plan(district, SchoolYear(end_year=2025), [], check_dependencies=True)
