import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from dis_objects import catalogue
from dis_objects.catalogue import ObjectDefinition

Entry: TypeAlias = dict[str, Any]
Row: TypeAlias = tuple[str, ...]

HEADINGS: Row = ("Object", "School year", "States", "Children", "Parents (* immediate)")


class Command(BaseCommand):
    """Reads the record models only, so that it also works before there is a database."""

    help = "List every DIS object, parents first, with the objects it depends on and those that depend on it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print a JSON list, for programs")
        form.add_argument("--markdown", action="store_true", help="print the table of docs/hierarchy.md")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = [_entry(each) for each in catalogue.definitions().values()]
        rows = [_row(entry) for entry in entries]
        if options["json"]:
            self.stdout.write(json.dumps(entries, indent=2))
        elif options["markdown"]:
            self.stdout.write(markdown(rows))
        elif self.stdout.isatty():
            Console().print(_table(rows))
        else:
            self.stdout.write(aligned([HEADINGS, *rows]))


def _entry(each: ObjectDefinition) -> Entry:
    tree = catalogue.hierarchy()
    return {
        "name": each.name,
        "parents": tree.parents(each.name),
        "immediate_parents": tree.immediate_parents(each.name),
        "children": tree.children(each.name),
        "school_year_bound": each.school_year is not None,
        "states": each.states,
    }


def _row(entry: Entry) -> Row:
    return (
        entry["name"],
        "yes" if entry["school_year_bound"] else "no",
        ", ".join(entry["states"]) or "all",
        str(len(entry["children"])),
        ", ".join(_starred(entry)) or "none",
    )


def _starred(entry: Entry) -> Iterable[str]:
    for parent in entry["parents"]:
        yield f"{parent}*" if parent in entry["immediate_parents"] else parent


def aligned(rows: Sequence[Row]) -> str:
    """The rows as lines of text, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    # An asterisk would begin emphasis.
    body = ["| " + " | ".join(row).replace("*", r"\*") + " |" for row in (HEADINGS, *rows)]
    body.insert(1, "|" + "---|" * len(HEADINGS))
    return "\n".join(body)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in HEADINGS:
        # Names stay whole on a narrow terminal; the parents wrap instead.
        table.add_column(heading, no_wrap=heading == HEADINGS[0])
    for row in rows:
        table.add_row(*row)
    return table
