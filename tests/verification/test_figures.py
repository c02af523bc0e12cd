"""The figures of a verification: those of the seed, the edges, and an independent reckoning in fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resync.choices import Dot
from verification.figures import Figures, figures_of, pooled

# Seed 004, district 3177: distinct, at district, at state, total errors, and what its screen must say. The split of the
# errors follows from the counts: not at state = distinct - at state, not at district = distinct - at district.
SEED = {
    "Behavior": (Figures(1, 1, 0, 0, 0), 1, 0, "100.00"),
    "EmploymentAssignment": (Figures(1100, 1018, 82, 0, 0), 1100, 82, "92.55"),
    "Enrollment": (Figures(3852, 3841, 16, 5, 2), 3857, 23, "99.40"),
    "Graduation": (Figures(909, 910, 0, 1, 1), 910, 2, "99.78"),
    "PersonIdentity": (Figures(4590, 4581, 13, 4, 1), 4594, 18, "99.61"),
}


@pytest.mark.parametrize("name", SEED)
def test_the_figures_of_the_seed(name: str) -> None:
    figures, distinct, errors, accuracy = SEED[name]
    assert (figures.distinct, figures.errors, str(figures.accuracy)) == (distinct, errors, accuracy)


def test_overall_accuracy_is_pooled_not_the_mean() -> None:
    overall = pooled(figures for figures, *_ in SEED.values())
    assert (overall.distinct, overall.errors, str(overall.accuracy)) == (10_462, 125, "98.81")


@pytest.mark.parametrize(
    ("figures", "accuracy", "dot"),
    [
        (Figures(), "100.00", Dot.GREEN),
        (Figures(11, 8, 3, 0, 0), "72.73", Dot.RED),  # seed 004, RSU 06
        (Figures(1, 0, 1, 0, 0), "0.00", Dot.RED),  # seed 004, Sanford
        (Figures(0, 1, 0, 1, 0), "0.00", Dot.RED),
        (Figures(100, 100, 0, 0, 1), "99.00", Dot.YELLOW),  # exactly one percent
        (Figures(100_000, 100_000, 0, 0, 1_001), "98.99", Dot.RED),  # 98.999: red never says 99.00
        (Figures(99, 99, 0, 0, 1), "98.99", Dot.RED),
        (Figures(1_000_000, 1_000_000, 0, 0, 1), "99.99", Dot.YELLOW),  # 99.9999: errors never say 100.00
        (Figures(20_000, 20_000, 0, 0, 1), "99.99", Dot.YELLOW),  # 99.995
        (Figures(10_000, 10_000, 0, 0, 1), "99.99", Dot.YELLOW),
        (Figures(16_000, 16_000, 0, 0, 9_000), "43.75", Dot.RED),
        (Figures(800, 800, 0, 0, 1), "99.88", Dot.YELLOW),  # 99.875: a half goes up
        (Figures(2_000_000_000_000, 2_000_000_000_000, 0, 0, 1), "99.99", Dot.YELLOW),
    ],
)
def test_edges(figures: Figures, accuracy: str, dot: Dot) -> None:
    assert (str(figures.accuracy), figures.dot) == (accuracy, dot)


def test_figures_are_taken_from_whatever_has_the_counts() -> None:
    figures = Figures(5, 6, 1, 2, 3)
    assert figures_of(figures) == figures
    assert pooled([]) == Figures()


COUNT = st.integers(0, 10**12)


@st.composite
def counted(draw: st.DrawFn) -> Figures:
    on_both, only_district, only_state = draw(COUNT), draw(COUNT), draw(COUNT)
    differ = draw(st.integers(0, on_both))
    return Figures(on_both + only_district, on_both + only_state, only_district, only_state, differ)


@given(counted())
def test_accuracy_is_the_share_of_keys_without_an_error_but_for_the_two_caps(figures: Figures) -> None:
    on_both = figures.at_district - figures.not_at_state
    union = on_both + figures.not_at_state + figures.not_at_district
    agree = on_both - figures.differences
    exact = Fraction(100 * agree, union) if union else Fraction(100)
    told = Fraction(figures.accuracy)
    capped = (agree < union and exact >= Fraction("99.995")) or Fraction("98.995") <= exact < 99
    assert (Fraction(1, 100) if capped else Fraction(1, 200)) >= abs(told - exact)
    assert (told == 100) == (agree == union)
    assert {Dot.GREEN: exact == 100, Dot.YELLOW: 99 <= exact < 100, Dot.RED: exact < 99}[figures.dot]
    assert (figures.dot == Dot.RED) == (told < 99)
    assert figures.accuracy.as_tuple().exponent == -2


@given(st.lists(counted(), max_size=6))
def test_pooling_is_a_sum(each: list[Figures]) -> None:
    overall = pooled(each)
    assert overall.distinct == sum(figures.distinct for figures in each)
    assert overall.errors == sum(figures.errors for figures in each)
    if each:
        assert min(figures.accuracy for figures in each) - Decimal("0.01") <= overall.accuracy
        assert overall.accuracy <= max(figures.accuracy for figures in each) + Decimal("0.01")
