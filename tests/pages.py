"""What a person reads on a page: text without tags."""

import html
import re

from django.http import HttpResponse

_ROW = re.compile(r'<tr[^>]* id="row-(\w+)".*?</tr>', re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|strong|span|svg|use|time)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def text_of(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _INLINE.sub("", markup))).split())


def page_text(response: HttpResponse) -> str:
    return text_of(response.content.decode())


def rows_of(response: HttpResponse) -> dict[str, str]:
    """The text of each row of the status table, by object."""
    return {match[1]: text_of(match[0]) for match in _ROW.finditer(response.content.decode())}


def row_markup(response: HttpResponse, name: str) -> str:
    return next(match[0] for match in _ROW.finditer(response.content.decode()) if match[1] == name)
