"""What every ordinary table of a page shares. Templates show one with `components/_table.html`."""

from typing import Any

import django_tables2 as tables


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
