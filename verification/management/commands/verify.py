import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.live import Live

from districts.models import District, SchoolYear
from resync.management.foreground import as_text
from verification import actions, runs
from verification.choices import OPEN_RUN, ResultStatus
from verification.console import reasons, verification_table
from verification.exceptions import VerificationRefused
from verification.figures import figures_of, pooled
from verification.models import VerificationResult, VerificationRun
from verification.queries import runnable_results

_AGREES, _DIFFERS, _COULD_NOT_RUN = 0, 1, 2
_PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Compares a district with the state: the same action as Re-Verify in Verification Summary. With --wait the "
        "command works on the verification itself, beside the workers, until it ends. Exit status: 0 when everything "
        "agrees, or was requested without --wait; 1 when something does not agree; 2 when an object could not be "
        "compared, or nothing was requested."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the district's number")
        parser.add_argument(
            "--year", type=int, help="end year of the school year; default: the district's current one"
        )
        parser.add_argument(
            "--objects", help="names separated by commas; default: those that are verified by default"
        )
        parser.add_argument("--wait", action="store_true", help="show the progress and wait for the end")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._request(options)
        if options["wait"]:
            _work_on(run, quiet=options["json"])
        results = _results(run)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(run, results), indent=2))
        elif options["wait"]:
            self.stdout.write(as_text(verification_table(results), *reasons(results)))
        else:
            self.stdout.write(
                f"Verification {run.pk} of {run.district} is requested: {len(results)} objects."
            )
        status = _exit_status(results) if options["wait"] else _AGREES
        if status != _AGREES:
            raise SystemExit(status)

    def _request(self, options: dict[str, Any]) -> VerificationRun:
        district = _district(options["number"])
        names = options["objects"].split(",") if options["objects"] else None
        try:
            [run] = actions.request_verification(
                districts=[district],
                school_year=_school_year(district, options["year"]),
                objects=[name.strip() for name in names] if names else None,
                by=None,
            )
        except VerificationRefused as error:
            raise _not_run(str(error)) from error
        return run


def _not_run(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=_COULD_NOT_RUN)


def _district(number: str) -> District:
    district = District.objects.select_related("state", "zone__school_year").filter(number=number).first()
    if district is None:
        raise _not_run(f"There is no district {number}.")
    if not hasattr(district, "zone"):
        raise _not_run(f"District {number} has no Zone, so there is no school year to verify.")
    return district


def _school_year(district: District, year: int | None) -> SchoolYear:
    if year is None:
        return district.zone.school_year
    school_year = SchoolYear.objects.filter(end_year=year).first()
    if school_year is None:
        raise _not_run(f"There is no school year that ends in {year}.")
    return school_year


def _work_on(run: VerificationRun, *, quiet: bool) -> None:
    """Works on what the district verifies until this run ends; workers, if there are any, work beside it."""
    console = Console()
    shown = not quiet and console.is_terminal
    live = Live(console=console, refresh_per_second=4, transient=True) if shown else nullcontext()
    with live as screen:
        while VerificationRun.objects.filter(pk=run.pk, status__in=OPEN_RUN).exists():
            worked = _compare_one_chunk(run)
            if screen is not None:
                screen.update(verification_table(_results(run)))
            if not worked:
                actions.sweep()
                time.sleep(_PAUSE_SECONDS)


def _compare_one_chunk(run: VerificationRun) -> bool:
    """Compares a chunk of the first object that is free. Returns False when there is nothing to do at the moment."""
    for waiting in runnable_results().filter(district_id=run.district_id):
        before = waiting.changed_at
        runs.compare_next_chunk(waiting.pk)
        if VerificationResult.objects.filter(pk=waiting.pk, changed_at__gt=before).exists():
            return True
    return False


def _results(run: VerificationRun) -> list[VerificationResult]:
    return list(run.results.order_by("place"))


def _exit_status(results: Sequence[VerificationResult]) -> int:
    if any(each.status != ResultStatus.COMPLETED for each in results):
        return _COULD_NOT_RUN
    return _DIFFERS if pooled(figures_of(each) for each in results).errors else _AGREES


def _as_json(run: VerificationRun, results: Sequence[VerificationResult]) -> dict[str, Any]:
    complete = [figures_of(each) for each in results if each.status == ResultStatus.COMPLETED]
    return {
        "verification": run.pk,
        "district": run.district.number,
        "school_year": run.school_year_id,
        "accuracy": str(pooled(complete).accuracy) if complete else None,
        "objects": [_result(each) for each in results],
    }


def _result(each: VerificationResult) -> dict[str, Any]:
    figures = figures_of(each)
    told = {"object": each.object, "status": each.status}
    if each.status != ResultStatus.COMPLETED:
        return told | ({"reason": each.reason} if each.reason else {})
    return told | {
        "accuracy": str(figures.accuracy),
        "distinct": figures.distinct,
        "at_district": figures.at_district,
        "at_state": figures.at_state,
        "not_at_state": figures.not_at_state,
        "not_at_district": figures.not_at_district,
        "differences": figures.differences,
        "errors": figures.errors,
        "duplicates": each.duplicates,
        "keyless": each.keyless,
    }
