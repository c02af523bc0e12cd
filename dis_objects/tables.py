"""The tables of Synchronization Field Settings and of Fields Which Sync."""

from collections.abc import Iterable, Mapping

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dis_objects import wording
from dis_objects.actions import FieldSetting
from dis_objects.catalogue import Field, ObjectDefinition, definition, label
from dis_objects.choices import FieldOwner
from dis_objects.models import DISObject, SyncField
from dis_objects.queries import FieldRow
from districts.tables import PlainColumn, PlainTable

ZERO = SafeString('<span class="zero">0</span>')
NOT_LOCKABLE = SafeString('<span class="muted">Never</span>')
NOTHING = SafeString('<span class="muted" aria-hidden="true">—</span>')


def mark(*, is_on: bool, words: str = "Yes", icon: str = "check") -> SafeString:
    """A sign with its words for a screen reader."""
    if not is_on:
        return format_html('{}<span class="usa-sr-only">No</span>', NOTHING)
    return format_html(
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
        '<span class="usa-sr-only">{}</span>',
        static("uswds/img/sprite.svg"),
        icon,
        words,
    )


def _link(route: str, name: str) -> SafeString:
    return format_html('<a class="usa-link" href="{}">{}</a>', reverse(route, args=[name]), name)


class ObjectSettingsTable(PlainTable):
    """All objects, and how many of their fields the state owns and has locked. `find` hides what lacks it."""

    caption = "DIS objects, parents first"

    name = PlainColumn("DIS Objects")
    states = PlainColumn("States", css="wide", empty_values=())
    field_count = PlainColumn("Fields", css="num")
    of_state_count = PlainColumn("Owned by the State", css="num")
    locked_count = PlainColumn("Locked at District", css="num")

    class Meta(PlainTable.Meta):
        empty_text = "No object matches the filter."

    def __init__(self, objects: Iterable[DISObject], *, find: str = "") -> None:
        super().__init__([each for each in objects if matches(each.name, find)])

    def render_name(self, value: str) -> SafeString:
        return _link("field_settings_of", value)

    def render_states(self, record: DISObject) -> str:
        return ", ".join(record.states) or "All"

    def render_of_state_count(self, value: int) -> SafeString | int:
        return _count(value)

    def render_locked_count(self, value: int) -> SafeString | int:
        return _count(value)


def _count(value: int) -> SafeString | int:
    return value or ZERO


class FieldTable(PlainTable):
    """The fields of an object: what they hold and when they sync."""

    caption = "Fields"

    name = PlainColumn("Field", accessor="field")
    type = PlainColumn("Type", accessor="field", css="muted long")
    on_save = PlainColumn("On Save", accessor="setting", css="fit")
    in_batch = PlainColumn("In Batch", accessor="setting", css="fit")

    class Meta(PlainTable.Meta):
        """Not inherited by itself."""

    def render_name(self, value: Field) -> str:
        return label(value.name)

    def render_type(self, value: Field) -> str:
        return wording.type_of(value)

    def render_on_save(self, value: SyncField) -> SafeString:
        return mark(is_on=value.on_save)

    def render_in_batch(self, value: SyncField) -> SafeString:
        return mark(is_on=value.in_batch)


class FieldSettingsTable(FieldTable):
    """Who owns each field, and what is locked. With `can_change` they are controls, which show what was `chosen`."""

    owner = PlainColumn("Owner", accessor="setting", css="fit")
    locked = PlainColumn("Locked at District", accessor="setting", css="fit")

    class Meta(PlainTable.Meta):
        """Not inherited by itself."""

    def __init__(
        self, rows: Iterable[FieldRow], *, can_change: bool, chosen: Mapping[str, FieldSetting] | None = None
    ) -> None:
        self.can_change = can_change
        self.chosen = chosen or {}
        super().__init__(rows)

    def _setting(self, field: SyncField) -> FieldSetting:
        return self.chosen.get(field.name) or FieldSetting(FieldOwner(field.owner), field.locked)

    def render_owner(self, value: SyncField) -> SafeString | str:
        setting = self._setting(value)
        if not self.can_change:
            return setting.owner.label
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (owner.value, SafeString(" selected") if owner == setting.owner else "", owner.label)
                for owner in FieldOwner
            ),
        )
        return format_html(
            '<select class="usa-select" name="owner-{}" aria-label="Owner of {}" data-was="{}">{}</select>',
            value.name,
            label(value.name),
            value.owner,
            options,
        )

    def render_locked(self, value: SyncField) -> SafeString | str:
        if not value.lockable:
            return NOT_LOCKABLE
        setting = self._setting(value)
        if not self.can_change:
            return mark(is_on=setting.locked, icon="lock")
        return format_html(
            '<div class="usa-checkbox"><input class="usa-checkbox__input" type="checkbox" id="locked-{0}"'
            ' name="locked-{0}"{1}{2}><label class="usa-checkbox__label" for="locked-{0}">Locked'
            '<span class="usa-sr-only"> at the district: {3}</span></label></div>',
            value.name,
            SafeString(" checked") if setting.locked else "",
            SafeString(" data-was") if value.locked else "",
            label(value.name),
        )


class ReferenceTable(FieldTable):
    """As on the reference page of an object."""

    required = PlainColumn("Required", accessor="field", css="fit")
    owner = PlainColumn("Owner", accessor="setting", css="fit")

    class Meta(PlainTable.Meta):
        sequence = ("name", "type", "required", "on_save", "in_batch", "owner")

    def render_required(self, value: Field) -> SafeString:
        return mark(is_on=not value.null)

    def render_owner(self, value: SyncField) -> str:
        return wording.owner_of(value.owner, locked=value.locked)


class ExclusionTable(PlainTable):
    """Why a record of an object may not sync. The code is what the logs show."""

    caption = "Exclusions"

    code = PlainColumn("Code", css="fit mono")
    sentence = PlainColumn("What Keeps a Record from the State", css="long self")

    class Meta(PlainTable.Meta):
        """Not inherited by itself."""


class ObjectTable(PlainTable):
    """Objects with what they hold."""

    caption = "DIS objects, parents first"

    name = PlainColumn("DIS Objects")
    about = PlainColumn("What It Holds", accessor="name", css="long self")
    school_year = PlainColumn("School Year", css="fit", empty_values=())
    fields = PlainColumn("Fields", css="num")

    class Meta(PlainTable.Meta):
        empty_text = "No object matches the filter."

    def __init__(self, objects: Iterable[ObjectDefinition], *, caption: str = "") -> None:
        self.caption = caption or self.caption
        super().__init__(objects)

    def render_name(self, value: str) -> SafeString:
        return _link("fields_of", value)

    def render_about(self, value: str) -> str:
        return wording.about(definition(value))

    def render_school_year(self, record: ObjectDefinition) -> SafeString:
        return mark(is_on=record.school_year is not None, words="Bound to a school year")

    def render_fields(self, value: tuple[Field, ...]) -> int:
        return len(value)


def matches(name: str, find: str) -> bool:
    return find.strip().casefold() in name.casefold()
