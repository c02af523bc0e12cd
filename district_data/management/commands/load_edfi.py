import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from district_data.edfi.exceptions import EdFiError
from district_data.edfi.loading import load_folder
from district_data.edfi.summary import Summary
from districts.exceptions import DistrictError

# A title, the headings of the columns, and the lines.
Section: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[str]]]

_NUMBERS = frozenset({"Elements", "Of another year", "Records", "Repeated", "Values", "Times"})


class Command(BaseCommand):
    help = "Replace a district's data of one school year by a folder of Ed-Fi XML files (5.2 and 2.0)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number", metavar="NUMBER", help="the district's number; it is created if need be"
        )
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder that holds the XML files")
        parser.add_argument(
            "--school-year",
            type=int,
            metavar="YEAR",
            help="the year in which it ends; without, as the files say",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            summary = load_folder(options["number"], _as_meant(options["folder"]), options["school_year"])
        except (EdFiError, DistrictError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(summary.as_json(), indent=2))
        elif self.stdout.isatty():
            _print_rich(summary)
        else:
            self.stdout.write("\n".join(_plain_lines(summary)))


def _as_meant(folder: Path) -> Path:
    """A relative folder begins where the person called ./upstate, which itself works from its own folder."""
    return Path(os.environ.get("UPSTATE_CALLED_FROM", "."), folder)


def _print_rich(summary: Summary) -> None:
    console = Console()
    for title, headings, lines in _sections(summary):
        table = Table(title=title, title_justify="left")
        for heading in headings:
            table.add_column(heading, justify="right" if heading in _NUMBERS else "left")
        for line in lines:
            table.add_row(*line)
        console.print(table)
    console.print(_conclusion(summary), highlight=False)


def _plain_lines(summary: Summary) -> Iterator[str]:
    for title, headings, lines in _sections(summary):
        widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)]
        yield title
        for line in (headings, *lines):
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield "  " + "  ".join(cells).rstrip()
        yield ""
    yield _conclusion(summary)


def _sections(summary: Summary) -> list[Section]:
    """What there is to say; a section without lines is left away."""
    everything = [_kinds(summary), _objects(summary), _not_understood(summary), _left_out(summary)]
    return [each for each in everything if each[2]]


def _kinds(summary: Summary) -> Section:
    headings = ["Element", "Ed-Fi", "Elements", "Of another year", "Becomes"]
    lines = [
        [each.kind, each.dialect, f"{each.elements:,}", f"{each.of_other_year:,}", each.use]
        for each in summary.kinds
    ]
    return "Elements in the files", headings, lines


def _objects(summary: Summary) -> Section:
    lines = [
        [name, f"{count:,}", f"{summary.repeated[name]:,}"] for name, count in sorted(summary.objects.items())
    ]
    return "Records in the district's database", ["Object", "Records", "Repeated"], lines


def _not_understood(summary: Summary) -> Section:
    lines = [[each.kind, each.column, f"{each.values:,}", each.first] for each in summary.not_understood]
    return "Values not understood, left empty", ["Element", "Column", "Values", "The first one"], lines


def _left_out(summary: Summary) -> Section:
    lines = [[kind, reason, f"{count:,}"] for (kind, reason), count in sorted(summary.left_out.items())]
    return "Left out", ["Element", "What", "Times"], lines


def _conclusion(summary: Summary) -> str:
    year = f"{summary.school_year - 1}-{summary.school_year}"
    ignored = f" Not read: {', '.join(summary.not_read)}." if summary.not_read else ""
    return (
        f"District {summary.district}, school year {year}: {summary.elements:,} elements in "
        f"{len(summary.files)} files became {summary.records:,} records in {summary.seconds:.1f} s.{ignored}"
    )
