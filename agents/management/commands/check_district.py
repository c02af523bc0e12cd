import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from districts.models import District
from interchange.check import DistrictCheck, check_district


class Command(BaseCommand):
    help = (
        "Checks whether a district's database can be resynced: which objects are there, missing columns, types that "
        "the catalogue does not expect, rights that are missing. It reads no record. Exit status 1 when something is "
        "wrong; a warning alone is not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the district's number")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        district = District.objects.select_related("state", "zone").filter(number=options["number"]).first()
        if district is None:
            raise CommandError(f"There is no district {options['number']}.")
        result = check_district(district)
        self.stdout.write(json.dumps(_as_data(result), indent=2) if options["json"] else _as_text(result))
        if not result.is_sound:
            raise SystemExit(1)


def _as_data(result: DistrictCheck) -> dict[str, Any]:
    return {
        "district": result.district.number,
        "sound": result.is_sound,
        "role": result.role,
        "server": result.server,
        "time_zone": result.time_zone,
        "findings": [asdict(each) for each in result.findings],
        "objects": [asdict(each) | {"sound": each.is_sound} for each in result.objects],
    }


def _as_text(result: DistrictCheck) -> str:
    console = Console()
    with console.capture() as captured:
        console.print(f"District {result.district}", highlight=False)
        for finding in result.findings:
            console.print(f"{finding.severity}: {finding.sentence}", highlight=False, soft_wrap=True)
        if result.objects:
            console.print(_summary(result), highlight=False, soft_wrap=True)
            console.print(_table(result))
    return captured.get()


def _summary(result: DistrictCheck) -> str:
    return (
        f"PostgreSQL {result.server}, role {result.role}, times as in {result.time_zone}. "
        f"{result.sound_objects} of {len(result.objects)} objects can be resynced."
    )


def _table(result: DistrictCheck) -> Table:
    table = Table("Object", "At the district", "What to do", box=None, header_style="bold")
    for each in result.objects:
        told = "\n".join(f"{finding.severity}: {finding.sentence}" for finding in each.findings)
        table.add_row(each.name, each.kind or "missing", told or "ok")
    return table
