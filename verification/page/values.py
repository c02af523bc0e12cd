"""The page of one record: its values on both sides."""

from dataclasses import dataclass

from dis_objects.catalogue import definition, label
from interchange.choices import DifferenceKind
from interchange.values import FieldValues, RecordValues
from verification.models import VerificationResult


@dataclass(frozen=True)
class ValueLine:
    """A field of the record, as the page shows it."""

    field: FieldValues

    @property
    def name(self) -> str:
        return label(self.field.name)

    @property
    def remark(self) -> str:
        """Why another value counts as no difference; empty where nothing needs to be said."""
        return "The state keeps its own value" if self.field.locked else ""

    @property
    def looks_equal(self) -> bool:
        """Other values that nobody can tell apart by looking: other blanks, or accents composed in another way."""
        texts = (*self.field.at_district, self.field.at_state)
        return self.field.differs and len({" ".join((text or "").split()) for text in texts}) == 1


@dataclass(frozen=True)
class ValuesPage:
    """`kind` is that of the list that the person comes from."""

    result: VerificationResult
    key: int
    values: RecordValues
    kind: DifferenceKind | None

    @property
    def key_label(self) -> str:
        return label(definition(self.result.object).key)

    @property
    def kind_value(self) -> str:
        return self.kind.value if self.kind else ""

    @property
    def compared(self) -> list[ValueLine]:
        return [ValueLine(field) for field in self.values.fields if field.compared]

    @property
    def others(self) -> list[ValueLine]:
        """Fields that no verification of the object compares."""
        return [ValueLine(field) for field in self.values.fields if not field.compared]

    @property
    def opens_others(self) -> bool:
        return any(line.field.differs for line in self.others)

    @property
    def what(self) -> str:
        """What the two sides say, in a sentence."""
        if not (self.values.copies or self.values.is_at_state):
            return "Neither side has this record any more."
        if not self.values.copies:
            return "The district does not have this record. What the state has stands below."
        if not self.values.is_at_state:
            return "The state does not have this record. What the district has stands below."
        if self.values.copies > 1:
            return (
                f"{self.values.copies} rows of the district share this key. All of their values stand below."
            )
        if not any(each.differs and each.compared for each in self.values.fields):
            return "No compared field differs: the record has changed since it was verified."
        return "The marked fields differ."
