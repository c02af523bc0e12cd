from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import QuerySet, TextChoices

from districts.forms import ListFilter, moment
from districts.models import District, User
from districts.queries import district_matches
from resync.choices import BatchStatus, Dot, Origin
from resync.flags import FlagChange, changes
from resync.mandatory import IS_DUE, districts_with_marks
from resync.progress import DistrictProgress
from resync.queries import StatusRow
from resync.years import NEXT, PREVIOUS

_Option = TypeVar("_Option", bound=TextChoices)


class Shown(TextChoices):
    """The chips above the status table: which objects it shows."""

    ALL = "", "All"
    RED = "red", "Over 1%"
    YELLOW = "yellow", "1% or less"
    GREEN = "green", "No errors"
    OPEN = "open", "In progress"
    NOT_RUN = "not_run", "Did not run"
    NEVER = "never", "Never resynced"


_SHOWN_BY_DOT = {
    Dot.RED: Shown.RED,
    Dot.YELLOW: Shown.YELLOW,
    Dot.GREEN: Shown.GREEN,
    Dot.GRAY: Shown.OPEN,
    Dot.QUEUED: Shown.OPEN,
    Dot.WAITING: Shown.OPEN,
    Dot.FAILED: Shown.NOT_RUN,
    Dot.NOT_ATTEMPTED: Shown.NOT_RUN,
    Dot.CANCELLED: Shown.NOT_RUN,
    Dot.NONE: Shown.NEVER,
}


def shown_as(row: StatusRow) -> Shown:
    return _SHOWN_BY_DOT[row.dot]


@dataclass(frozen=True)
class Chip:
    """A chip above a table: how many rows it shows, and whether it is the one in force."""

    shown: TextChoices
    dot: Dot | None
    count: int
    is_pressed: bool
    is_offered: bool


class _ChipFilter(ListFilter):
    """A word, and a chip."""

    find = forms.CharField(required=False, max_length=100)

    @property
    def find_text(self) -> str:
        return str(self.cleaned_data.get("find", ""))

    @property
    def status_value(self) -> str:
        return str(self.cleaned_data.get("status", ""))

    def chips(
        self,
        counts: Mapping[_Option, int],
        dots: Mapping[_Option, Dot],
        always_offered: Collection[_Option],
    ) -> list[Chip]:
        """A chip for each of the options; one that shows nothing is offered only where it always is, or in force."""
        pressed = self.status_value
        return [
            Chip(
                each,
                dots.get(each),
                count,
                each.value == pressed,
                count > 0 or each in always_offered or each.value == pressed,
            )
            for each, count in counts.items()
        ]


class FilterForm(_ChipFilter):
    """Which objects of the status table are shown."""

    status = forms.ChoiceField(required=False, choices=Shown.choices)

    def hides(self, row: StatusRow) -> bool:
        found = self.find_text.lower() in row.name.lower()
        return not found or self.status_value not in ("", shown_as(row).value)


_CHIP_DOTS = {
    Shown.RED: Dot.RED,
    Shown.YELLOW: Dot.YELLOW,
    Shown.GREEN: Dot.GREEN,
    Shown.OPEN: Dot.GRAY,
    Shown.NOT_RUN: Dot.FAILED,
    Shown.NEVER: Dot.NONE,
}
_OFFERED_WHEN_THERE_ARE_SOME = (Shown.OPEN, Shown.NOT_RUN)


def chips_for(rows: Collection[StatusRow], filter_form: FilterForm) -> list[Chip]:
    found = Counter(shown_as(row) for row in rows) | Counter({Shown.ALL: len(rows)})
    always = set(Shown) - set(_OFFERED_WHEN_THERE_ARE_SOME)
    return filter_form.chips({each: found[each] for each in Shown}, _CHIP_DOTS, always)


class NamesField(forms.MultipleChoiceField):
    """Any names: whether they may be sent is decided when the plan is made, with a sentence for each."""

    def valid_value(self, value: str) -> bool:
        return True


class ResyncForm(forms.Form):
    """What a person chose. `school_year` is that of the page, whatever another tab has chosen since: without it the
    zone's own. `token` makes two clicks on one confirmation one batch."""

    school_year = forms.IntegerField(required=False)
    objects = NamesField(required=False)
    check_dependencies = forms.BooleanField(required=False)
    token = forms.UUIDField(required=False)


class FlagsForm(forms.Form):
    """A table of tick boxes: `shown` tells each row and which of its boxes were ticked, the fields named in `flags`
    the rows that are ticked now."""

    flags: ClassVar[tuple[str, ...]] = ()
    shown = NamesField()

    def changes(self) -> list[FlagChange]:
        ticked = {flag: self.cleaned_data[flag] for flag in self.flags}
        return list(changes(self.flags, self.cleaned_data["shown"], ticked))


