"""Reads the IDs that a person typed, pasted or sent in a file. Pure: no database, and it never raises."""

from collections.abc import Iterator
from dataclasses import dataclass

# The largest request: more would keep others of the district waiting, and a batch is faster then.
MOST_IDS = 100_000
LARGEST_ID = 2**63 - 1
MOST_DIGITS = 19
# How many tokens a page names, and how much of each.
MOST_NAMED = 50
LONGEST_NAMED = 40
# A byte order mark is what some editors begin a file with.
_SEPARATORS = str.maketrans({",": " ", "\ufeff": " "})


@dataclass(frozen=True)
class ParsedIDs:
    """Every token is in `ids`, a repetition of one of them, or rejected.

    `ids` are distinct, in the order in which they came. `repeated` counts the tokens that named an ID again;
    `repeated_ids` are the first of these IDs. `rejected` counts the tokens that are not numbers, or not of the size of
    an ID; `rejected_tokens` are the first of them, cut, without what cannot be shown.
    """

    ids: tuple[int, ...]
    repeated: int = 0
    repeated_ids: tuple[int, ...] = ()
    rejected: int = 0
    rejected_tokens: tuple[str, ...] = ()

    @property
    def too_many(self) -> bool:
        return len(self.ids) > MOST_IDS

    @property
    def rejected_unnamed(self) -> int:
        """How many more were rejected than are named."""
        return self.rejected - len(self.rejected_tokens)

    @property
    def problem(self) -> str:
        """Why these IDs cannot be synced, as a sentence; empty if they can. Rejected tokens keep back all of them, so
        that nobody takes a mistyped ID for one that was synced."""
        if self.too_many:
            return too_many_ids(len(self.ids))
        if self.rejected:
            count = "1 entry is" if self.rejected == 1 else f"{self.rejected:,} entries are"
            return (
                f"{count} no ID, that is no number of at most {MOST_DIGITS} digits. Correct or remove them."
            )
        return "" if self.ids else NO_IDS


NO_IDS = "No ID is entered. Type or paste at least one, then press Sync."


def too_many_ids(count: int) -> str:
    return (
        f"{count:,} different IDs are entered; a request takes at most {MOST_IDS:,}. Split them up, or resync the "
        "whole object with Resync State Data - Batch."
    )


def parse_ids(text: str) -> ParsedIDs:
    """IDs separated by commas, white space or new lines (seed 004, Syncing Objects for Specific Users)."""
    seen: dict[int, None] = {}
    again: dict[int, None] = {}
    repeated, rejected, named = 0, 0, list[str]()
    for token in _tokens(text):
        number = _read(token)
        if number is None:
            rejected += 1
            if len(named) < MOST_NAMED:
                named.append(_shown(token))
        elif number in seen:
            repeated += 1
            again[number] = None
        else:
            seen[number] = None
    return ParsedIDs(tuple(seen), repeated, tuple(again)[:MOST_NAMED], rejected, tuple(named))


def _tokens(text: str) -> Iterator[str]:
    return iter(text.translate(_SEPARATORS).split())


def _read(token: str) -> int | None:
    """Digits of ASCII only: Python itself also reads 1_000, +1 and digits of other scripts."""
    if len(token) > MOST_DIGITS or not (token.isascii() and token.isdigit()):
        return None
    number = int(token)
    return number if number <= LARGEST_ID else None


def _shown(token: str) -> str:
    cut = token if len(token) <= LONGEST_NAMED else token[: LONGEST_NAMED - 1] + "…"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in cut)
