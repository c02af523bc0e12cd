from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class KindSummary:
    """An element kind of one dialect: how often it is there, and what for.

    `becomes` are the objects that its elements turn into, `adds_to` those that it lends a column to.
    """

    kind: str
    dialect: str
    elements: int = 0
    of_other_year: int = 0
    becomes: tuple[str, ...] = ()
    adds_to: tuple[str, ...] = ()

    @property
    def use(self) -> str:
        if self.becomes:
            return ", ".join(self.becomes)
        return f"adds to {', '.join(self.adds_to)}" if self.adds_to else "not used"


@dataclass
class NotUnderstood:
    """Texts that do not have their column's form. They were left empty; `first` is where the first one
    stands.
    """

    kind: str
    column: str
    first: str
    values: int = 0


@dataclass
class Summary:
    """What a load did. Names and numbers only, never a value from the files."""

    district: str
    school_year: int
    files: list[str] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    kinds: list[KindSummary] = field(default_factory=list)
    objects: Counter[str] = field(default_factory=Counter)
    not_understood: list[NotUnderstood] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def elements(self) -> int:
        return sum(each.elements for each in self.kinds)

    @property
    def records(self) -> int:
        return self.objects.total()

    def as_json(self) -> dict[str, Any]:
        return {
            "district": self.district,
            "school_year": self.school_year,
            "files": self.files,
            "not_read": self.not_read,
            "elements": self.elements,
            "records": self.records,
            "kinds": [
                {
                    "kind": each.kind,
                    "dialect": each.dialect,
                    "elements": each.elements,
                    "of_other_year": each.of_other_year,
                    "becomes": each.becomes,
                    "adds_to": each.adds_to,
                }
                for each in self.kinds
            ],
            "objects": dict(sorted(self.objects.items())),
            "not_understood": [vars(each) for each in self.not_understood],
            "left_out": [
                {"kind": kind, "reason": reason, "count": count}
                for (kind, reason), count in sorted(self.left_out.items())
            ],
            "repeated": dict(sorted(self.repeated.items())),
            "seconds": round(self.seconds, 1),
        }
