from datetime import time

from django import forms

from audit.choices import Action
from audit.queries import AuditFilter
from districts.forms import ListFilter, moment
from districts.models import District, User


class AuditForm(ListFilter):
    """The filter of the audit log. What makes no sense is told beside its box and left out."""

    action = forms.ChoiceField(required=False, choices=Action.choices)
    person = forms.CharField(required=False, max_length=150)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def asked(self, user: User, district: District | None) -> AuditFilter:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        return AuditFilter(
            user=user,
            district=district,
            action=str(self.cleaned_data.get("action") or ""),
            person=str(self.cleaned_data.get("person") or ""),
            first=moment(first, time.min) if first else None,
            last=moment(last, time.max) if last else None,
        )
