"""What the template of Tool Rights reads: tools as rows, groups as columns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from districts.choices import MEANINGS, Right, Tool
from districts.groups import GroupFacts, may_change
from districts.models import User
from districts.queries import held_rights


@dataclass(frozen=True)
class Letter:
    """One right on one tool in one group. Without a `meaning` it cannot be given; who does not hold it themself can
    neither give nor take it."""

    right: Right
    value: str
    meaning: str
    is_given: bool
    is_changeable: bool


@dataclass(frozen=True)
class Cell:
    column: "Column"
    letters: Sequence[Letter]

    @property
    def is_empty(self) -> bool:
        return not any(letter.is_given for letter in self.letters)


@dataclass(frozen=True)
class Row:
    tool: Tool
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Column:
    """A group. `is_changeable`: its rights are the viewer's to change; `is_edited`: this page changes them."""

    facts: GroupFacts
    is_changeable: bool
    is_edited: bool
    given: Collection[tuple[str, str]]


class RightsMatrix:
    """`edited` is the group that the page changes; `ticked` are the rights that its form has marked so far."""

    def __init__(
        self,
        groups: Sequence[GroupFacts],
        by: User,
        edited: GroupFacts | None = None,
        ticked: Collection[tuple[str, str]] | None = None,
    ) -> None:
        self._groups = groups
        self._by = by
        self._edited = edited
        self._ticked = ticked

    @property
    def is_editing(self) -> bool:
        return self._edited is not None

    @cached_property
    def columns(self) -> list[Column]:
        """The edited group first: where the eye and the phone begin."""
        columns = [self._column(facts) for facts in self._groups]
        return sorted(columns, key=lambda column: not column.is_edited)

    @property
    def rows(self) -> list[Row]:
        return [Row(tool, [self._cell(column, tool) for column in self.columns]) for tool in Tool]

    def _column(self, facts: GroupFacts) -> Column:
        is_edited = self._edited is not None and facts.pk == self._edited.pk
        given = self._ticked if is_edited and self._ticked is not None else facts.rights
        return Column(facts, may_change(self._by, facts.district), is_edited, given)

    def _cell(self, column: Column, tool: Tool) -> Cell:
        held = held_rights(self._by)
        return Cell(
            column,
            [
                Letter(
                    right=right,
                    value=f"{tool.value}:{right.value}",
                    meaning=MEANINGS[tool].get(right, ""),
                    is_given=(tool.value, right.value) in column.given,
                    is_changeable=(tool.value, right.value) in held,
                )
                for right in Right
            ],
        )


def given_letters(rights: Collection[tuple[str, str]]) -> list[tuple[Tool, list[tuple[Right, str]]]]:
    """The tools on which these rights are, each with its letters and what they mean."""
    held = [
        (
            tool,
            [(right, meaning) for right, meaning in meanings.items() if (tool.value, right.value) in rights],
        )
        for tool, meanings in MEANINGS.items()
    ]
    return [(tool, letters) for tool, letters in held if letters]
