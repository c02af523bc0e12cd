"""The catalogue against the documents."""

import pytest

from dis_objects.catalogue import definition, definitions, hierarchy
from dis_objects.exceptions import UnknownObject
from tests.dis_objects import seed_names
from tests.dis_objects.seed_hierarchy import SEED_ROWS

# Seed 000 marks an immediate parent with an asterisk. Three rows have more than one, or an unmarked one.
STARRED = {
    "FRYSCGroupStatusKY": ("PersonIdentity", "FRYSCGroupProgramKY"),
    "TestScore": ("PersonIdentity", "Test"),
    "Roster": ("StructureGradeLevel", "Enrollment"),
}


def test_the_table_has_55_rows():
    assert len(SEED_ROWS) == 55


@pytest.mark.parametrize("name", SEED_ROWS)
def test_parents_are_those_of_the_row_in_its_order(name):
    assert hierarchy().parents(name) == SEED_ROWS[name]


@pytest.mark.parametrize("name", SEED_ROWS)
def test_immediate_parents_are_the_starred_ones(name):
    assert hierarchy().immediate_parents(name) == STARRED.get(name, SEED_ROWS[name][-1:])


@pytest.mark.parametrize("name", SEED_ROWS)
def test_children_are_the_rows_that_name_it_as_a_parent(name):
    children = set(hierarchy().children(name)) & SEED_ROWS.keys()
    assert children == {other for other, parents in SEED_ROWS.items() if name in parents}


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *SEED_ROWS,
            *seed_names.DISTRICT_SCREENS,
            *seed_names.STATE_SCREEN,
            *seed_names.FIELD_LISTS,
            *seed_names.STATE_LISTS["NV"],
            *seed_names.STATE_LISTS["NC"],
            *seed_names.BIE_AND_NEVADA,
            *seed_names.CHILD_ONLY,
            *seed_names.VERIFIED,
        }
    ),
)
def test_every_object_of_the_seeds_exists(name):
    assert definition(name).name == seed_names.ALIASES.get(name, name)


@pytest.mark.parametrize(("alias", "name"), seed_names.ALIASES.items())
def test_other_spellings_lead_to_the_same_object(alias, name):
    assert definition(alias) is definition(name)


def test_aliases_belong_to_one_object_and_are_no_names():
    aliases = [alias for each in definitions().values() for alias in each.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & definitions().keys()


def test_unknown_name_says_where_to_look():
    with pytest.raises(UnknownObject, match="named Wizard. manage.py hierarchy"):
        definition("Wizard")


@pytest.mark.parametrize("code", seed_names.STATE_LISTS)
def test_state_specific_objects_belong_to_their_state(code):
    for name in seed_names.STATE_LISTS[code]:
        assert definition(name).applies_to(code)
        assert not definition(name).applies_to("MN")


@pytest.mark.parametrize("name", seed_names.BIE_AND_NEVADA)
def test_attendance_objects_are_the_bies_and_nevadas_only(name):
    assert definition(name).states == ("BIE", "NV")


def test_reporting_entity_is_retired():
    entity = definition("ReportingEntity")
    assert entity.states == ("MT",)
    assert not entity.in_batch


@pytest.mark.parametrize("name", sorted({*seed_names.DISTRICT_SCREENS, *seed_names.STATE_SCREEN}))
def test_what_a_screen_shows_is_offered_in_batch(name):
    assert definition(name).in_batch


@pytest.mark.parametrize(
    "screen", [seed_names.DISTRICT_SCREENS, seed_names.STATE_SCREEN], ids=["district", "state"]
)
def test_order_is_that_of_the_screens(screen):
    # docs/hierarchy.md tells why these two stand elsewhere than on a screen.
    moved = {"Day", "Behavior"}
    expected = [name for name in screen if name not in moved]
    assert [name for name in definitions() if name in expected] == expected


@pytest.mark.parametrize("name", seed_names.VERIFIED)
def test_what_is_verified_has_key_fields(name):
    assert definition(name).verify
