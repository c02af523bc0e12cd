from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import TextChoices

from attendance.choices import ATTENDANCE_OBJECTS, Weekday
from attendance.models import WeeklyResync


class Scope(TextChoices):
    ALL = "all", "All calendars"
    CHOSEN = "chosen", "Chosen calendars"


class KeysField(forms.TypedMultipleChoiceField):
    """Any keys: whether they are calendars of the district is decided by the action, with a sentence."""

    def __init__(self) -> None:
        super().__init__(required=False, coerce=int)

    def valid_value(self, value: str) -> bool:
        return value.isdecimal() and len(value) < 19


class RefreshForm(forms.Form):
    """Which calendars are added up again. `token` makes two clicks on one confirmation one refresh."""

    scope = forms.ChoiceField(choices=Scope.choices)
    calendars = KeysField()
    token = forms.UUIDField(required=False)

    @property
    def chosen(self) -> Sequence[int] | None:
        """None for all of the school year."""
        return None if self.cleaned_data["scope"] == Scope.ALL else self.cleaned_data["calendars"]


def _hours() -> list[tuple[int, str]]:
    return [(hour, f"{hour:02}:00") for hour in range(24)]


def _spreads() -> list[tuple[int, str]]:
    return [(1, "1 hour"), *((hours, f"{hours} hours") for hours in range(2, 13))]


class WeeklyResyncForm(forms.Form):
    """When the weekly resync runs and what it takes along."""

    enabled = forms.BooleanField(required=False, label="Resync attendance every week")
    weekday = forms.TypedChoiceField(label="Day", choices=Weekday.choices, coerce=int)
    hour = forms.TypedChoiceField(
        label="Begins at", choices=_hours, coerce=int, help_text="In each district's own time."
    )
    spread = forms.TypedChoiceField(
        label="Spread over",
        choices=_spreads,
        coerce=int,
        help_text="The districts start one after the other within this time.",
    )
    attendance_objects = forms.MultipleChoiceField(
        required=False, choices=[(name, name) for name in ATTENDANCE_OBJECTS]
    )
    check_dependencies = forms.BooleanField(required=False, label="Check dependencies")

    def __init__(self, data: Any = None, *, stored: WeeklyResync) -> None:
        initial = {
            "enabled": stored.enabled,
            "weekday": stored.weekday,
            "hour": stored.hour,
            "spread": stored.spread,
            "attendance_objects": stored.objects_chosen,
            "check_dependencies": stored.check_dependencies,
        }
        super().__init__(data, initial=initial)
        for name in ("weekday", "hour", "spread"):
            self.fields[name].widget.attrs["class"] = "usa-select"
