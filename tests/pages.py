"""What a person reads on a page: text without tags."""

import html
import re

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

_ROW = re.compile(r'<tr[^>]* id="row-(\w+)".*?</tr>', re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|strong|span|svg|use|time)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def sign_in(client: Client, user_name: str, password: str) -> bool:
    """By the page, as a person does: the login() of a test client gives the backends no request to look at."""
    typed = {"username": user_name, "password": password}
    return client.post(reverse("sign_in"), typed).status_code == 302


def read(client: Client, address: str) -> HttpResponse:
    """A page, or a table as a file: that one is a POST, because it is recorded."""
    ask = client.post if address.partition("?")[0].endswith("csv/") else client.get
    return ask(address)


def text_of(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _INLINE.sub("", markup))).split())


def page_text(response: HttpResponse) -> str:
    return text_of(response.content.decode())


def rows_of(response: HttpResponse) -> dict[str, str]:
    """The text of each row of the status table, by object."""
    return {match[1]: text_of(match[0]) for match in _ROW.finditer(response.content.decode())}


def row_markup(response: HttpResponse, name: str) -> str:
    return next(match[0] for match in _ROW.finditer(response.content.decode()) if match[1] == name)
