from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from district_data.databases import prepare_attendance
from districts.exceptions import DistrictError
from districts.models import District


class Command(BaseCommand):
    help = (
        "Prepares a district's database for the aggregation of attendance: its schema, and the role that may write "
        "there. Only for a database that Upstate made; docs/attendance.md tells a DBA what another one needs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the district's number")

    def handle(self, *args: Any, **options: Any) -> None:
        district = District.objects.filter(number=options["number"]).first()
        if district is None:
            raise CommandError(f"There is no district {options['number']}.")
        try:
            prepare_attendance(district)
        except DistrictError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{district} is prepared: its attendance is added up every night from now on.")
