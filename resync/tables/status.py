"""The status table of Resync State Data - Batch.

The page is asked for often and has a row for every object. So cells are made by format_html, not by template
columns, which compile a template for each cell; and attributes of rows and cells are made in one go, because
django-tables2 looks at the signature of every callable that makes one, every time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from resync import wording
from resync.choices import Dot
from resync.forms import FilterForm, shown_as
from resync.queries import StatusRow
from resync.tables.cells import NOTHING, counts_of, moment, progress_bar, reason_of, status


class StatusColumn(tables.Column):
    """A column that shows something of the whole row, in cells of one class."""

    def __init__(self, label: str, css: str) -> None:
        super().__init__(accessor="row", verbose_name=label)
        self.css = css


@dataclass(frozen=True)
class Line:
    """A row of the table, and the attributes of its <tr>."""

    row: StatusRow
    attrs: SafeString


class StatusTable(tables.Table):
    """`ticked` are the objects whose boxes are marked; `shown` hides the rows that it does not match."""

    name = StatusColumn("DIS Objects", "")
    depends_on = StatusColumn("Depends on", "wide muted")
    last_resync = StatusColumn("Last Resync", "time self")
    results = StatusColumn("Results", "self long results")
    status = StatusColumn("Status", "self")

    class Meta:
        orderable = False

    def __init__(
        self,
        rows: Iterable[StatusRow],
        *,
        can_send: bool,
        shown: FilterForm,
        ticked: Collection[str] = (),
        now: datetime | None = None,
    ) -> None:
        self.can_send = can_send
        self.filter = shown
        self.ticked = ticked
        self.now = now or timezone.now()
        super().__init__([Line(row, self._attrs(row)) for row in rows])

    def _attrs(self, row: StatusRow) -> SafeString:
        classes = {"is-running": row.dot == Dot.GRAY, "is-picked": row.name in self.ticked}
        return format_html(
            'id="row-{0}" class="{1}" data-object="{0}" data-parents="{2}" data-records="{3}"'
            ' data-shown="{4}"{5}',
            row.name,
            " ".join(name for name, wanted in classes.items() if wanted),
            " ".join(row.parents),
            "" if row.expected is None else row.expected,
            shown_as(row).value,
            SafeString(" hidden") if self.filter.hides(row) else "",
        )

    def render_name(self, value: StatusRow) -> SafeString | str:
        if not self.can_send:
            return value.name
        return format_html(
            '<div class="cell-flex"><div class="usa-checkbox">'
            '<input class="usa-checkbox__input" type="checkbox" name="objects" value="{0}" id="tick-{0}"{1}>'
            '<label class="usa-checkbox__label" for="tick-{0}">{0}</label></div></div>',
            value.name,
            SafeString(" checked") if value.name in self.ticked else "",
        )

    def render_depends_on(self, value: StatusRow) -> str:
        return ", ".join(value.immediate_parents) or NOTHING

    def render_last_resync(self, value: StatusRow) -> SafeString:
        started_at = value.started.started_at if value.started else None
        return moment(started_at) if started_at else NOTHING

    def render_results(self, value: StatusRow) -> SafeString:
        attempt = value.latest
        if attempt is None:
            return NOTHING
        if value.dot == Dot.QUEUED:
            return format_html('<span class="muted">Waits for {}</span>', value.waits_for or "its turn")
        # Where nothing was tried, the reason says all there is to say.
        counts = counts_of(attempt) if attempt.processed or not attempt.reason else ""
        progress = progress_bar(attempt, self.now) if value.dot == Dot.GRAY else ""
        return format_html("{}{}{}", counts, progress, reason_of(attempt))

    def render_status(self, value: StatusRow) -> SafeString:
        processed, errors = (value.latest.processed, value.latest.errors) if value.latest else (0, 0)
        return status(value.dot, wording.status_words(value.dot, processed, errors))
