"""The districts with their overall accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import District
from districts.tables import PlainColumn, PlainTable
from resync.choices import Dot
from resync.tables.cells import NOTHING, count, moment, status
from verification.page.words import accuracy_words
from verification.queries import DistrictSummary


@dataclass(frozen=True)
class SummaryLine:
    """A district, and the attributes of its <tr>."""

    summary: DistrictSummary
    attrs: SafeString


class DistrictsTable(PlainTable):
    """The districts with their overall accuracy. `picked` is the one that is shown below; `may_verify` adds a box to
    each; `query` is what a district's page keeps of this one's address."""

    caption = "Districts with their overall accuracy. The chosen district is shown in full below."

    number = PlainColumn(
        verbose_name="District", accessor="summary__district__number", css="fit", orderable=True
    )
    name = PlainColumn(
        verbose_name="Name", accessor="summary__district__name", css="lead self", orderable=True
    )
    verified = PlainColumn(
        verbose_name="Last verified",
        accessor="summary__last_verified",
        css="time long",
        empty_values=(),
        orderable=True,
    )
    records = PlainColumn(
        verbose_name="Records compared",
        accessor="summary__records",
        css="num",
        orderable=True,
        empty_values=(),
    )
    errors = PlainColumn(
        verbose_name="Total Errors", accessor="summary__errors", css="num", orderable=True, empty_values=()
    )
    accuracy = PlainColumn(
        verbose_name="Overall Accuracy",
        accessor="summary__accuracy",
        css="fit",
        orderable=True,
        empty_values=(),
    )

    class Meta(PlainTable.Meta):
        empty_text = "No district matches the filter."

    def __init__(
        self,
        summaries: Iterable[DistrictSummary],
        *,
        picked: District | None,
        may_verify: bool,
        query: str,
    ) -> None:
        self.picked = picked
        self.may_verify = may_verify
        self.query = query
        super().__init__([SummaryLine(each, self._attrs(each)) for each in summaries])

    def _attrs(self, each: DistrictSummary) -> SafeString:
        # Not is-picked: that is what upstate.js gives to the rows whose boxes are ticked.
        classes = {"is-open": self._is_picked(each), "is-running": each.is_open}
        return format_html(
            'id="district-{}" class="{}"',
            each.district.number,
            " ".join(name for name, wanted in classes.items() if wanted),
        )

    def _is_picked(self, each: DistrictSummary) -> bool:
        return self.picked is not None and each.district.pk == self.picked.pk

    def render_number(self, value: str, record: SummaryLine) -> SafeString | str:
        if not self.may_verify:
            return value
        return format_html(
            '<div class="usa-checkbox"><input class="usa-checkbox__input" type="checkbox" name="districts" value="{0}"'
            ' id="tick-{0}" autocomplete="off"><label class="usa-checkbox__label" for="tick-{0}">'
            '<span class="usa-sr-only">Choose </span>{0}</label></div>',
            value,
        )

    def render_name(self, value: str, record: SummaryLine) -> SafeString:
        address = reverse("verification_of_district", args=[record.summary.district.number])
        is_picked = self._is_picked(record.summary)
        return format_html(
            '<span><a class="usa-link{}" href="{}{}#results"{}>{}</a>{}</span>',
            " name" if is_picked else "",
            address,
            self.query,
            SafeString(' aria-current="true"') if is_picked else "",
            value,
            SafeString(' <span class="note">shown below</span>') if is_picked else "",
        )

    def render_verified(self, record: SummaryLine) -> SafeString:
        if record.summary.is_open:
            return status(Dot.GRAY, "In progress")
        at = record.summary.last_verified
        return moment(at, ZoneInfo(record.summary.district.time_zone)) if at else NOTHING

    def render_records(self, record: SummaryLine) -> SafeString:
        figures = record.summary.figures
        return count(figures.distinct) if figures else NOTHING

    def render_errors(self, record: SummaryLine) -> SafeString:
        figures = record.summary.figures
        return count(figures.errors) if figures else NOTHING

    def render_accuracy(self, record: SummaryLine) -> SafeString:
        return status(record.summary.dot, accuracy_words(record.summary.figures))
