"""Files that a spreadsheet opens: nothing in them runs, and nothing is lost."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from districts.csv_download import Cell, csv_lines, csv_response, file_name, safe_cell

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
risky = st.builds(
    lambda blanks, sign, rest: blanks + sign + rest,
    st.text(" \t\n", max_size=2),
    st.sampled_from([*"=+-@\t\r\n", "＝", "＋", "－", "＠"]),
    texts,
)
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
rows = st.lists(st.lists(st.one_of(texts, risky, numbers, st.none()), min_size=1, max_size=4), max_size=30)


def read(pieces: list[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(pieces).removeprefix("\ufeff"), newline="")))


@given(st.one_of(texts, risky))
def test_no_text_is_a_formula(text: str) -> None:
    cell = safe_cell(text, UTC)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))


@given(st.one_of(texts, risky))
def test_a_text_is_left_as_it_is_but_for_the_apostrophe(text: str) -> None:
    assert safe_cell(text, UTC) in (text, f"'{text}")


@given(numbers)
def test_numbers_stay_numbers(number: int | Decimal) -> None:
    assert type(number)(safe_cell(number, UTC)) == number


@given(rows)
def test_a_file_is_read_as_it_was_written(cells: list[list[Cell]]) -> None:
    expected = [[safe_cell(cell, UTC) for cell in row] for row in cells]
    assert read([*csv_lines(cells, UTC)]) == expected


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_000])
def test_no_line_is_lost_between_pieces(count: int) -> None:
    assert read([*csv_lines(([n] for n in range(count)), UTC)]) == [[str(n)] for n in range(count)]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (True, "yes"),
        (-5, "-5"),
        ("-5", "'-5"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        (" =1+1", "' =1+1"),
        ("a=b", "a=b"),
        (datetime(2024, 1, 9, 12, 16, 54, tzinfo=UTC), "2024-01-09 06:16:54"),
    ],
)
def test_cells(cell: Cell, written: str) -> None:
    assert safe_cell(cell, ZoneInfo("America/Chicago")) == written


def test_times_are_those_of_the_request_although_it_is_over_when_they_are_written() -> None:
    with timezone.override(ZoneInfo("America/Chicago")):
        response = csv_response("x", ["at"], [[datetime(2024, 1, 9, 12, tzinfo=UTC)]])
    assert b"2024-01-09 06:00:00" in b"".join(response.streaming_content)


def test_the_file_says_what_it_is() -> None:
    response = csv_response(file_name("batch-history", "02"), ["a"], [])
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="batch-history-02-{timezone.localdate()}.csv"'
    )
    assert b"".join(response.streaming_content).startswith("\ufeff".encode())
