"""What changes people and their rights."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group
from django.db import transaction

from districts.choices import Right, Tool
from districts.models import ToolRight

DISTRICT_ADMINISTRATOR = "District Administrator"
DISTRICT_VIEWER = "District Viewer"
STATE_ADMINISTRATOR = "State Administrator"
STATE_VIEWER = "State Viewer"

Rights = Mapping[Tool, Sequence[Right]]

_SEE: Rights = {Tool.BATCH: (Right.READ,)}
_SEND: Rights = {Tool.BATCH: (Right.READ, Right.WRITE)}
# Read shows the results, Write sends (seed 003); the other two rights mean nothing to the batch tool.
_READY_MADE = {
    DISTRICT_ADMINISTRATOR: _SEND,
    DISTRICT_VIEWER: _SEE,
    STATE_ADMINISTRATOR: _SEND,
    STATE_VIEWER: _SEE,
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
        ToolRight(group=group, tool=tool, right=right) for tool, rights in tools.items() for right in rights
    )
