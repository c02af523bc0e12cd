"""The small line chart, and the marks by which an open page knows its rows."""

from decimal import Decimal

import pytest

from verification.page.marks import are_new, changed_since, marks
from verification.sparkline import places, sentence, sparkline


@pytest.mark.parametrize(
    ("accuracies", "drawn"),
    [
        (["100"], [(93, 2)]),
        (["90"], [(93, 22)]),
        (["0", "95", "100"], [(3, 22), (48, 12), (93, 2)]),
        (["89.99", "90.00"], [(3, 22), (93, 22)]),
        (["99.00", "98.00"], [(3, 4), (93, 6)]),
    ],
)
def test_every_chart_has_the_scale_of_90_to_100_percent(
    accuracies: list[str], drawn: list[tuple[float, float]]
) -> None:
    found = [(round(x, 3), round(y, 3)) for x, y in places([Decimal(each) for each in accuracies])]
    assert found == drawn


@pytest.mark.parametrize(
    ("accuracies", "said"),
    [
        (["98.10"], "LEP, accuracy of the only verification: 98.10%"),
        (["98.10", "92.55"], "LEP, accuracy over the last 2 verifications: from 98.10% to 92.55%"),
        (
            ["98.10", "80.00", "99.00"],
            "LEP, accuracy over the last 3 verifications: from 98.10% to 99.00%, lowest 80.00%",
        ),
    ],
)
def test_the_sentence_tells_what_is_drawn(accuracies: list[str], said: str) -> None:
    assert sentence("LEP", [Decimal(each) for each in accuracies]) == said


def test_nothing_is_drawn_of_nothing() -> None:
    assert sparkline("LEP", []) == ""


def test_only_rows_that_tell_something_else_have_changed() -> None:
    seen = marks({"School": (1, 2), "LEP": None})
    assert changed_since(seen, {"LEP": None, "School": (1, 2)}) == []
    assert changed_since(seen, {"LEP": 0, "School": (1, 2), "Plan": 5}) == ["LEP"]
    assert not are_new(seen, {"LEP": 0})
    assert are_new(seen, {"Plan": 5})


@pytest.mark.parametrize("seen", ["", "x", "zz" * 40, "é"])
def test_marks_that_cannot_be_read_know_no_row(seen: str) -> None:
    assert changed_since(seen, {"School": 1}) == []
    assert are_new(seen, {"School": 1})
