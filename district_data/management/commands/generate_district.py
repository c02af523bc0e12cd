import argparse
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from district_data.actions import generate_district
from district_data.databases import ensure_district
from districts.exceptions import DistrictError


def _students(text: str) -> int:
    students = int(text)
    if not 1 <= students <= 2_000_000:
        raise argparse.ArgumentTypeError("A district has 1 to 2,000,000 students.")
    return students


def _error_rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 0.2:
        raise argparse.ArgumentTypeError("The error rate is a share from 0 to 0.2; 0.005 is half a percent.")
    return rate


class Command(BaseCommand):
    help = "Replaces everything in a district's database by a synthetic district of any size."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the district's number; an unknown one makes a new district")
        parser.add_argument("--students", type=_students, required=True)
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same district (1)")
        parser.add_argument(
            "--error-rate",
            type=_error_rate,
            default=0.005,
            help="about this share of the records must fail (0.005)",
        )
        parser.add_argument(
            "--end-year", type=int, default=2024, help="2024 is the school year 2023-2024 (2024)"
        )
        parser.add_argument("--name", help="the name of a new district")

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        wanted = {name: options[name] for name in ("students", "seed", "error_rate", "end_year")}
        try:
            district = ensure_district(options["number"], options["name"], end_year=options["end_year"])
            rows = generate_district(district=district, **wanted)
        except DistrictError as error:
            raise CommandError(str(error)) from error
        filled = {name: count for name, count in rows.items() if count}
        if options["verbosity"] > 1:
            self.stdout.write("\n".join(f"{count:12,}  {name}" for name, count in filled.items()))
        self.stdout.write(
            f"{district}: {options['students']:,} students, {sum(filled.values()):,} records of "
            f"{len(filled)} objects in the database {district.database_name}, {monotonic() - began:.1f} s."
        )
