"""What changes people and their rights."""

from collections.abc import Mapping
from typing import TypeAlias

from django.contrib.auth.models import Group
from django.db import transaction

from districts.choices import Tool
from districts.models import ToolRight

DISTRICT_ADMINISTRATOR = "District Administrator"
DISTRICT_VIEWER = "District Viewer"
STATE_ADMINISTRATOR = "State Administrator"
STATE_VIEWER = "State Viewer"

# The letters of the rights on each tool.
Rights: TypeAlias = Mapping[Tool, str]

# The rights that an installation's groups begin with. Batch: Read shows the results, Write sends (seed 003).
_SEE = {
    Tool.BATCH: "R",
    Tool.AGENTS: "R",
    Tool.ERROR_LOG: "R",
    Tool.FIELD_SETTINGS: "R",
    Tool.ZONES: "R",
    Tool.ATTENDANCE_REFRESH: "R",
}
_ADMINISTER = {
    Tool.BATCH: "RW",
    Tool.AGENTS: "R",
    Tool.ERROR_LOG: "RD",
    Tool.FIELD_SETTINGS: "R",
    Tool.ZONES: "RW",
    Tool.ATTENDANCE_REFRESH: "RW",
    Tool.TOOL_RIGHTS: "RW",
    Tool.USERS: "RWAD",
}
_READY_MADE: Mapping[str, Rights] = {
    DISTRICT_ADMINISTRATOR: _ADMINISTER,
    DISTRICT_VIEWER: _SEE,
    STATE_ADMINISTRATOR: _ADMINISTER | {Tool.FIELD_SETTINGS: "RW", Tool.ATTENDANCE_SCHEDULE: "RW"},
    STATE_VIEWER: _SEE | {Tool.ATTENDANCE_SCHEDULE: "R"},
}


@transaction.atomic
def ensure_ready_made_groups() -> dict[str, Group]:
    """The groups that an installation starts with, by name. A group that is there keeps the rights it has."""
    groups = {}
    for name, tools in _READY_MADE.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            _give(group, tools)
        groups[name] = group
    return groups


def _give(group: Group, tools: Rights) -> None:
    ToolRight.objects.bulk_create(
        ToolRight(group=group, tool=tool, right=letter)
        for tool, letters in tools.items()
        for letter in letters
    )
