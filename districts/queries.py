"""What a person may see and do. Every view gets its district through `district_for`."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404

from districts.choices import MEANINGS, Right, Tool
from districts.models import District, ToolRight, User

EVERY_RIGHT = frozenset((tool.value, right.value) for tool, rights in MEANINGS.items() for right in rights)


def rights_of(user: User) -> frozenset[tuple[str, str]]:
    """(tool, right) pairs of the user's groups; read once per request, so it is kept on the user object."""
    cached: frozenset[tuple[str, str]] | None = getattr(user, "_tool_rights", None)
    if cached is None:
        # The group of another district gives nothing, however its user came into it.
        here = Q(group__district_group=None) | Q(group__district_group__district=user.district_id)
        pairs = ToolRight.objects.filter(here, group__user=user).values_list("tool", "right")
        cached = frozenset(pairs)
        user._tool_rights = cached  # type: ignore[attr-defined]
    return cached


def held_rights(user: User) -> frozenset[tuple[str, str]]:
    """What the user may do, and so may give to others: all there is for the first account of an installation."""
    if not user.is_active:
        return frozenset()
    return EVERY_RIGHT if user.is_superuser else rights_of(user)


def has_right(user: User, tool: Tool, right: Right) -> bool:
    """The first account of an installation is a superuser: it has every right, before there are any groups."""
    return user.is_active and (user.is_superuser or (tool.value, right.value) in rights_of(user))


def require_right(user: User, tool: Tool, right: Right) -> None:
    """Raises PermissionDenied, which answers 403."""
    if not has_right(user, tool, right):
        raise PermissionDenied(f"You do not have the right {right.label} on {tool.label}.")


def districts_of(user: User) -> QuerySet[District]:
    """The districts that the user may see: their own, or all for a state user."""
    everything = District.objects.select_related("state", "zone__school_year").order_by("number")
    return everything if user.district_id is None else everything.filter(pk=user.district_id)


def district_matches(words: str) -> Q:
    """A condition on districts: the name or the number has each of the words that somebody typed."""
    condition = Q()
    # PostgreSQL takes no NUL in a text, and no name has one.
    for word in words.replace("\0", " ").split():
        condition &= Q(name__icontains=word) | Q(number__icontains=word)
    return condition


def district_for(user: User, number: str | None = None) -> District:
    """The user's own district, or the one that a state user names.

    Another district's number answers exactly as an unknown one: 404.
    """
    districts = districts_of(user)
    if number is not None:
        districts = districts.filter(number=number)
    district = districts.first()
    if district is None:
        raise Http404("There is no such district.")
    return district


def users_with_right(tool: Tool, right: Right, district_ids: Collection[int] = ()) -> QuerySet[User]:
    """Active users of these districts, or of the state where none is named, who have the right through a group."""
    return _with_right(tool, right, Q(district_id__in=district_ids) if district_ids else Q(district_id=None))


def ids_with_right(tool: Tool, right: Right, district_ids: Collection[int] = ()) -> list[int]:
    return list(users_with_right(tool, right, district_ids).values_list("pk", flat=True))


def asker_with_right(
    asker_id: int | None, tool: Tool, right: Right, district_id: int | None = None
) -> list[int]:
    """Who asked for something, in a list, if they are active, of the state or of this district, and have the right by
    now. Else nobody: while it was done, they may have left, moved, or lost the right."""
    asker = Q(pk=asker_id) & (Q(district_id=None) | Q(district_id=district_id))
    return list(_with_right(tool, right, asker).values_list("pk", flat=True))


def _with_right(tool: Tool, right: Right, where: Q) -> QuerySet[User]:
    here = Q(groups__district_group=None) | Q(groups__district_group__district=F("district_id"))
    given = here & Q(groups__tool_rights__tool=tool, groups__tool_rights__right=right)
    return User.objects.filter(where, given | Q(is_superuser=True), is_active=True).distinct()


def users_of(by: User) -> QuerySet[User]:
    """The users that a person may see: those of their own district, or all for a state user."""
    everybody = User.objects.select_related("district").order_by("username")
    return everybody if by.district_id is None else everybody.filter(district_id=by.district_id)


def user_for(by: User, user_id: int) -> User:
    """Another district's user answers exactly as an unknown one: 404."""
    user = users_of(by).filter(pk=user_id).first()
    if user is None:
        raise Http404("There is no such user.")
    return user


def rights_beyond(by: User, user: User) -> bool:
    """Whether the user may do something that `by` may not. Then `by` leaves the account alone: who can make a sign-in
    link for it would have its rights too. A disabled account counts with the rights that it had."""
    if user.is_superuser or by.is_superuser:
        return not by.is_superuser
    return not rights_of(user) <= rights_of(by)
