import pytest

from resync.choices import Dot, result_dot


@pytest.mark.parametrize(
    ("processed", "errors", "dot"),
    [
        (0, 0, Dot.GREEN),
        (1, 0, Dot.GREEN),
        (100, 1, Dot.YELLOW),
        (99, 1, Dot.RED),
        (199, 2, Dot.RED),
        (200, 2, Dot.YELLOW),
        (1, 1, Dot.RED),
        (10**15, 1, Dot.YELLOW),
        # The screens of seed 000.
        (194, 11, Dot.RED),
        (230, 11, Dot.RED),
        (16_557, 2_031, Dot.RED),
        (2_140, 110, Dot.RED),
        (234, 7, Dot.RED),
        (69_620, 1_500, Dot.RED),
        (114_609, 20, Dot.YELLOW),
        (164_022, 298, Dot.YELLOW),
        (12_638, 4, Dot.YELLOW),
        (97_574, 41, Dot.YELLOW),
    ],
)
def test_yellow_up_to_exactly_one_percent(processed: int, errors: int, dot: Dot) -> None:
    assert result_dot(processed, errors) == dot
