"""The objects of one district with what their latest verification found, and the verification that is under way."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from districts.models import District, SchoolYear, User
from verification.figures import Figures
from verification.models import VerificationRun
from verification.page.marks import are_new, changed_since, marks
from verification.page.words import accuracy_words, news
from verification.queries import ResultRow, history_of, is_open, pooled_of, results_of, runs_of, version_of
from verification.tables.results import Actions, ResultsTable
from verification.wording import asker


class DistrictResults:
    """`seen` are the marks of the rows that an open page has."""

    def __init__(
        self, user: User, district: District, school_year: SchoolYear, actions: Actions, seen: str = ""
    ) -> None:
        self.user = user
        self.district = district
        self.school_year = school_year
        self._actions = actions
        self._seen = seen

    @cached_property
    def rows(self) -> list[ResultRow]:
        return results_of(self.user, self.district, self.school_year)

    @property
    def table(self) -> ResultsTable:
        return self._table_of(self.rows)

    def _table_of(self, rows: Sequence[ResultRow]) -> ResultsTable:
        return ResultsTable(
            rows,
            district=self.district,
            school_year=self.school_year,
            points=history_of(self.user, self.district, self.school_year),
            actions=self._actions,
        )

    @cached_property
    def total(self) -> Figures | None:
        """Of all objects together; None where none was verified."""
        return pooled_of(self.rows) if any(row.figures for row in self.rows) else None

    @property
    def total_words(self) -> str:
        return accuracy_words(self.total)

    # ---- The verification under way --------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return is_open(self.rows)

    @cached_property
    def run(self) -> VerificationRun | None:
        """The one that runs or is the next to run."""
        open_runs = [row.attempt.run_id for row in self.rows if row.attempt and row.is_open]
        if not open_runs:
            return None
        return runs_of(self.user, self.district, self.school_year).filter(pk=min(open_runs)).first()

    @property
    def asked_by(self) -> str:
        return asker(self.user, self.run) if self.run else ""

    @cached_property
    def of_run(self) -> list[ResultRow]:
        return [row for row in self.rows if self.run and row.attempt and row.attempt.run_id == self.run.pk]

    @property
    def ended(self) -> int:
        return sum(not row.is_open for row in self.of_run)

    @property
    def percent(self) -> int:
        """How far the run is, an object like the other."""
        done = sum(row.percent if row.is_open else 100 for row in self.of_run)
        return done // len(self.of_run) if self.of_run else 0

    # ---- Live ------------------------------------------------------------------------------------------------

    @cached_property
    def _told(self) -> Mapping[str, object]:
        return {row.name: version_of([row]) for row in self.rows}

    @property
    def marks(self) -> str:
        return marks(self._told)

    @cached_property
    def changed(self) -> list[str]:
        """The objects whose rows tell something else by now."""
        return changed_since(self._seen, self._told)

    @property
    def changed_table(self) -> ResultsTable:
        return self._table_of([row for row in self.rows if row.name in self.changed])

    @property
    def has_new_rows(self) -> bool:
        """Whether there are objects that the open page has no row for."""
        return are_new(self._seen, self._told)

    @property
    def news(self) -> str:
        return news({row.name: row for row in self.rows}, self.changed)
