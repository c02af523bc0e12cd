"""The keys that do not agree, and what was removed from the state."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from districts.models import User
from districts.tables import PlainColumn, PlainTable
from interchange.choices import DifferenceKind
from resync.choices import Dot
from resync.tables.cells import NOTHING, moment, status
from verification.choices import RemovalStatus
from verification.kinds import KINDS
from verification.models import Removal
from verification.page.words import stayed_words
from verification.queries import MAY_BE_EXPECTED, DifferenceRow
from verification.wording import person

_KEYS_TOLD = 5


class DifferencesTable(PlainTable):
    """The keys that do not agree, of one kind. `opens` makes each key a button that shows its values, `chooses` adds a
    box to each."""

    caption = "Records that do not agree, in the order of their keys"

    key = PlainColumn(verbose_name="Key", css="fit")
    kind = PlainColumn(verbose_name="Kind", css="fit", empty_values=())
    fields_that_differ = PlainColumn(verbose_name="Fields", accessor="fields", css="", empty_values=())
    reason = PlainColumn(verbose_name="Expected", css="self long", empty_values=())

    class Meta(PlainTable.Meta):
        empty_text = "No key is listed here."

    def __init__(
        self, rows: Sequence[DifferenceRow], *, kind: DifferenceKind, opens: str, chooses: bool
    ) -> None:
        self.of_kind = kind
        self.opens = opens
        self.chooses = chooses
        without_fields = ("fields_that_differ",) if kind is not DifferenceKind.DIFFERENCE else ()
        never_expected = ("reason",) if kind not in MAY_BE_EXPECTED else ()
        super().__init__(rows, exclude=(*without_fields, *never_expected))

    def render_key(self, value: int) -> SafeString:
        box = format_html(
            '<div class="usa-checkbox tick"><input class="usa-checkbox__input" type="checkbox" name="keys" value="{0}"'
            ' id="key-{0}" autocomplete="off"><label class="usa-checkbox__label" for="key-{0}">'
            '<span class="usa-sr-only">Choose {0}</span></label></div>',
            str(value),
        )
        return format_html(
            '<span class="key-cell">{}{}</span>', box if self.chooses else "", self._key(value)
        )

    def _key(self, key: int) -> SafeString:
        if not self.opens:
            return format_html('<span class="mono">{}</span>', str(key))
        return format_html(
            '<button class="usa-button usa-button--unstyled mono" type="submit" name="key" value="{0}"'
            ' formaction="{1}">{0}<span class="usa-sr-only">: show its values</span></button>',
            str(key),
            self.opens,
        )

    def render_kind(self) -> str:
        return KINDS[self.of_kind]

    def render_fields_that_differ(self, record: DifferenceRow) -> str:
        return ", ".join(record.fields)

    def render_reason(self, record: DifferenceRow) -> SafeString | str:
        return record.reason or NOTHING


_REMOVAL_DOTS = {
    RemovalStatus.QUEUED: Dot.QUEUED,
    RemovalStatus.RUNNING: Dot.GRAY,
    RemovalStatus.WAITING: Dot.WAITING,
    RemovalStatus.COMPLETED: Dot.GREEN,
    RemovalStatus.FAILED: Dot.FAILED,
}


class RemovalsTable(PlainTable):
    """What was removed from the state, newest first."""

    caption = "Removals from the state, newest first"

    requested_at = PlainColumn(verbose_name="Requested", css="time self")
    who = PlainColumn(verbose_name="By", accessor="requested_by", empty_values=())
    asked = PlainColumn(verbose_name="Records", accessor="keys", css="num", empty_values=())
    removed = PlainColumn(verbose_name="Removed", css="", empty_values=())
    outcome = PlainColumn(verbose_name="Status", accessor="status", css="self long")

    class Meta(PlainTable.Meta):
        empty_text = "Nothing was removed from the state."

    def __init__(self, removals: Iterable[Removal], *, viewer: User, **kwargs: Any) -> None:
        self.viewer = viewer
        super().__init__(removals, **kwargs)

    def render_requested_at(self, record: Removal) -> SafeString:
        return moment(record.requested_at)

    def render_who(self, record: Removal) -> str:
        return person(self.viewer, record.requested_by)

    def render_asked(self, record: Removal) -> str:
        return f"{len(record.keys):,}"

    def render_removed(self, record: Removal) -> SafeString | str:
        counts = ", ".join(f"{number:,} {name}" for name, number in sorted(record.removed.items()) if number)
        return counts or NOTHING

    def render_outcome(self, record: Removal) -> SafeString:
        stayed = stayed_words(record.stayed, _KEYS_TOLD)
        told = " ".join(each for each in (record.reason, stayed) if each)
        return format_html(
            "{}{}",
            status(_REMOVAL_DOTS[RemovalStatus(record.status)], record.get_status_display()),
            format_html(' <span class="reason">{}</span>', told) if told else "",
        )
