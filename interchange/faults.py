"""Why a record did not end at the state, and the sentence that tells a person. Never a value: keys and codes only."""

from dataclasses import dataclass
from enum import StrEnum

from dis_objects.catalogue import ObjectDefinition, definition, label


class Code(StrEnum):
    """The codes that the engine gives. An exclusion has the code that the catalogue gives it."""

    MISSING_KEY = "MISSING_KEY"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    MISSING_REQUIRED = "MISSING_REQUIRED"
    INVALID_VALUE = "INVALID_VALUE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TOO_LONG = "TOO_LONG"
    MISSING_PARENT = "MISSING_PARENT"


_SENTENCES = {
    Code.MISSING_KEY: "The record has no {key_label}. Give it one in the district's database.",
    Code.DUPLICATE_KEY: "More than one record has this {key_label}. Leave one of them in the district's database.",
    Code.MISSING_REQUIRED: "{field} is empty, but the state requires it. Fill it in at the district.",
    Code.INVALID_VALUE: "{field} cannot be read as {type}. Correct it at the district.",
    Code.OUT_OF_RANGE: "{field} is outside the range that the state can store. Correct it at the district.",
    Code.TOO_LONG: "{field} is longer than the {length} characters that the state can store. Shorten it.",
    Code.MISSING_PARENT: "{parent} {parent_key} is not at the state. Resync {parent} with its dependencies first.",
}

_TYPES = {
    "DateField": "a date",
    "DateTimeField": "a date and time",
    "BooleanField": "yes or no",
    "DecimalField": "a number",
    "UUIDField": "a GUID",
}


@dataclass(frozen=True)
class Fault:
    """Why one record failed: a code, the field it is about, and the key of the parent that is missing."""

    code: str
    field: str = ""
    parent_key: int | None = None


def sentence(object_name: str, fault: Fault) -> str:
    """The fault as a sentence that says what to do next."""
    known = definition(object_name)
    for exclusion in known.exclusions:
        if exclusion.code == fault.code:
            return exclusion.sentence
    # An open error may be older than the catalogue: its rule or its field may be gone.
    if fault.code not in _SENTENCES or not _knows(known, fault.field):
        return f"A rule that is no longer in force held the record back ({fault.code}). Resync {object_name}."
    return _SENTENCES[Code(fault.code)].format(key_label=label(known.key), **_words(known, fault))


def _knows(known: ObjectDefinition, field: str) -> bool:
    return not field or any(each.name == field for each in known.fields)


def _words(known: ObjectDefinition, fault: Fault) -> dict[str, object]:
    field = next((each for each in known.fields if each.name == fault.field), None)
    if field is None:
        return {}
    return {
        "field": label(field.name),
        "type": _TYPES.get(type(field).__name__, "a whole number"),
        "length": getattr(field, "max_length", None),
        "parent": getattr(field, "parent", ""),
        "parent_key": fault.parent_key,
    }
