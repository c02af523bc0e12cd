"""Users: who may sign in, where they belong, and in which groups they are."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from districts.actions import (
    BEYOND,
    add_user,
    change_user,
    disable_user,
    enable_user,
    renew_sign_in_link,
)
from districts.authentication import sign_in_address
from districts.choices import Right, Tool
from districts.exceptions import ChangeRefused
from districts.forms import UserFilterForm, UserForm, UserHome, UserSearchForm, UserState
from districts.groups import groups_seen_by, names_of
from districts.matrix import given_letters
from districts.models import District, User
from districts.queries import (
    EVERY_RIGHT,
    has_right,
    require_right,
    rights_beyond,
    rights_of,
    user_for,
    users_of,
)
from districts.requests import SignedInRequest
from districts.tables import UserTable, paginate
from districts.toolbar import chosen_district

_PER_PAGE = 50
_FIND = "users_find"


@require_http_methods(["GET", "HEAD", "POST"])
def users(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.USERS, Right.READ)
    if request.method == "POST":
        return _search(request)
    district = chosen_district(request)
    filter_form = UserFilterForm(
        request.GET, groups=groups_seen_by(request.user, district), has_homes=district is None
    )
    find = request.session.get(_FIND, "")
    listed = _listed(request.user, district, find=find, **filter_form.wanted)
    table = UserTable(listed, exclude=() if district is None else ("district",))
    paginate(table, request, _PER_PAGE)
    context = {
        "table": table,
        "filter": filter_form,
        "find": find,
        "district": district,
        "can_add": has_right(request.user, Tool.USERS, Right.ADD),
    }
    return render(request, "districts/users.html", context)


@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
def user_add(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.USERS, Right.READ)
    require_right(request.user, Tool.USERS, Right.ADD)
    form = _form_to_add(request)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_user(details=form.details, group_ids=form.cleaned_data["groups"], by=request.user)
        except ChangeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show_link(request, added, is_new=True)
    return render(request, "districts/user_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def user(request: SignedInRequest, user_id: int) -> HttpResponse:
    require_right(request.user, Tool.USERS, Right.READ)
    shown = user_for(request.user, user_id)
    if request.method != "POST":
        return _show(request, shown, _form_to_change(request, shown))
    require_right(request.user, Tool.USERS, Right.WRITE)
    form = UserForm(request.POST, instance=user_for(request.user, user_id), by=request.user)
    if not form.is_valid():
        return _show(request, shown, form)
    try:
        change_user(
            user_id=user_id, details=form.details, group_ids=form.cleaned_data["groups"], by=request.user
        )
    except ChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return _show(request, shown, form)
    messages.success(request, "The user is saved. Changed rights hold from now on.")
    return redirect("user", user_id)


@require_POST
def user_sign_in_link(request: SignedInRequest, user_id: int) -> HttpResponse:
    _require_change(request, Right.WRITE)
    user_for(request.user, user_id)
    try:
        renewed = renew_sign_in_link(user_id=user_id, by=request.user)
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("user", user_id)
    return _show_link(request, renewed, is_new=False)


@require_http_methods(["GET", "HEAD", "POST"])
def user_disable(request: SignedInRequest, user_id: int) -> HttpResponse:
    _require_change(request, Right.DELETE)
    shown = user_for(request.user, user_id)
    if request.method != "POST":
        return render(request, "districts/user_disable.html", {"shown": shown})
    try:
        disable_user(user_id=user_id, by=request.user)
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The user is disabled, and signed out wherever they were signed in.")
    return redirect("user", user_id)


@require_POST
def user_enable(request: SignedInRequest, user_id: int) -> HttpResponse:
    _require_change(request, Right.DELETE)
    user_for(request.user, user_id)
    try:
        enable_user(user_id=user_id, by=request.user)
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The user is enabled and can sign in again.")
    return redirect("user", user_id)


def _require_change(request: SignedInRequest, right: Right) -> None:
    require_right(request.user, Tool.USERS, Right.READ)
    require_right(request.user, Tool.USERS, right)


def _search(request: SignedInRequest) -> HttpResponse:
    form = UserSearchForm(request.POST)
    request.session[_FIND] = form.cleaned_data["find"] if form.is_valid() else ""
    query = request.GET.copy()
    query.pop("page", None)
    return redirect(reverse("users", query=query))


def _listed(
    by: User, district: District | None, *, find: str, state: str | None, home: str | None, group: int | None
) -> QuerySet[User]:
    listed = users_of(by).prefetch_related("groups__district_group__district")
    if district:
        listed = listed.filter(district=district)
    if home:
        listed = listed.filter(district__isnull=home == UserHome.STATE)
    if state != UserState.ALL:
        listed = listed.filter(is_active=state != UserState.DISABLED)
    if group is not None:
        listed = listed.filter(groups=group)
    for word in find.split():
        listed = listed.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    return listed


def _form_to_add(request: SignedInRequest) -> UserForm:
    if request.method == "POST":
        return UserForm(request.POST, by=request.user)
    district = chosen_district(request)
    return UserForm(by=request.user, initial=_asked_for(request, district.pk if district else ""))


def _form_to_change(request: SignedInRequest, shown: User) -> UserForm:
    groups = list(shown.groups.values_list("pk", flat=True))
    initial = _asked_for(request, shown.district_id or "", groups)
    return UserForm(instance=user_for(request.user, shown.pk), by=request.user, initial=initial)


def _asked_for(request: SignedInRequest, district: int | str, groups: Sequence[int] = ()) -> dict[str, Any]:
    """What the form begins with. When a state user chooses another district, the page asks for the groups that go with
    it, and says what is ticked."""
    if "district" not in request.GET:
        return {"district": district, "groups": groups}
    return {"district": request.GET["district"], "groups": request.GET.getlist("groups")}


def _show(request: SignedInRequest, shown: User, form: UserForm) -> HttpResponse:
    is_beyond = rights_beyond(request.user, shown)
    may_delete = has_right(request.user, Tool.USERS, Right.DELETE) and not is_beyond
    can_change = has_right(request.user, Tool.USERS, Right.WRITE) and not is_beyond
    is_other = shown != request.user
    context = {
        "shown": shown,
        "form": form,
        "beyond": BEYOND if is_beyond else "",
        "can_change": can_change,
        "can_disable": may_delete and is_other and shown.is_active,
        "can_enable": may_delete and not shown.is_active,
        "can_renew": can_change and is_other and shown.is_active and not shown.is_demo,
        "groups": names_of(shown.groups.select_related("district_group__district")),
        "rights": given_letters(_rights(shown)),
    }
    return render(request, "districts/user.html", context, status=422 if form.errors else 200)


def _rights(shown: User) -> frozenset[tuple[str, str]]:
    """What the user holds, or would hold if they were not disabled."""
    return EVERY_RIGHT if shown.is_superuser else rights_of(shown)


@sensitive_variables()
def _show_link(request: SignedInRequest, user: User, *, is_new: bool) -> HttpResponse:
    """Not after a redirect: neither an address nor a message of the session may hold the link."""
    context = {
        "shown": user,
        "is_new": is_new,
        "link": request.build_absolute_uri(sign_in_address(user)),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
    }
    return render(request, "districts/user_link.html", context)
