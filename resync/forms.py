from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import TextChoices

from resync.choices import Dot
from resync.queries import StatusRow


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


class FilterForm(forms.Form):
    """Which rows are shown. A filter that makes no sense shows everything."""

    find = forms.CharField(required=False, max_length=63)
    status = forms.ChoiceField(required=False, choices=Shown.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.full_clean()

    @property
    def find_text(self) -> str:
        return str(self.cleaned_data.get("find", ""))

    @property
    def status_value(self) -> str:
        return str(self.cleaned_data.get("status", ""))

    def hides(self, row: StatusRow) -> bool:
        found = self.find_text.lower() in row.name.lower()
        return not found or self.status_value not in ("", shown_as(row).value)


@dataclass(frozen=True)
class Chip:
    """A chip: how many objects it shows, and whether it is the one in force."""

    shown: Shown
    dot: Dot | None
    count: int
    is_pressed: bool
    is_offered: bool


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
    counts = Counter(shown_as(row) for row in rows) | Counter({Shown.ALL: len(rows)})
    chips = []
    for shown in Shown:
        pressed = shown.value == filter_form.status_value
        offered = pressed or counts[shown] > 0 or shown not in _OFFERED_WHEN_THERE_ARE_SOME
        chips.append(Chip(shown, _CHIP_DOTS.get(shown), counts[shown], pressed, offered))
    return chips


class NamesField(forms.MultipleChoiceField):
    """Any names: whether they may be sent is decided when the plan is made, with a sentence for each."""

    def valid_value(self, value: str) -> bool:
        return True


class ResyncForm(forms.Form):
    """What a person chose. `token` makes two clicks on one confirmation one batch."""

    objects = NamesField(required=False)
    check_dependencies = forms.BooleanField(required=False)
    token = forms.UUIDField(required=False)
