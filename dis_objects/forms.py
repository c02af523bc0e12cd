from collections.abc import Mapping
from typing import Any

from django import forms

from dis_objects.actions import FieldSetting
from dis_objects.choices import FieldOwner
from dis_objects.queries import ObjectSettings


class FindForm(forms.Form):
    """The filter above a list of objects. One that makes no sense shows everything."""

    find = forms.CharField(required=False, max_length=63)

    @property
    def text(self) -> str:
        return str(self.cleaned_data.get("find", "")) if self.is_valid() else ""


class FieldSettingsForm(forms.Form):
    """Owner and lock of every field of an object, and the version of the settings that the page showed."""

    seen = forms.CharField(max_length=16)

    def __init__(self, data: Mapping[str, Any], current: ObjectSettings) -> None:
        super().__init__(data)
        self.names = [row.setting.name for row in current.rows]
        for name in self.names:
            self.fields[f"owner-{name}"] = forms.ChoiceField(choices=FieldOwner.choices)
            self.fields[f"locked-{name}"] = forms.BooleanField(required=False)

    def settings(self) -> dict[str, FieldSetting]:
        entered = self.cleaned_data
        return {
            name: FieldSetting(FieldOwner(entered[f"owner-{name}"]), entered[f"locked-{name}"])
            for name in self.names
        }