class YearFlagsForm(FlagsForm):
    flags = (PREVIOUS, NEXT)
    syncs_previous_year = NamesField(required=False)
    syncs_next_year = NamesField(required=False)


class ZoneFlag(TextChoices):
    PREVIOUS = "syncs_previous_year", "Previous year"
    NEXT = "syncs_next_year", "Next year"
    ATTENDANCE = "resyncs_attendance_weekly", "Weekly attendance"


class ZoneFlagsForm(FlagsForm):
    flags = tuple(ZoneFlag.values)
    syncs_previous_year = NamesField(required=False)
    syncs_next_year = NamesField(required=False)
    resyncs_attendance_weekly = NamesField(required=False)


class FoundZonesForm(forms.Form):
    """One setting for every district that the filter finds."""

    flag = forms.ChoiceField(choices=ZoneFlag.choices)
    wanted = forms.TypedChoiceField(
        choices=[("on", "on"), ("off", "off")], coerce=lambda value: value == "on"
    )


class ZoneFilterForm(ListFilter):
    """Which districts the page Zones lists."""

    find = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(
        required=False,
        choices=[
            ("", "All districts"),
            ("due", "Full resync due"),
            ("syncs_previous_year", "Previous year syncs"),
            ("syncs_next_year", "Next year syncs"),
            ("resyncs_attendance_weekly", "Weekly attendance"),
        ],
    )

    def found(self, user: User) -> QuerySet[District]:
        find, show = self.cleaned_data.get("find", ""), self.cleaned_data.get("show", "")
        districts = districts_with_marks(user).filter(district_matches(find))
        if show == "due":
            return districts.filter(IS_DUE)
        return districts.filter(**{f"zone__{show}": True}) if show else districts


class SwitchForm(forms.Form):
    """`from_year` is the year that the page showed; the confirmation is compared to the letter."""

    from_year = forms.IntegerField()
    confirmation = forms.CharField(required=False, strip=False, max_length=100)


class HistoryForm(ListFilter):
    """The filter of the batch history."""

    object = forms.CharField(required=False, max_length=63)
    origin = forms.ChoiceField(required=False, choices=[("", "Anybody"), *Origin.choices])
    status = forms.ChoiceField(required=False, choices=[("", "Any"), *BatchStatus.choices])
    school_year = forms.IntegerField(required=False, min_value=1990, max_value=2100)
    who = forms.CharField(required=False, max_length=150)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)

    def wanted(self) -> dict[str, Any]:
        """The filter's words, and its days as moments by the clocks in force."""
        days = {"first": time.min, "last": time.max}
        return {
            name: moment(value, days[name]) if name in days and value else value
            for name, value in self.cleaned_data.items()
        }


class RequestForm(forms.Form):
    """What the state asks of which districts. `districts` are numbers, in as many fields as the browser likes: a page
    of questions passes 1,200 of them on in one, with commas."""

    school_year = forms.IntegerField(required=False)
    objects = NamesField(required=False)
    districts = NamesField(required=False)
    check_dependencies = forms.BooleanField(required=False)
    token = forms.UUIDField(required=False)

    def clean_districts(self) -> list[str]:
        numbers = ",".join(self.cleaned_data["districts"]).split(",")
        return list(dict.fromkeys(number for number in numbers if number))


class Outcome(TextChoices):
    """The chips above the districts of a request: which it shows."""

    ALL = "", "All"
    RED = "red", "Over 1%"
    YELLOW = "yellow", "1% or less"
    GREEN = "green", "No errors"
    OPEN = "open", "In progress"
    QUEUED = "queued", "Queued"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


_OUTCOMES = {
    Dot.RED: Outcome.RED,
    Dot.YELLOW: Outcome.YELLOW,
    Dot.GREEN: Outcome.GREEN,
    Dot.GRAY: Outcome.OPEN,
    Dot.WAITING: Outcome.OPEN,
    Dot.QUEUED: Outcome.QUEUED,
    Dot.FAILED: Outcome.FAILED,
    Dot.CANCELLED: Outcome.CANCELLED,
}
_OUTCOME_DOTS = {outcome: dot for dot, outcome in _OUTCOMES.items() if dot is not Dot.WAITING}


class DistrictFilterForm(_ChipFilter):
    """Which districts of a request are shown."""

    status = forms.ChoiceField(required=False, choices=Outcome.choices)

    def shows(self, row: DistrictProgress) -> bool:
        is_found = self.find_text.lower() in row.district.lower()
        return is_found and self.status_value in ("", _OUTCOMES[row.dot].value)


def outcome_chips(rows: Collection[DistrictProgress], filter_form: DistrictFilterForm) -> list[Chip]:
    found = Counter(_OUTCOMES[row.dot] for row in rows) | Counter({Outcome.ALL: len(rows)})
    return filter_form.chips({each: found[each] for each in Outcome}, _OUTCOME_DOTS, [Outcome.ALL])
