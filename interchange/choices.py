from enum import StrEnum


class DifferenceKind(StrEnum):
    """How a key does not agree. A duplicate is reported beside the other three, and counts as no error of its own."""

    NOT_AT_STATE = "not_at_state"
    NOT_AT_DISTRICT = "not_at_district"
    DIFFERENCE = "difference"
    DUPLICATE = "duplicate"
