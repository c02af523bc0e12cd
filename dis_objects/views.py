"""Synchronization Field Settings, and the reference of what syncs.

Neither belongs to a district: the catalogue and its settings are one for all, so no view asks for one. Both ask for
Read on Synchronization Field Settings, whose meaning is to see which fields sync and who owns them.
"""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dis_objects import wording
from dis_objects.actions import FieldSetting, change_field_settings
from dis_objects.catalogue import ObjectDefinition, definition, definitions, hierarchy, label
from dis_objects.exceptions import SettingsRefused, UnknownObject
from dis_objects.forms import FieldSettingsForm, FindForm
from dis_objects.queries import count_locked, may_change_settings, objects_with_settings, settings_of
from dis_objects.tables import (
    ExclusionTable,
    FieldSettingsTable,
    ObjectSettingsTable,
    ObjectTable,
    ReferenceTable,
    matches,
)
from districts.choices import Right, Tool
from districts.queries import require_right
from districts.requests import SignedInRequest


@require_safe
def field_settings(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.FIELD_SETTINGS, Right.READ)
    find = FindForm(request.GET).text
    context = {
        "table": ObjectSettingsTable(objects_with_settings(), find=find),
        "find": find,
        "locked": count_locked(),
        "can_change": may_change_settings(request.user),
    }
    return render(request, "dis_objects/field_settings.html", context)


@require_safe
def field_settings_of(request: SignedInRequest, object_name: str) -> HttpResponse:
    require_right(request.user, Tool.FIELD_SETTINGS, Right.READ)
    return _show_settings(request, _object(object_name))


@require_POST
def save_field_settings(request: SignedInRequest, object_name: str) -> HttpResponse:
    require_right(request.user, Tool.FIELD_SETTINGS, Right.WRITE)
    known = _object(object_name)
    form = FieldSettingsForm(request.POST, settings_of(known))
    if not form.is_valid():
        notice = "The form could not be read, so nothing was changed. Make your change once more."
        return _show_settings(request, known, notice=notice)
    settings = form.settings()
    try:
        changes = change_field_settings(
            object_name=known.name, settings=settings, seen=form.cleaned_data["seen"], by=request.user
        )
    except SettingsRefused as refusal:
        return _show_settings(request, known, notice=str(refusal), chosen=settings)
    for sentence in wording.saved(known.name, changes):
        messages.success(request, sentence)
    return redirect("field_settings_of", known.name)


def _show_settings(
    request: SignedInRequest,
    known: ObjectDefinition,
    *,
    notice: str = "",
    chosen: Mapping[str, FieldSetting] | None = None,
) -> HttpResponse:
    current, can_change = settings_of(known), may_change_settings(request.user)
    context = {
        "known": known,
        "table": FieldSettingsTable(current.rows, can_change=can_change, chosen=chosen),
        "locked": sum(row.setting.locked for row in current.rows),
        "version": current.version,
        "can_change": can_change,
        "notice": notice,
    }
    return render(
        request, "dis_objects/field_settings_of_object.html", context, status=422 if notice else 200
    )


@require_safe
def fields_which_sync(request: SignedInRequest) -> HttpResponse:
    """The objects of all states together, then those of single states (seed 002, State-Specific Objects)."""
    require_right(request.user, Tool.FIELD_SETTINGS, Right.READ)
    find = FindForm(request.GET).text
    found = [each for each in definitions().values() if matches(each.name, find)]
    general = [each for each in found if not each.states]
    of_states = [
        (code, name, [each for each in found if code in each.states])
        for code, name in wording.STATE_NAMES.items()
    ]
    context = {
        "general": ObjectTable(general, caption="Objects of all states") if general else None,
        "of_states": [
            (code, name, ObjectTable(own, caption=f"{name} Objects")) for code, name, own in of_states if own
        ],
        "find": find,
    }
    return render(request, "dis_objects/fields_which_sync.html", context)


@require_safe
def fields_of(request: SignedInRequest, object_name: str) -> HttpResponse:
    require_right(request.user, Tool.FIELD_SETTINGS, Right.READ)
    known = _object(object_name)
    context = {
        "known": known,
        "about": wording.about(known),
        "key": label(known.key),
        "school_year": label(known.school_year) if known.school_year else "",
        "states": [wording.STATE_NAMES[code] for code in known.states],
        "needed": [name for name in hierarchy().parents(known.name) if name not in known.parents],
        "children": [each.name for each in definitions().values() if known.name in each.parents],
        "table": ReferenceTable(settings_of(known).rows),
        "exclusions": ExclusionTable(known.exclusions) if known.exclusions else None,
    }
    return render(request, "dis_objects/fields_of_object.html", context)


def _object(name: str) -> ObjectDefinition:
    try:
        return definition(name)
    except UnknownObject as error:
        raise Http404(str(error)) from error
