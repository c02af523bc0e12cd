"""Tables of tick boxes: what a person turned on and off, told from what they left as it was."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_BETWEEN = "|"


@dataclass(frozen=True)
class FlagChange:
    """The names for which one flag is turned on, and those for which it is turned off."""

    flag: str
    on: frozenset[str]
    off: frozenset[str]


def as_shown(name: str, flags_on: Collection[str]) -> str:
    """A row as the page shows it, for the form to send back: its name, then the flags that are on."""
    return _BETWEEN.join((name, *flags_on))


def changes(
    flags: Sequence[str], shown: Collection[str], ticked: dict[str, Collection[str]]
) -> Iterator[FlagChange]:
    """What differs from what the page had shown. Anything else stays as somebody else may have set it since."""
    before = {name: on for name, *on in (row.split(_BETWEEN) for row in shown)}
    for flag in flags:
        was_on = {name for name, on in before.items() if flag in on}
        is_on = set(ticked[flag]) & before.keys()
        if was_on != is_on:
            yield FlagChange(flag, frozenset(is_on - was_on), frozenset(was_on - is_on))
