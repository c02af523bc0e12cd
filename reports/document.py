"""What a report says, before it is known whether it becomes a PDF or a DOCX: text, keys and tables, nothing of looks.

Every text is final: times are local already, numbers grouped. Keys are set as they are.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# A table is tagged cell by cell, which takes some 15 kB of memory for each. Longer ones are for CSV.
MOST_TABLE_CELLS = 12_000
# A PDF takes some 3 kB of memory for a key: about 700 MB for so many, in all sections together.
MOST_KEYS = 250_000
MOST_KEY_COLUMNS = 8
# Tables with more columns than this lie across the long side of the page.
_MOST_UPRIGHT_COLUMNS = 7
# How many characters a column of words may claim before its words go to another line.
_WIDEST_WORDS = 30
_INSET = 2
# How many digits of keys stand side by side on a page, with the room between the columns.
_DIGITS_ACROSS = 104
_ROOM_BETWEEN = 3
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True)
class KeyList:
    """Keys, however many, in columns that are read from top to bottom; `empty` is said where there are none."""

    keys: Sequence[int]
    empty: str = "None"

    @property
    def columns(self) -> int:
        """As many as there is room for beside each other, by the longest key."""
        widest = max((len(str(key)) for key in self.keys), default=1)
        return max(1, min(MOST_KEY_COLUMNS, _DIGITS_ACROSS // (widest + _ROOM_BETWEEN)))


@dataclass(frozen=True)
class Table:
    """Rows under a head; the columns whose places are in `numeric` are set to the right.

    Raises ValueError for a row of another length, and for more than MOST_TABLE_CELLS cells.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    empty: str = "None"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError("A row of a report's table has another length than its head.")
        if len(self.head) * len(self.rows) > MOST_TABLE_CELLS:
            raise ValueError(f"A table of a report has more than {MOST_TABLE_CELLS} cells.")

    @property
    def widths(self) -> list[int]:
        """The share of each column, in characters: heads may break between words, numbers may not break."""
        return [self._width(place) for place in range(len(self.head))]

    def _width(self, place: int) -> int:
        word = max(map(len, self.head[place].split()), default=1)
        cell = max((len(row[place]) for row in self.rows), default=1)
        return max(word, cell if place in self.numeric else min(cell, _WIDEST_WORDS)) + _INSET


Block = KeyList | Table


@dataclass(frozen=True)
class Section:
    heading: str
    intro: str = ""
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Document:
    """`header` stands at the top of every page, `generated` at its foot beside the number of the page."""

    title: str
    header: str
    subtitle: str
    generated: str
    intro: str = ""
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = field(default=())
    language: str = "en-US"

    @property
    def key_count(self) -> int:
        return sum(len(block.keys) for block in self._blocks() if isinstance(block, KeyList))

    @property
    def is_landscape(self) -> bool:
        tables = (block for block in self._blocks() if isinstance(block, Table))
        return any(len(table.head) > _MOST_UPRIGHT_COLUMNS for table in tables)

    def _blocks(self) -> Iterator[Block]:
        for section in self.sections:
            yield from section.blocks


def printable(text: str) -> str:
    """The text on one line, without characters that no font can show or that turn the direction of what follows."""
    shown = (" " if unicodedata.category(each) in _UNPRINTABLE else each for each in text)
    return re.sub(r"\s+", " ", "".join(shown)).strip()
