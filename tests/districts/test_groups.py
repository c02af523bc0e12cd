"""Which groups somebody sees and changes, and that nobody gives what they do not hold."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404

from districts.actions import (
    DISTRICT_ADMINISTRATOR,
    add_group,
    change_group,
    delete_group,
    ensure_ready_made_groups,
)
from districts.choices import Right, Tool
from districts.exceptions import ChangeRefused
from districts.groups import assignable_groups, group_for, groups_seen_by, names_of
from districts.models import District, ToolRight, User
from districts.queries import has_right, users_with_right
from tests.factories.user import GroupFactory, UserFactory

pytestmark = pytest.mark.django_db

EVERYTHING = "Every tool RWAD"


def names(groups: object) -> set[str]:
    return {each.name for each in groups}  # type: ignore[attr-defined]


def rights_of_group(group: Group) -> set[tuple[str, str]]:
    return set(ToolRight.objects.filter(group=group).values_list("tool", "right"))


def test_a_district_sees_the_states_groups_that_concern_it_and_its_own(
    admin: User, abbott: District, state_admin: User
) -> None:
    Group.objects.all().delete()
    admin.groups.add(GroupFactory(name="Mine", tool=Tool.TOOL_RIGHTS, rights="RW"))
    GroupFactory(name="To be given", tool=Tool.TOOL_RIGHTS, rights="R")
    GroupFactory(name="Beyond us", rights="W")
    UserFactory(district=admin.district, rights="").groups.add(GroupFactory(name="Held here", rights="R"))
    state_admin.groups.add(GroupFactory(name="Everybody's", tool=Tool.TOOL_RIGHTS, rights="RW"))
    own = add_group(name="Counselors", district=admin.district, by=admin)
    add_group(name="Registrars", district=abbott, by=state_admin)

    seen = groups_seen_by(admin, admin.district)

    assert names(seen) == {"Mine", "To be given", "Held here", "Everybody's", "Counselors"}
    assert names_of([own]) == ["Counselors"]


def test_the_states_groups_come_first(admin: User) -> None:
    add_group(name="AAA", district=admin.district, by=admin)
    assert [each.district for each in groups_seen_by(admin, admin.district)][-1] == admin.district


def test_a_district_counts_only_its_own_people(admin: User, state_admin: User) -> None:
    UserFactory(rights="", everywhere="RWAD")
    [here] = [each for each in groups_seen_by(admin, admin.district) if each.name == EVERYTHING]
    [everywhere] = [each for each in groups_seen_by(state_admin, None) if each.name == EVERYTHING]
    assert (here.members, everywhere.members) == (1, 3)


def test_a_foreign_group_answers_as_an_unknown_one(admin: User, abbott: District, state_admin: User) -> None:
    foreign = add_group(name="Registrars", district=abbott, by=state_admin)
    answers = set()
    for group_id in (foreign.pk, 987_654):
        with pytest.raises(Http404) as answer:
            group_for(admin, group_id)
        answers.add(str(answer.value))
    assert len(answers) == 1


def test_two_districts_use_one_name_and_do_not_learn_of_it(
    admin: User, abbott: District, state_admin: User
) -> None:
    theirs = add_group(name="Counselors", district=abbott, by=state_admin)
    ours = add_group(name="Counselors", district=admin.district, by=admin)
    assert names_of([theirs, ours]) == ["Counselors", "Counselors"]
    with pytest.raises(ChangeRefused, match="There is a group counselors already"):
        add_group(name="counselors", district=admin.district, by=admin)


def test_a_group_gives_nothing_to_a_user_of_another_district(abbott: District, state_admin: User) -> None:
    group = add_group(name="Registrars", district=abbott, by=state_admin)
    ToolRight.objects.create(group=group, tool=Tool.BATCH, right=Right.READ)
    foreigner, native = UserFactory(rights=""), UserFactory(rights="", district=abbott)
    for user in (foreigner, native):
        user.groups.add(group)
    assert has_right(native, Tool.BATCH, Right.READ)
    assert not has_right(foreigner, Tool.BATCH, Right.READ)
    districts = [abbott.pk, foreigner.district_id]
    assert list(users_with_right(Tool.BATCH, Right.READ, districts)) == [native]


def test_groups_of_the_state_are_changed_by_the_state_alone(admin: User) -> None:
    group = GroupFactory(rights="R")
    with pytest.raises(PermissionDenied):
        change_group(group_id=group.pk, name=group.name, rights=[], by=admin)
    with pytest.raises(PermissionDenied):
        delete_group(group_id=group.pk, by=admin)
    with pytest.raises(PermissionDenied):
        add_group(name="Ours", district=None, by=admin)
    assert rights_of_group(group) == {("batch", "R")}


def test_the_state_changes_the_groups_of_districts(admin: User, state_admin: User) -> None:
    group = add_group(name="Counselors", district=admin.district, by=admin)
    change_group(group_id=group.pk, name="Advisers", rights=[("batch", "R")], by=state_admin)
    group.refresh_from_db()
    assert names_of([group]) == ["Advisers"]
    assert rights_of_group(group) == {("batch", "R")}


def test_who_may_only_look_changes_no_group(campus: District) -> None:
    reader = UserFactory(district=campus, rights="", everywhere="R")
    with pytest.raises(PermissionDenied, match="Write on Tool Rights"):
        add_group(name="Ours", district=campus, by=reader)


def test_nobody_gives_a_group_what_they_do_not_hold(campus: District) -> None:
    manager = UserFactory(district=campus, rights="R")
    manager.groups.add(GroupFactory(tool=Tool.TOOL_RIGHTS, rights="RW"))
    group = add_group(name="Ours", district=campus, by=manager)
    with pytest.raises(ChangeRefused, match="do not hold the right Write on Resync State Data - Batch"):
        change_group(group_id=group.pk, name="Ours", rights=[("batch", "R"), ("batch", "W")], by=manager)
    assert rights_of_group(group) == set()


def test_rights_that_one_does_not_hold_stay_where_they_are(campus: District, state_admin: User) -> None:
    manager = UserFactory(district=campus, rights="R")
    manager.groups.add(GroupFactory(tool=Tool.TOOL_RIGHTS, rights="RW"))
    group = add_group(name="Ours", district=campus, by=manager)
    change_group(group_id=group.pk, name="Ours", rights=[("batch", "R"), ("batch", "W")], by=state_admin)

    change_group(group_id=group.pk, name="Ours", rights=[], by=manager)

    assert rights_of_group(group) == {("batch", "W")}
    with pytest.raises(ChangeRefused, match="rights that you do not hold"):
        delete_group(group_id=group.pk, by=manager)


def test_only_groups_within_ones_own_rights_are_offered(campus: District) -> None:
    manager = UserFactory(district=campus, rights="R")
    GroupFactory(name="Batch RW", rights="RW")
    assert names(assignable_groups(manager, campus)) == {"Batch R"}


def test_deleting_a_group_takes_its_rights_from_its_users(admin: User, teacher: User) -> None:
    group = add_group(name="Ours", district=admin.district, by=admin)
    change_group(group_id=group.pk, name="Ours", rights=[("batch", "W")], by=admin)
    teacher.groups.add(group)
    delete_group(group_id=group.pk, by=admin)
    assert not has_right(User.objects.get(pk=teacher.pk), Tool.BATCH, Right.WRITE)


def test_a_ready_made_group_keeps_its_name_and_stays(state_admin: User) -> None:
    group = ensure_ready_made_groups()[DISTRICT_ADMINISTRATOR]
    with pytest.raises(ChangeRefused, match="come with Upstate"):
        change_group(group_id=group.pk, name="Helpers", rights=[], by=state_admin)
    with pytest.raises(ChangeRefused, match="come with Upstate"):
        delete_group(group_id=group.pk, by=state_admin)
    assert Group.objects.filter(name=DISTRICT_ADMINISTRATOR).exists()


@pytest.mark.parametrize("tool", [Tool.TOOL_RIGHTS, Tool.USERS])
def test_nobody_takes_their_own_last_right_to_administer(state_admin: User, tool: Tool) -> None:
    UserFactory(district=None, rights="", everywhere="RWAD")
    person = UserFactory(district=None, rights="", everywhere="R")
    for each in (Tool.TOOL_RIGHTS, Tool.USERS):
        person.groups.add(GroupFactory(name=f"W {each}", tool=each, rights="W"))
    group = Group.objects.get(name=f"W {tool}")
    before = rights_of_group(group)
    refusal = f"would take the right Write on {tool.label} from yourself"
    with pytest.raises(ChangeRefused, match=refusal):
        change_group(group_id=group.pk, name=group.name, rights=[], by=person)
    with pytest.raises(ChangeRefused, match=refusal):
        delete_group(group_id=group.pk, by=person)
    assert rights_of_group(group) == before


def test_a_right_that_another_group_gives_too_can_be_taken(state_admin: User) -> None:
    second = GroupFactory(name="second", tool=Tool.TOOL_RIGHTS, rights="W")
    state_admin.groups.add(second)
    change_group(group_id=second.pk, name="second", rights=[], by=state_admin)
    assert rights_of_group(second) == set()


def test_the_first_account_changes_every_group(admin: User) -> None:
    first = User.objects.create_superuser("operator")
    group = add_group(name="Ours", district=admin.district, by=first)
    change_group(group_id=group.pk, name="Ours", rights=[("attendance_schedule", "W")], by=first)
    assert rights_of_group(group) == {("attendance_schedule", "W")}
