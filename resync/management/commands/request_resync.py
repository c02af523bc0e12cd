import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from districts.models import District, SchoolYear
from resync.choices import UNSUCCESSFUL_BATCH
from resync.console import request_table
from resync.exceptions import ResyncRefused
from resync.management.foreground import as_text, work_on
from resync.models import ResyncRequest
from resync.plan import is_open, offers_of
from resync.progress import DistrictProgress, latest_batches, progress_of_batches, reasons_of
from resync.queries import usual_year
from resync.requests import refuse_closed, request_resync


class Command(BaseCommand):
    help = (
        "Requests a resync of districts, as the state does on the page Resync State Data - Batch: one batch for each "
        "district, accepted all or none. With --wait the command works on the batches itself, beside the workers, "
        "until they have ended. Exit status 1 when a district's resync did not complete."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--districts", help="numbers of districts, separated by commas")
        whom.add_argument("--all", action="store_true", help="every district that syncs the school year")
        parser.add_argument(
            "--objects", help="names separated by commas; default: what all of these districts are offered"
        )
        parser.add_argument(
            "--year",
            type=int,
            help="end year of the school year; default: the one that most districts are in",
        )
        parser.add_argument(
            "--no-check-dependencies", action="store_true", help="request the named objects only"
        )
        parser.add_argument("--wait", action="store_true", help="show the progress and wait for the end")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        request = self._request(options)
        if options["wait"]:
            work_on(request.batches.all(), lambda: request_table(_rows(request), {}), quiet=options["json"])
        rows = _rows(request)
        self._print(request, rows, as_json=options["json"])
        if any(row.status in UNSUCCESSFUL_BATCH for row in rows):
            raise SystemExit(1)

    def _request(self, options: dict[str, Any]) -> ResyncRequest:
        school_year = _school_year(options["year"])
        districts = _districts(options["districts"], school_year)
        try:
            refuse_closed(districts, school_year)
            return request_resync(
                districts=districts,
                school_year=school_year,
                objects=_words(options["objects"]) or _offered_to_all(districts, school_year),
                check_dependencies=not options["no_check_dependencies"],
                by=None,
            )
        except ResyncRefused as error:
            raise CommandError(str(error)) from error

    def _print(self, request: ResyncRequest, rows: list[DistrictProgress], *, as_json: bool) -> None:
        reasons = reasons_of(rows)
        if as_json:
            districts = [_result(row, reasons.get(row.batch_id, "")) for row in rows]
            self.stdout.write(json.dumps({"request": request.pk, "districts": districts}, indent=2))
        else:
            title = f"Request {request.pk}, school year {request.school_year}"
            self.stdout.write(as_text(title, request_table(rows, reasons)))


def _rows(request: ResyncRequest) -> list[DistrictProgress]:
    return progress_of_batches(latest_batches(request))


def _school_year(year: int | None) -> SchoolYear:
    found = usual_year() if year is None else SchoolYear.objects.filter(pk=year).first()
    if found is None and year is None:
        raise CommandError("No district has a zone yet, so there is nothing to request.")
    if found is None:
        raise CommandError(f"There is no school year that ends in {year}.")
    return found


def _districts(numbers: str | None, school_year: SchoolYear) -> list[District]:
    """The districts with these numbers; without numbers, all that sync the year."""
    everything = District.objects.select_related("state", "zone__school_year").order_by("number")
    if numbers is None:
        return [each for each in everything if is_open(each, school_year)]
    wanted = _words(numbers)
    found = list(everything.filter(number__in=wanted))
    unknown = sorted(set(wanted) - {each.number for each in found})
    if unknown:
        raise CommandError(f"There is no district {', '.join(unknown)}.")
    return found


def _offered_to_all(districts: list[District], school_year: SchoolYear) -> list[str]:
    offers = list(offers_of(districts, school_year).values())
    return sorted(frozenset.intersection(*offers)) if offers else []


def _words(text: str | None) -> list[str]:
    return [word for part in (text or "").split(",") if (word := part.strip())]


def _result(row: DistrictProgress, reason: str) -> dict[str, Any]:
    return {
        "district": row.number,
        "batch": row.batch_id,
        "status": row.status,
        "objects": row.objects,
        "ended": row.ended,
        "processed": row.processed,
        "errors": row.errors,
    } | ({"reason": reason} if reason else {})
