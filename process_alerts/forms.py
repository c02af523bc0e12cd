from collections.abc import Sequence
from datetime import date, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet, TextChoices
from django.http import QueryDict
from django.utils import timezone

from districts.forms import moment
from process_alerts.choices import Process
from process_alerts.models import AlertRecipient
from process_alerts.queries import IS_DUE

# A number of more digits is no alert's, and too long for the database.
_DIGITS = 18


class Dates(TextChoices):
    ALL = "", "All dates"
    MONTH = "30days", "Last 30 days"
    SCHOOL_YEAR = "school_year", "This school year"
    OWN = "own", "From and to"


class Shown(TextChoices):
    ALL = "", "All"
    UNREAD = "unread", "Unread"


class Change(TextChoices):
    READ = "read", "Mark as read"
    UNREAD = "unread", "Mark as unread"
    DELETE = "delete", "Delete"


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date", "class": "usa-input"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]


class FilterForm(forms.Form):
    """Which alerts are shown. A filter that makes no sense shows everything."""

    process = forms.ChoiceField(required=False, choices=[("", "All Processes"), *Process.choices])
    find = forms.CharField(required=False, max_length=100)
    dates = forms.ChoiceField(required=False, choices=Dates.choices, label="Date Range to Display")
    first = DayField(required=False, label="From")
    last = DayField(required=False, label="To")
    show = forms.ChoiceField(required=False, choices=Shown.choices)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="alerts-%s", label_suffix="")
        for name in ("process", "dates"):
            self.fields[name].widget.attrs["class"] = "usa-select"
        self.full_clean()

    @property
    def shows_unread_only(self) -> bool:
        return self.cleaned_data.get("show") == Shown.UNREAD

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.values())

    def narrow(self, inbox: QuerySet[AlertRecipient]) -> QuerySet[AlertRecipient]:
        """By everything but read and unread. What is due stays, whenever it was posted: it is still to be done."""
        wanted = self.cleaned_data
        for word in wanted.get("find", "").split():
            inbox = inbox.filter(alert__name__icontains=word)
        if wanted.get("process"):
            inbox = inbox.filter(alert__process=wanted["process"])
        first, last = self._days()
        if first:
            inbox = inbox.filter(IS_DUE | Q(alert__posted_at__gte=moment(first, time.min)))
        if last:
            inbox = inbox.filter(IS_DUE | Q(alert__posted_at__lt=moment(last + timedelta(days=1), time.min)))
        return inbox

    def _days(self) -> tuple[date | None, date | None]:
        dates, today = self.cleaned_data.get("dates"), timezone.localdate()
        if dates == Dates.MONTH:
            return today - timedelta(days=30), None
        if dates == Dates.SCHOOL_YEAR:
            return first_day_of_school_year(today), None
        if dates != Dates.OWN:
            return None, None
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        return (last, first) if first and last and last < first else (first, last)


def first_day_of_school_year(today: date) -> date:
    """The first of July: the only date that every state has between two school years."""
    return date(today.year if today.month >= 7 else today.year - 1, 7, 1)


class ChangeForm(forms.Form):
    """What is to be done to which alerts of the inbox."""

    do = forms.ChoiceField(choices=Change.choices)

    @property
    def alert_ids(self) -> Sequence[int]:
        named = self.data.getlist("alerts") if hasattr(self.data, "getlist") else []
        return [int(each) for each in named if each.isdecimal() and len(each) <= _DIGITS]
