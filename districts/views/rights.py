"""Tool Rights: which group holds which rights on which tool."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from districts.actions import add_group, change_group, delete_group, is_ready_made
from districts.choices import MEANINGS, Right, Tool
from districts.exceptions import ChangeRefused
from districts.forms import GroupForm, NewGroupForm
from districts.groups import GroupFacts, group_for, groups_seen_by, may_change
from districts.matrix import RightsMatrix
from districts.models import District
from districts.queries import has_right, require_right
from districts.requests import SignedInRequest
from districts.toolbar import chosen_district


@require_safe
def tool_rights(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.TOOL_RIGHTS, Right.READ)
    district = chosen_district(request)
    groups = groups_seen_by(request.user, district)
    context = {
        "matrix": RightsMatrix(groups, request.user),
        "district": district,
        "meanings": _meanings(),
        "can_change": has_right(request.user, Tool.TOOL_RIGHTS, Right.WRITE),
        "sees_users": has_right(request.user, Tool.USERS, Right.READ),
    }
    return render(request, "districts/tool_rights.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group_add(request: SignedInRequest) -> HttpResponse:
    _require_change(request)
    form = NewGroupForm(request.POST or None, owners=_owners(request))
    if form.is_valid():
        try:
            group = add_group(name=form.cleaned_data["name"], district=form.district, by=request.user)
        except ChangeRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("group", group.pk)
    return render(request, "districts/group_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def group(request: SignedInRequest, group_id: int) -> HttpResponse:
    facts = _group_to_change(request, group_id)
    keeps_name = facts.name if is_ready_made(facts.group) else ""
    form = GroupForm(request.POST or None, keeps_name=keeps_name, initial={"name": facts.name})
    if not form.is_valid():
        return _show(request, facts, form)
    name = form.cleaned_data["name"]
    try:
        change_group(group_id=facts.pk, name=name, rights=form.cleaned_data["rights"], by=request.user)
    except ChangeRefused as refusal:
        form.add_error(None, str(refusal))
        return _show(request, facts, form)
    messages.success(request, f"The rights of {name} are saved. They hold from now on.")
    return redirect("tool_rights")


@require_http_methods(["GET", "HEAD", "POST"])
def group_delete(request: SignedInRequest, group_id: int) -> HttpResponse:
    facts = _group_to_change(request, group_id)
    if request.method != "POST":
        context = {"facts": facts, "is_ready_made": is_ready_made(facts.group)}
        return render(request, "districts/group_delete.html", context)
    try:
        delete_group(group_id=facts.pk, by=request.user)
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The group {facts.name} is deleted.")
    return redirect("tool_rights")


def _require_change(request: SignedInRequest) -> None:
    require_right(request.user, Tool.TOOL_RIGHTS, Right.READ)
    require_right(request.user, Tool.TOOL_RIGHTS, Right.WRITE)


def _group_to_change(request: SignedInRequest, group_id: int) -> GroupFacts:
    _require_change(request)
    facts = group_for(request.user, group_id)
    if not may_change(request.user, facts.district):
        raise PermissionDenied("The groups of the state are changed by the state alone.")
    return facts


def _owners(request: SignedInRequest) -> list[District | None]:
    """Whose groups the user may add to: a state user those of the state, and of the district that they look at."""
    district = chosen_district(request)
    if not request.user.is_state_user:
        return [district]
    return [None, district] if district else [None]


def _show(request: SignedInRequest, facts: GroupFacts, form: GroupForm) -> HttpResponse:
    ticked = form.cleaned_data.get("rights") if form.is_bound else None
    groups = groups_seen_by(request.user, facts.district)
    context: dict[str, Any] = {
        "facts": facts,
        "form": form,
        "matrix": RightsMatrix(groups, request.user, edited=facts, ticked=ticked),
        "is_ready_made": is_ready_made(facts.group),
    }
    return render(request, "districts/group.html", context, status=422 if form.errors else 200)


def _meanings() -> list[tuple[Tool, list[tuple[Right, str]]]]:
    return [(tool, list(rights.items())) for tool, rights in MEANINGS.items()]
