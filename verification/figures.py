"""The figures of a verification (seeds 002 and 004), from counts in integers.

Distinct are the keys of both sides taken together. Total errors are the keys that only one side has, and those with
another value in a compared field; accuracy is the share of distinct keys without an error. The accuracy of several
objects is that of their keys pooled, not the mean. The seeds give no limits for the legend: these are Batch's
(resync.choices.result_dot).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from resync.choices import Dot, result_dot

# Hundredths of a percent.
_ALL = 10_000
_LIMIT_OF_YELLOW = 9_900


class Counts(Protocol):
    """What has the counts of a comparison, as a VerificationResult."""

    at_district: int
    at_state: int
    not_at_state: int
    not_at_district: int
    differences: int


@dataclass(frozen=True)
class Figures:
    """Counts of distinct keys, and what follows from them."""

    at_district: int = 0
    at_state: int = 0
    not_at_state: int = 0
    not_at_district: int = 0
    differences: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.at_district + other.at_district,
            self.at_state + other.at_state,
            self.not_at_state + other.not_at_state,
            self.not_at_district + other.not_at_district,
            self.differences + other.differences,
        )

    @property
    def distinct(self) -> int:
        return self.at_district + self.not_at_district

    @property
    def errors(self) -> int:
        return self.not_at_state + self.not_at_district + self.differences

    @property
    def accuracy(self) -> Decimal:
        """In percent, to two decimals, halves rounded up. Where nothing exists, nothing is wrong: 100.00.

        It never contradicts the dot: with an error it is at most 99.99, with a red dot at most 98.99.
        """
        return Decimal(_hundredths(self.distinct, self.errors)).scaleb(-2)

    @property
    def dot(self) -> Dot:
        """Green: no errors. Yellow: an accuracy of 99 % or more. Red: less."""
        return result_dot(self.distinct, self.errors)


def _hundredths(distinct: int, errors: int) -> int:
    """The accuracy in hundredths of a percent."""
    if errors == 0:
        return _ALL
    rounded = ((distinct - errors) * _ALL * 2 + distinct) // (distinct * 2)
    highest = _LIMIT_OF_YELLOW if errors * 100 > distinct else _ALL
    return min(rounded, highest - 1)


def figures_of(result: Counts) -> Figures:
    return Figures(
        result.at_district,
        result.at_state,
        result.not_at_state,
        result.not_at_district,
        result.differences,
    )


def pooled(figures: Iterable[Figures]) -> Figures:
    return sum(figures, Figures())
