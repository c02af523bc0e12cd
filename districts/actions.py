"""What changes people and their rights. Each change is refused with ChangeRefused, or PermissionDenied for lack of a
right; views may have asked before, but minutes ago."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from districts.choices import Right, Tool
from districts.exceptions import ChangeRefused
from districts.groups import (
    GroupFacts,
    assignable_groups,
    group_for,
    may_change,
    stored_name,
)
from districts.guard import changing_people
from districts.models import USER_NAME_TAKEN, District, DistrictGroup, ToolRight, User
from districts.queries import held_rights, require_right, rights_beyond, user_for
from districts.signals import tell

DISTRICT_ADMINISTRATOR = "District Administrator"
DISTRICT_VIEWER = "District Viewer"
STATE_ADMINISTRATOR = "State Administrator"
STATE_VIEWER = "State Viewer"

BEYOND = "This user holds rights that you do not hold. Ask somebody who holds them to change the account."

# The letters of the rights on each tool.
Rights: TypeAlias = Mapping[Tool, str]

# The rights that an installation's groups begin with. Batch: Read shows the results, Write sends (seed 003).
_SEE = {
    Tool.BATCH: "R",
    Tool.SELECTIVE_SYNC: "R",
    Tool.VERIFICATION: "R",
    Tool.AGENTS: "R",
    Tool.ERROR_LOG: "R",
    Tool.FIELD_SETTINGS: "R",
    Tool.ZONES: "R",
    Tool.ATTENDANCE_REFRESH: "R",
}
_ADMINISTER = {
    Tool.BATCH: "RW",
    Tool.SELECTIVE_SYNC: "RWD",
    Tool.VERIFICATION: "RWAD",
    Tool.AGENTS: "R",
    Tool.ERROR_LOG: "RD",
    Tool.FIELD_SETTINGS: "R",
    Tool.ZONES: "RW",
    Tool.ATTENDANCE_REFRESH: "RW",
    Tool.TOOL_RIGHTS: "RW",
    Tool.USERS: "RWAD",
    Tool.AUDIT_LOG: "R",
}
_READY_MADE: Mapping[str, Rights] = {
    DISTRICT_ADMINISTRATOR: _ADMINISTER,
    DISTRICT_VIEWER: _SEE,
    STATE_ADMINISTRATOR: _ADMINISTER
    | {Tool.FIELD_SETTINGS: "RW", Tool.ATTENDANCE_SCHEDULE: "RW", Tool.VERIFICATION_SETTINGS: "RW"},
    STATE_VIEWER: _SEE | {Tool.ATTENDANCE_SCHEDULE: "R", Tool.VERIFICATION_SETTINGS: "R"},
}


@transaction.atomic
def ensure_ready_made_groups() -> dict[str, Group]:
    """The groups that an installation starts with, by name. A group that is there keeps the rights it has."""
    groups = {}
    for name, tools in _READY_MADE.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            _give(group, tools)
        groups[name] = group
    return groups


def _give(group: Group, tools: Rights) -> None:
    ToolRight.objects.bulk_create(
        ToolRight(group=group, tool=tool, right=letter)
        for tool, letters in tools.items()
        for letter in letters
    )


def is_ready_made(group: Group) -> bool:
    """Such a group keeps its name: the next migration would make it again."""
    return group.name in _READY_MADE


def add_group(*, name: str, district: District | None, by: User) -> Group:
    """A group without rights, of the district or of the state."""
    with changing_people(by) as person:
        _require_group_change(person, district)
        _refuse_taken_group_name(name, district)
        group = Group.objects.create(name=stored_name(name, district))
        if district:
            DistrictGroup.objects.create(group=group, district=district)
        tell("group_added", by=person, district=district, key=group.pk)
    return group


def change_group(*, group_id: int, name: str, rights: Collection[tuple[str, str]], by: User) -> None:
    """Gives the group this name and exactly these rights. What `by` does not hold themself stays as it is: it can
    neither be given nor taken."""
    with changing_people(by) as person:
        group = group_for(person, group_id)
        _require_group_change(person, group.district)
        _rename(group, name)
        given = set(rights) - group.rights
        _refuse_giving(person, given)
        taken = (group.rights - set(rights)) & held_rights(person)
        for tool, right in taken:
            ToolRight.objects.filter(group=group.group, tool=tool, right=right).delete()
        ToolRight.objects.bulk_create(
            ToolRight(group=group.group, tool=tool, right=right) for tool, right in sorted(given)
        )
        facts = {"given": _letters(given), "taken": _letters(taken)}
        tell("group_changed", by=person, district=group.district, key=group.pk, facts=facts)


def _letters(rights: Collection[tuple[str, str]]) -> list[str]:
    return sorted(f"{tool}:{right}" for tool, right in rights)


def delete_group(*, group_id: int, by: User) -> None:
    """Deletes a group; who is in it loses the rights that no other group gives them."""
    with changing_people(by) as person:
        group = group_for(person, group_id)
        _require_group_change(person, group.district)
        if is_ready_made(group.group):
            raise ChangeRefused(f"{group.name} is one of the groups that come with Upstate, and stays.")
        if not group.rights <= held_rights(person):
            raise ChangeRefused(
                f"{group.name} holds rights that you do not hold, so it is not yours to delete. Ask somebody who "
                "holds them."
            )
        facts = {"taken": _letters(group.rights)}
        tell("group_deleted", by=person, district=group.district, key=group.pk, facts=facts)
        group.group.delete()


def _require_group_change(by: User, district: District | None) -> None:
    require_right(by, Tool.TOOL_RIGHTS, Right.WRITE)
    if not may_change(by, district):
        raise PermissionDenied("The groups of the state are changed by the state alone.")


def _rename(group: GroupFacts, name: str) -> None:
    if name == group.name:
        return
    if is_ready_made(group.group):
        raise ChangeRefused(f"{group.name} is one of the groups that come with Upstate, and keeps its name.")
    _refuse_taken_group_name(name, group.district, besides=[group.pk])
    Group.objects.filter(pk=group.pk).update(name=stored_name(name, group.district))


def _refuse_taken_group_name(name: str, district: District | None, besides: Collection[int] = ()) -> None:
    taken = Group.objects.filter(name__iexact=stored_name(name, district))
    if taken.exclude(pk__in=besides).exists():
        raise ChangeRefused(f"There is a group {name} already. Choose another name.")


def _refuse_giving(by: User, rights: set[tuple[str, str]]) -> None:
    for tool, right in sorted(rights - held_rights(by)):
        raise ChangeRefused(
            f"You do not hold the right {Right(right).label} on {Tool(tool).label}, so you cannot give it."
        )


@dataclass(frozen=True)
class Details:
    """What an administrator enters of a user. Without a district the user belongs to the state."""

    username: str
    first_name: str
    last_name: str
    email: str
    district: District | None


def add_user(*, details: Details, group_ids: Collection[int], by: User) -> User:
    """A user without a password: a sign-in link lets them choose one."""
    with changing_people(by) as person:
        require_right(person, Tool.USERS, Right.ADD)
        _refuse_foreign_district(person, details.district)
        _refuse_taken_user_name(details.username)
        user = User.objects.create(**_columns(details), password=make_password(None))
        user.groups.set(_assigned(person, details.district, group_ids))
        tell(
            "user_added",
            by=person,
            district=user.district,
            key=user.pk,
            facts={"groups": sorted(set(group_ids))},
        )
    return user


def change_user(*, user_id: int, details: Details, group_ids: Collection[int], by: User) -> None:
    """Gives the user these details and exactly these groups. Whoever changes the district is signed out everywhere,
    because open pages may show the former one's."""
    with changing_people(by) as person:
        require_right(person, Tool.USERS, Right.WRITE)
        user = _administered(person, user_id)
        _refuse_foreign_district(person, details.district)
        _refuse_taken_user_name(details.username, besides=[user.pk])
        moves = user.district != details.district
        if moves and user == person:
            raise ChangeRefused("You cannot move yourself to another district. Ask another administrator.")
        User.objects.filter(pk=user.pk).update(
            **_columns(details), sign_ins_ended=F("sign_ins_ended") + int(moves)
        )
        user.groups.set(_assigned(person, details.district, group_ids))
        facts = {"groups": sorted(set(group_ids)), "moved": moves}
        tell("user_changed", by=person, district=details.district, key=user.pk, facts=facts)


