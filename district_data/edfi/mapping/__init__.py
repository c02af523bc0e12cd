"""Which element becomes which rows: importing the package fills the registry."""

from district_data.edfi.mapping import (
    assessment,
    attendance,
    behavior,
    calendar,
    census,
    enrollment,
    health,
    organisation,
    programs,
    schedule,
    staff,
)
from district_data.edfi.mapping.registry import LEARNERS, MAPPERS, use_of

__all__ = [
    "LEARNERS",
    "MAPPERS",
    "assessment",
    "attendance",
    "behavior",
    "calendar",
    "census",
    "enrollment",
    "health",
    "organisation",
    "programs",
    "schedule",
    "staff",
    "use_of",
]
