"""What record errors have in common: the causes that the agent log shows first, and how it names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dis_objects.catalogue import definition, definitions, label
from dis_objects.fields import ParentKey
from interchange.faults import Code, Fault, sentence


class Kind(StrEnum):
    """Errors count failures and records that are not allowed to sync alike (seed 000, Analyze Resync Attempts and
    Results); the log tells them apart."""

    FAILED = "failed"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Member:
    """The records of one object that share a cause."""

    object: str
    code: str
    field: str
    records: int


@dataclass(frozen=True)
class Cause:
    """Record errors of one code that are about one thing, over all objects: a parent object that is missing, a field,
    or nothing further. `members` are in the order of their objects."""

    code: str
    about: str
    members: tuple[Member, ...]

    @property
    def records(self) -> int:
        return sum(each.records for each in self.members)

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.object for each in self.members))

    @property
    def kind(self) -> Kind:
        return kind_of(self.code)

    @property
    def missing_parent(self) -> str:
        """The parent object whose records are missing at the state; empty for every other cause."""
        return self.about if self.code == Code.MISSING_PARENT and self.about in definitions() else ""

    @property
    def title(self) -> str:
        if self.code in _TITLES:
            return _TITLES[Code(self.code)].format(self.about)
        return self.code.replace("_", " ").capitalize()

    @property
    def advice(self) -> str:
        """What to do, in the words of the record errors themselves. A missing parent's key differs from record to
        record, so its advice names none."""
        if self.missing_parent:
            children = ", ".join(self.objects)
            return (
                f"{children} point to records of {self.about} that the state does not hold. Resync {self.about} with "
                f"its dependencies first, then {children}. A record of {self.about} that fails itself has an error of "
                "its own."
            )
        first = self.members[0]
        return sentence(first.object, Fault(self.code, first.field))


_TITLES = {
    Code.MISSING_KEY: "Record without a key: {}",
    Code.DUPLICATE_KEY: "More than one record with one key",
    Code.MISSING_REQUIRED: "Required field is empty: {}",
    Code.INVALID_VALUE: "Value cannot be read: {}",
    Code.OUT_OF_RANGE: "Value out of range: {}",
    Code.TOO_LONG: "Value too long: {}",
    Code.MISSING_PARENT: "Parent record missing at the state: {}",
}


def kind_of(code: str) -> Kind:
    """The engine's own codes are failures; every other comes from an exclusion of the catalogue."""
    return Kind.FAILED if code in set(Code) else Kind.EXCLUDED


def about(object_name: str, code: str, field: str) -> str:
    """What an error of this code and field is about: the parent object, or the field as the screens spell it."""
    return parent_of(object_name, field) or label(field) if code == Code.MISSING_PARENT else label(field)


def parent_of(object_name: str, field: str) -> str:
    """The object that a field names records of; empty if it names none, or is gone from the catalogue."""
    for each in definition(object_name).fields if object_name in definitions() else ():
        if each.name == field and isinstance(each, ParentKey):
            return each.parent
    return ""


def causes_of(members: Iterable[Member]) -> list[Cause]:
    """The most frequent first; of equals, in the order of their names."""
    found: dict[tuple[str, str], list[Member]] = {}
    for each in members:
        found.setdefault((each.code, about(each.object, each.code, each.field)), []).append(each)
    causes = [
        Cause(code, subject, tuple(sorted(those, key=lambda each: (each.object, each.field))))
        for (code, subject), those in found.items()
    ]
    return sorted(causes, key=lambda cause: (-cause.records, cause.code, cause.about))