def disable_user(*, user_id: int, by: User) -> None:
    """Ends all open sign-ins, for good: enabling the account again does not bring them back."""
    with changing_people(by) as person:
        require_right(person, Tool.USERS, Right.DELETE)
        user = _administered(person, user_id)
        if user == person:
            raise ChangeRefused("You cannot disable yourself. Ask another administrator to do it.")
        User.objects.filter(pk=user.pk, is_active=True).update(
            is_active=False, sign_ins_ended=F("sign_ins_ended") + 1
        )
        tell("user_disabled", by=person, district=user.district, key=user.pk)


def enable_user(*, user_id: int, by: User) -> None:
    with changing_people(by) as person:
        require_right(person, Tool.USERS, Right.DELETE)
        user = _administered(person, user_id)
        User.objects.filter(pk=user.pk, is_active=False).update(is_active=True)
        tell("user_enabled", by=person, district=user.district, key=user.pk)


def renew_sign_in_link(*, user_id: int, by: User) -> User:
    """The user with whom the next link is made. Earlier links and open sign-ins end: the link is asked for when a
    password is forgotten, or known to somebody else."""
    with changing_people(by) as person:
        require_right(person, Tool.USERS, Right.WRITE)
        user = _administered(person, user_id)
        _refuse_sign_in_link(user, person)
        User.objects.filter(pk=user.pk).update(sign_ins_ended=F("sign_ins_ended") + 1)
        user.refresh_from_db()
        tell("sign_in_link_made", by=person, district=user.district, key=user.pk)
    return user


def _columns(details: Details) -> dict[str, object]:
    columns = {name: getattr(details, name) for name in ("username", "first_name", "last_name", "email")}
    return columns | {"district": details.district}


def _administered(by: User, user_id: int) -> User:
    user = user_for(by, user_id)
    if rights_beyond(by, user):
        raise ChangeRefused(BEYOND)
    return user


def _assigned(by: User, district: District | None, group_ids: Collection[int]) -> list[Group]:
    offered = {each.pk: each.group for each in assignable_groups(by, district)}
    if not set(group_ids) <= offered.keys():
        raise ChangeRefused(
            "One of these groups cannot be given to this user: it belongs to another district, or holds a right that "
            "you do not hold. Load the page again, then choose once more."
        )
    return [offered[each] for each in group_ids]


def _refuse_foreign_district(by: User, district: District | None) -> None:
    if not by.is_state_user and district != by.district:
        raise PermissionDenied("The users of your own district are yours to change, and no others.")


def _refuse_taken_user_name(name: str, besides: Collection[int] = ()) -> None:
    if User.objects.filter(username__iexact=name).exclude(pk__in=besides).exists():
        raise ChangeRefused(USER_NAME_TAKEN)


def _refuse_sign_in_link(user: User, by: User) -> None:
    if user.is_demo:
        raise ChangeRefused("The password of a demo account is published, and stays as it is.")
    if not user.is_active:
        raise ChangeRefused("This account is disabled. Enable it first, then make the link.")
    if user == by:
        raise ChangeRefused("You are signed in. Change your own password under My account.")
