"""Which groups a person sees and may give, and what these hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404

from districts.models import District, User
from districts.queries import held_rights

# Between a district's id and the name: two districts may use one name, although Group.name is unique.
_SEPARATOR = "/"


@dataclass(frozen=True)
class GroupFacts:
    """A group as a person sees it. Without a district it is the state's; `members` are only those that they may see."""

    group: Group
    name: str
    district: District | None
    rights: frozenset[tuple[str, str]]
    members: int

    @property
    def pk(self) -> int:
        return self.group.pk


def stored_name(name: str, district: District | None) -> str:
    return f"{district.pk}{_SEPARATOR}{name}" if district else name


def shown_name(group: Group) -> str:
    return group.name.split(_SEPARATOR, 1)[1] if district_of(group) else group.name


def district_of(group: Group) -> District | None:
    owned = getattr(group, "district_group", None)
    return owned.district if owned else None


def groups_seen_by(by: User, district: District | None) -> list[GroupFacts]:
    """The groups of the state, then those of the district.

    A district's user sees the state's groups that its users are in or that they may give to them, and no other.
    """
    found = [
        _facts(group)
        for group in _groups(by, of=Q(district_group=None) | Q(district_group__district=district))
    ]
    return found if by.is_state_user else [each for each in found if _concerns_district(each, by)]


def group_for(by: User, group_id: int) -> GroupFacts:
    """Another district's group answers exactly as an unknown one: 404."""
    if by.is_state_user:
        seen = [_facts(group) for group in _groups(by, of=Q(pk=group_id))]
    else:
        seen = [each for each in groups_seen_by(by, by.district) if each.pk == group_id]
    if not seen:
        raise Http404("There is no such group.")
    return seen[0]


def may_change(by: User, district: District | None) -> bool:
    """Whether groups of this owner are theirs to change: the state changes all, a district its own."""
    return by.is_state_user or (district is not None and district.pk == by.district_id)


def assignable_groups(by: User, district: District | None) -> list[GroupFacts]:
    """What `by` may give to a user of the district, or of the state: nothing with a right that they do not hold."""
    held = held_rights(by)
    return [each for each in groups_seen_by(by, district) if each.rights <= held]


def names_of(groups: Iterable[Group]) -> list[str]:
    return sorted(shown_name(group) for group in groups)


def _groups(by: User, of: Q) -> QuerySet[Group]:
    mine = Q() if by.is_state_user else Q(user__district=by.district)
    groups = Group.objects.filter(of).annotate(members=Count("user", filter=mine, distinct=True))
    return (
        groups.select_related("district_group__district")
        .prefetch_related("tool_rights")
        .order_by(F("district_group__district__number").asc(nulls_first=True), "name")
    )


def _facts(group: Group) -> GroupFacts:
    return GroupFacts(
        group=group,
        name=shown_name(group),
        district=district_of(group),
        rights=frozenset((each.tool, each.right) for each in group.tool_rights.all()),
        members=group.members,  # type: ignore[attr-defined]
    )


def _concerns_district(facts: GroupFacts, by: User) -> bool:
    return facts.district is not None or facts.members > 0 or facts.rights <= held_rights(by)
