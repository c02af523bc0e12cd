"""The filters of the logs. What makes no sense in a filter is told beside its box and left out."""

from datetime import time

from django import forms

from agents.causes import Kind
from agents.queries import EntryFilter, LogFilter
from districts.forms import ListFilter, moment
from districts.models import District, User


class _Filter(ListFilter):
    object = forms.CharField(required=False, max_length=63)
    code = forms.CharField(required=False, max_length=32)

    def text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


class LogForm(_Filter):
    """The filter of the agent log, and which kind of errors its chips show."""

    key = forms.IntegerField(
        required=False,
        min_value=-(2**63),
        max_value=2**63 - 1,
        error_messages={"invalid": "A key is a whole number, such as 418802."},
    )
    school_year = forms.IntegerField(required=False, min_value=1990, max_value=2100)
    kind = forms.ChoiceField(required=False, choices=[(kind.value, kind.value) for kind in Kind])

    def asked(self, user: User, district: District | None) -> LogFilter:
        kind = self.text("kind")
        return LogFilter(
            user=user,
            district=district,
            object=self.text("object"),
            code=self.text("code"),
            school_year=self.cleaned_data.get("school_year"),
            key=self.cleaned_data.get("key"),
            kind=Kind(kind) if kind else None,
        )


class EntryForm(_Filter):
    """The filter of the error log."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    cleared = forms.BooleanField(required=False)

    def asked(self, user: User, district: District | None) -> EntryFilter:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        return EntryFilter(
            user=user,
            district=district,
            object=self.text("object"),
            code=self.text("code"),
            first=moment(first, time.min) if first else None,
            last=moment(last, time.max) if last else None,
            with_cleared=user.is_state_user and bool(self.cleaned_data.get("cleared")),
        )
