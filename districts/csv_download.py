"""Tables as CSV files that a spreadsheet opens as they are. Every export of every page goes through here.

A spreadsheet takes a text that begins with = + - @ for a formula and runs it. Such texts get an apostrophe, which
spreadsheets show as nothing; numbers stay numbers.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import chain
from typing import TypeAlias

from django.http import StreamingHttpResponse
from django.utils import timezone

Cell: TypeAlias = str | int | float | Decimal | date | datetime | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Excel takes a file without it for one in the machine's own encoding.
_BYTE_ORDER_MARK = "\ufeff"
_LINES_AT_ONCE = 500


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """The rows as a file, sent while they are read. `name` is the file's, without its ending.

    Times are written in the time zone that is in force now: when the rows are read, the request's is over.
    """
    lines = csv_lines(chain([head], rows), timezone.get_current_timezone())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def file_name(subject: str, *parts: str) -> str:
    """A subject, what it is about, and today's date: batch-history-02-2024-01-09."""
    return "-".join(part for part in (subject, *parts, f"{timezone.localdate():%Y-%m-%d}") if part)


def csv_lines(rows: Iterable[Sequence[Cell]], time_zone: tzinfo) -> Iterator[str]:
    """The file in pieces of many lines: a piece for each line would cost more than the line."""
    buffer = io.StringIO()
    buffer.write(_BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell, time_zone) for cell in row])
        if number % _LINES_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def safe_cell(cell: Cell, time_zone: tzinfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        local = cell.astimezone(time_zone) if timezone.is_aware(cell) else cell
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, str):
        return _harmless(cell)
    return str(cell)


def _harmless(text: str) -> str:
    """Blanks before the sign do not make a formula less of one: some spreadsheets cut them off."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
