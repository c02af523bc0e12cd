"""What every ordinary table of a page shares. Templates show one with `components/_table.html`."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2 import RequestConfig

from districts.groups import names_of
from districts.models import User
from districts.requests import SignedInRequest


class PlainColumn(tables.Column):
    """A column whose cells and head have one class: num, time, fit, long, wide, self (static/upstate.css)."""

    def __init__(self, *args: Any, css: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.css = css


class PlainTable(tables.Table):
    """A table of PlainColumns. `caption` is what a screen reader announces, `empty_text` stands in for no rows.

    Cells are made by `render_<column>` and format_html: a template column compiles a template for every cell.
    """

    caption = ""

    class Meta:
        orderable = False
        template_name = "components/_table.html"


def paginate(table: PlainTable, request: SignedInRequest, per_page: int) -> None:
    """Sorts the table as the address says, where it may be sorted, and shows the page that the address names; the
    nearest one where there is none of that number."""
    # How much is on a page, the address must not say: so RequestConfig, which would let it, leaves the pages alone.
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=per_page)
    table.page = table.paginator.get_page(request.GET.get("page"))


class UserTable(PlainTable):
    """The users that a person sees. District users see no column for the district: all are of their own."""

    caption = "Users"

    username = PlainColumn(verbose_name="User Name", orderable=True)
    name = PlainColumn(
        verbose_name="Name", empty_values=(), order_by=("last_name", "first_name", "username"), orderable=True
    )
    district = PlainColumn(
        verbose_name="District", default="The state", orderable=True, order_by=("district__name", "username")
    )
    groups = PlainColumn(verbose_name="Groups", empty_values=(), css="long")
    last_login = PlainColumn(verbose_name="Last Sign-In", css="time", default="Never", orderable=True)
    status = PlainColumn(verbose_name="Status", empty_values=(), css="fit", orderable=False)

    def render_username(self, value: str, record: User) -> SafeString:
        return format_html('<a class="usa-link" href="{}">{}</a>', reverse("user", args=[record.pk]), value)

    def render_name(self, record: User) -> str:
        return record.get_full_name() or "—"

    def render_groups(self, record: User) -> str:
        return ", ".join(names_of(record.groups.all())) or "None"

    def render_last_login(self, value: datetime) -> str:
        return f"{timezone.localtime(value):%m/%d/%Y %H:%M}"

    def render_status(self, record: User) -> str:
        if not record.is_active:
            return "Disabled"
        return "Active" if record.has_usable_password() else "No password yet"

    def order_last_login(self, queryset: QuerySet[User], is_descending: bool) -> tuple[QuerySet[User], bool]:
        """Who has never signed in stands at the end either way."""
        moment = F("last_login")
        ordered = moment.desc(nulls_last=True) if is_descending else moment.asc(nulls_last=True)
        return queryset.order_by(ordered, "username"), True
