"""The objects of a district with what their latest verification found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import django_tables2 as tables
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District, SchoolYear
from interchange.choices import DifferenceKind
from resync.choices import Dot
from resync.tables.cells import NOTHING, count, moment, status
from resync.tables.status import StatusColumn
from verification.choices import ResultStatus
from verification.page.words import accuracy_words, progress_words, removed_words
from verification.queries import Point, ResultRow
from verification.sparkline import sparkline


@dataclass(frozen=True)
class ResultLine:
    """An object, and the attributes of its <tr>."""

    row: ResultRow
    attrs: SafeString


@dataclass(frozen=True)
class Actions:
    """What the viewer may start from a row of the results."""

    may_verify: bool
    may_resync: bool


class ResultsTable(tables.Table):
    """The objects of a district with what their latest verification found. Shown by resync/_batch_rows.html."""

    object = StatusColumn("Object", "")
    accuracy = StatusColumn("Accuracy", "fit")
    trend = StatusColumn("Trend", "fit trend")
    timestamp = StatusColumn("Timestamp", "time long")
    distinct = StatusColumn("Distinct", "num")
    at_district = StatusColumn("At District", "num")
    at_state = StatusColumn("At State", "num")
    not_at_state = StatusColumn("Not at State", "num")
    not_at_district = StatusColumn("Not at District", "num")
    differences = StatusColumn("Differences", "num")
    errors = StatusColumn("Total Errors", "num")
    acts = StatusColumn("", "fit self acts")

    class Meta:
        orderable = False

    def __init__(
        self,
        rows: Iterable[ResultRow],
        *,
        district: District,
        school_year: SchoolYear,
        points: Mapping[str, Sequence[Point]],
        actions: Actions,
    ) -> None:
        self.number = district.number
        self.year = {"year": school_year.pk}
        self.points = points
        self.actions = actions
        super().__init__([ResultLine(row, _result_attrs(row)) for row in rows])

    def _address(self, route: str, name: str, **more: str) -> str:
        return f"{reverse(route, args=[self.number, name])}?{urlencode(self.year | more)}"

    def render_object(self, value: ResultRow) -> SafeString:
        if value.latest is None:
            return format_html("{}{}", value.name, _remarks(value))
        address = self._address("verification_differences", value.name)
        return format_html('<a class="usa-link" href="{}">{}</a>{}', address, value.name, _remarks(value))

    def render_accuracy(self, value: ResultRow) -> SafeString:
        return status(value.dot, accuracy_words(value.figures))

    def render_trend(self, value: ResultRow) -> SafeString:
        return sparkline(value.name, [point.accuracy for point in self.points.get(value.name, ())])

    def render_timestamp(self, value: ResultRow) -> SafeString:
        if value.is_open:
            return _progress(value)
        at = value.latest.ended_at if value.latest else None
        return moment(at) if at else NOTHING

    def render_distinct(self, value: ResultRow) -> SafeString:
        return count(value.figures.distinct) if value.figures else NOTHING

    def render_at_district(self, value: ResultRow) -> SafeString:
        return count(value.figures.at_district) if value.figures else NOTHING

    def render_at_state(self, value: ResultRow) -> SafeString:
        return count(value.figures.at_state) if value.figures else NOTHING

    def render_not_at_state(self, value: ResultRow) -> SafeString:
        return self._linked(
            value, DifferenceKind.NOT_AT_STATE, value.figures.not_at_state if value.figures else None
        )

    def render_not_at_district(self, value: ResultRow) -> SafeString:
        return self._linked(
            value, DifferenceKind.NOT_AT_DISTRICT, value.figures.not_at_district if value.figures else None
        )

    def render_differences(self, value: ResultRow) -> SafeString:
        return self._linked(
            value, DifferenceKind.DIFFERENCE, value.figures.differences if value.figures else None
        )

    def _linked(self, row: ResultRow, kind: DifferenceKind, number: int | None) -> SafeString:
        if number is None:
            return NOTHING
        if not number:
            return count(number)
        return format_html(
            '<a class="usa-link in-text" href="{}">{}<span class="usa-sr-only"> of {}</span></a>',
            self._address("verification_differences", row.name, kind=kind.value),
            f"{number:,}",
            row.name,
        )

    def render_errors(self, value: ResultRow) -> SafeString:
        if value.figures is None:
            return NOTHING
        expected = format_html('<span class="sub">{} expected</span>', f"{value.expected:,}")
        return format_html(
            "<span>{}{}</span>", count(value.figures.errors), expected if value.expected else ""
        )

    def render_acts(self, value: ResultRow) -> SafeString:
        return format_html('<span class="acts__in">{}{}</span>', self._resync(value), self._verify(value))

    def _resync(self, row: ResultRow) -> SafeString | str:
        if not self.actions.may_resync or row.is_open or _resyncable(row) <= 0:
            return ""
        return format_html(
            '<a class="usa-link small" href="{}">Resync these records<span class="usa-sr-only"> of {}</span></a>',
            self._address("verification_resync", row.name),
            row.name,
        )

    def _verify(self, row: ResultRow) -> SafeString | str:
        if not self.actions.may_verify or row.is_open:
            return ""
        query = urlencode(self.year | {"objects": row.name})
        return format_html(
            '<a class="iconbtn" href="{}?{}" title="Re-Verify {}">{}<span class="usa-sr-only">Re-Verify {}</span></a>',
            *(reverse("verification_verify_district", args=[self.number]), query, row.name),
            _icon("autorenew"),
            row.name,
        )


def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("uswds/img/sprite.svg"),
        name,
    )


def _result_attrs(row: ResultRow) -> SafeString:
    return format_html('id="row-{}" class="{}"', row.name, "is-running" if row.is_open else "")


def _resyncable(row: ResultRow) -> int:
    """How many records a resync should mend: those that the last push rejected, it would reject again."""
    return row.figures.not_at_state + row.figures.differences - row.expected if row.figures else 0


def _remarks(row: ResultRow) -> SafeString:
    """What a reader of the figures has to know."""
    told = []
    if row.failure:
        told.append(f"The latest verification failed. {row.failure}")
    if row.while_pushed:
        told.append("Verified while records of it were being pushed: verify again when that has ended.")
    if row.removed:
        told.append(f"{removed_words(row.removed)} since.")
    return format_html('<span class="reason">{}</span>', " ".join(told)) if told else SafeString("")


def _progress(row: ResultRow) -> SafeString:
    words = progress_words(row)
    if row.attempt is None or row.attempt.status != ResultStatus.RUNNING:
        dot = Dot.WAITING if row.attempt and row.attempt.status == ResultStatus.WAITING else Dot.QUEUED
        return status(dot, words)
    return format_html(
        '<span class="verifying"><progress value="{}" max="100" aria-label="{}"></progress>'
        '<span class="small">{}</span></span>',
        row.percent,
        row.name,
        words,
    )
