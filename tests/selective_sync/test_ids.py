"""How typed, pasted or sent IDs are read."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selective_sync.ids import LARGEST_ID, MOST_IDS, MOST_NAMED, parse_ids

SEPARATORS = [
    ",",
    " ",
    "\n",
    "\r\n",
    "\t",
    ", ",
    ",,",
    " ,\n ",
    "\u00a0",
    "\u2003",
    "\u2028",
    "\x0b",
    "\ufeff",
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        (" ,\n,\t", ()),
        ("3667", (3667,)),
        ("3667,3669", (3667, 3669)),
        ("3667 3669\n10990\r\n49158", (3667, 3669, 10990, 49158)),
        ("9,1,5", (9, 1, 5)),
        ("0", (0,)),
        ("007", (7,)),
        ("0" * 18 + "7", (7,)),
        (str(LARGEST_ID), (LARGEST_ID,)),
        ("\ufeff12,13", (12, 13)),
        ("1\u00a02\u20283", (1, 2, 3)),
    ],
)
def test_numbers_are_accepted_in_their_order(text: str, ids: tuple[int, ...]) -> None:
    parsed = parse_ids(text)
    assert (parsed.ids, parsed.rejected, parsed.repeated) == (ids, 0, 0)


@pytest.mark.parametrize(
    "token",
    [
        "-1",
        "+1",
        "1_000",
        "1.0",
        "1e3",
        "0x10",
        "12a",
        "½",
        "²",
        "٣",  # a digit in Arabic script
        "１",  # a digit of full width
        "1;2",
        '"1"',
        "personID",
        str(LARGEST_ID + 1),
        "9" * 19,
        "0" * 20,
        "1\u200b",
    ],
)
def test_what_is_not_an_id_is_named_and_keeps_back_the_request(token: str) -> None:
    parsed = parse_ids(f"1 {token} 2")
    assert (parsed.ids, parsed.rejected) == ((1, 2), 1)
    assert parsed.rejected_tokens == (token.replace("\u200b", "\ufffd"),)
    assert "1 entry is no ID" in parsed.problem


def test_ids_that_come_again_are_counted_once_and_told() -> None:
    parsed = parse_ids("5 3 5 05 3 8")
    assert (parsed.ids, parsed.repeated, parsed.repeated_ids) == ((5, 3, 8), 3, (5, 3))
    assert parsed.problem == ""


def test_only_the_first_of_what_is_rejected_are_named_and_the_rest_counted() -> None:
    parsed = parse_ids(" ".join(f"x{number}" for number in range(MOST_NAMED + 7)))
    assert (parsed.rejected, len(parsed.rejected_tokens), parsed.rejected_unnamed) == (
        MOST_NAMED + 7,
        MOST_NAMED,
        7,
    )
    assert "57 entries are no ID" in parsed.problem


def test_a_long_token_is_cut() -> None:
    [named] = parse_ids("y" * 5_000).rejected_tokens
    assert len(named) == 40
    assert named.endswith("…")


@pytest.mark.parametrize(("count", "sentence"), [(MOST_IDS, ""), (MOST_IDS + 1, "100,001 different IDs")])
def test_a_request_has_a_largest_size(count: int, sentence: str) -> None:
    problem = parse_ids(",".join(map(str, range(count)))).problem
    assert problem.startswith(sentence)
    assert bool(problem) == bool(sentence)


def test_nothing_entered_is_a_problem() -> None:
    assert parse_ids(" , ").problem.startswith("No ID is entered")


IDS = st.lists(st.integers(0, LARGEST_ID) | st.sampled_from([0, 1, 2, LARGEST_ID]))


@given(ids=IDS, data=st.data())
def test_whatever_separates_the_ids_they_come_back(ids: list[int], data: st.DataObject) -> None:
    text = "".join(f"{each}{data.draw(st.sampled_from(SEPARATORS))}" for each in ids)
    parsed = parse_ids(text)
    assert parsed.ids == tuple(dict.fromkeys(ids))
    assert (parsed.repeated, parsed.rejected) == (len(ids) - len(set(ids)), 0)


@given(st.text() | st.text(alphabet="0123456789,- \n+_x"))
def test_no_text_raises_and_every_token_is_accounted_for(text: str) -> None:
    parsed = parse_ids(text)
    tokens = text.replace(",", " ").replace("\ufeff", " ").split()
    assert len(parsed.ids) + parsed.repeated + parsed.rejected == len(tokens)
    assert all(0 <= each <= LARGEST_ID for each in parsed.ids)
    assert all(each.isprintable() and len(each) <= 40 for each in parsed.rejected_tokens)


def test_a_hundred_thousand_ids_are_read_at_once() -> None:
    text = "\r\n".join(str(10**17 + number) for number in range(MOST_IDS))
    begun = perf_counter()
    assert len(parse_ids(text).ids) == MOST_IDS
    assert perf_counter() - begun < 1
