"""The questions before records are resynced or removed."""

from collections.abc import Sequence
from dataclasses import dataclass

from interchange.choices import DifferenceKind
from resync.wording import counted, few
from verification.differences import MENDED_BY_RESYNC
from verification.forms import EXPECTED, DifferencesForm
from verification.kinds import KINDS
from verification.models import VerificationResult
from verification.queries import KindCount

_KEYS_NAMED = 20


@dataclass(frozen=True)
class CorrectPage:
    """What is about to be done with some differences of a result: those with these `keys`, or for None all of the
    `kind`, `expected` leaving out some of them. Without a `kind` all that a resync can mend are meant. `counts` are
    those of the result."""

    result: VerificationResult
    counts: Sequence[KindCount]
    kind: DifferenceKind | None = None
    keys: Sequence[int] | None = None
    expected_value: str = ""

    @classmethod
    def of_all(cls, result: VerificationResult, counts: Sequence[KindCount]) -> "CorrectPage":
        """All that a resync should mend: not what the last attempt rejected, as long as there is anything else."""
        every = cls(result, counts)
        return cls(result, counts, expected_value="no") if 0 < every.rejected < every.number else every

    @classmethod
    def of_form(
        cls, result: VerificationResult, counts: Sequence[KindCount], form: DifferencesForm
    ) -> "CorrectPage":
        return cls(result, counts, form.chosen_kind, form.chosen, form.cleaned_data["expected"])

    @property
    def kinds(self) -> tuple[DifferenceKind, ...]:
        return (self.kind,) if self.kind else MENDED_BY_RESYNC

    @property
    def _of_kinds(self) -> list[KindCount]:
        return [each for each in self.counts if each.kind in self.kinds]

    @property
    def number(self) -> int:
        """How many records are meant."""
        if self.keys is not None:
            return len(self.keys)
        kept, expected = (
            sum(each.kept for each in self._of_kinds),
            sum(each.expected for each in self._of_kinds),
        )
        return {None: kept, True: expected, False: kept - expected}[EXPECTED.get(self.expected_value)]

    @property
    def rejected(self) -> int:
        """How many of them were rejected when they were last sent; nobody counts that for chosen keys."""
        if self.keys is not None or self.expected_value == "no":
            return 0
        return sum(each.expected for each in self._of_kinds)

    @property
    def left_out(self) -> int:
        """How many are left out because they were rejected when they were last sent."""
        if self.keys is not None or self.expected_value != "no":
            return 0
        return sum(each.expected for each in self._of_kinds)

    @property
    def left(self) -> int:
        """How many the verification has counted, but not kept by key."""
        return sum(each.count - each.kept for each in self._of_kinds) if self.keys is None else 0

    @property
    def records(self) -> str:
        return counted(self.number, "record")

    @property
    def of_kinds(self) -> str:
        return " and ".join(KINDS[each] for each in self.kinds)

    @property
    def kind_value(self) -> str:
        return self.kind.value if self.kind else ""

    @property
    def keys_value(self) -> str:
        return ",".join(str(key) for key in self.keys or ())

    @property
    def named(self) -> str:
        return few([str(key) for key in self.keys or ()], _KEYS_NAMED)
