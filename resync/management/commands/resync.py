import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from districts.models import District, SchoolYear
from resync import actions
from resync.choices import NOT_RUN
from resync.console import batch_table
from resync.exceptions import ResyncRefused
from resync.management.foreground import as_text, work_on
from resync.models import Batch, BatchObject
from resync.plan import offered_names


class Command(BaseCommand):
    help = (
        "Sends a resync of a district to the state: the same action as the page Resync State Data - Batch. With "
        "--wait the command works on the batch itself, beside the workers, until it ends. Exit status 1 when an "
        "object could not be run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the district's number")
        parser.add_argument(
            "--year", type=int, help="end year of the school year; default: the district's current one"
        )
        parser.add_argument(
            "--objects", help="names separated by commas; default: all that the district is offered"
        )
        parser.add_argument(
            "--no-check-dependencies", action="store_true", help="send the named objects only"
        )
        parser.add_argument("--wait", action="store_true", help="show the progress and wait for the end")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = self._send(options)
        if options["wait"]:
            this = Batch.objects.filter(pk=batch.pk)
            work_on(this, lambda: batch_table(_objects(batch)), quiet=options["json"])
        objects = list(_objects(batch))
        self._print(objects, as_json=options["json"])
        if any(each.status in NOT_RUN for each in objects):
            raise SystemExit(1)

    def _send(self, options: dict[str, Any]) -> Batch:
        district = _district(options["number"])
        school_year = _school_year(district, options["year"])
        names = options["objects"].split(",") if options["objects"] else offered_names(district, school_year)
        try:
            return actions.send_resync(
                district=district,
                school_year=school_year,
                objects=[name.strip() for name in names],
                check_dependencies=not options["no_check_dependencies"],
                by=None,
            )
        except ResyncRefused as error:
            raise CommandError(str(error)) from error

    def _print(self, objects: Iterable[BatchObject], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([_result(each) for each in objects], indent=2))
        else:
            self.stdout.write(as_text(batch_table(objects)))


def _objects(batch: Batch) -> QuerySet[BatchObject]:
    return batch.objects_in_order.order_by("place")


def _district(number: str) -> District:
    try:
        return District.objects.select_related("state", "zone__school_year").get(number=number)
    except District.DoesNotExist as error:
        raise CommandError(f"There is no district {number}.") from error


def _school_year(district: District, year: int | None) -> SchoolYear:
    if year is None:
        return district.zone.school_year
    try:
        return SchoolYear.objects.get(end_year=year)
    except SchoolYear.DoesNotExist as error:
        raise CommandError(f"There is no school year that ends in {year}.") from error


def _result(each: BatchObject) -> dict[str, Any]:
    return {
        "object": each.object,
        "total": each.total,
        "processed": each.processed,
        "errors": each.errors,
        "status": each.status,
    } | ({"reason": each.reason} if each.reason else {})
