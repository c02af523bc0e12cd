"""The verification of every night: it makes the history from which the page draws its lines."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from districts.models import District, SchoolYear
from resync.choices import Origin
from verification.actions import store_runs
from verification.exceptions import VerificationRefused
from verification.models import VerificationRun
from verification.plan import plans_for
from verification.queries import current_settings

# For how many hours after its time a night is begun. What is missed altogether is taken by the next night: a
# comparison at noon would be in the way of people.
_HOURS_OF_THE_NIGHT = 4
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('upstate nightly verification', 0))"


@transaction.atomic
def start_nightly(now: datetime | None = None) -> int:
    """Begins the night of every district with a zone and a database where it is night now: the default objects, for the
    school year of the zone. Returns how many that were. A night is begun once."""
    kept = current_settings()
    if not kept.nightly:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    due: dict[SchoolYear, list[VerificationRun]] = {}
    for district, local in _where_it_is_night(kept.nightly_hour, now or datetime.now(UTC)):
        due.setdefault(district.zone.school_year, []).append(_run(district, local, kept.nightly_hour))
    return sum(_store(runs, school_year) for school_year, runs in due.items())


def _where_it_is_night(hour: int, now: datetime) -> list[tuple[District, datetime]]:
    connected = District.objects.exclude(database_name="").filter(zone__isnull=False)
    every = connected.select_related("state", "zone__school_year").order_by("number")
    local = [(district, now.astimezone(ZoneInfo(district.time_zone))) for district in every]
    return [(district, time) for district, time in local if (time.hour - hour) % 24 < _HOURS_OF_THE_NIGHT]


def _run(district: District, local: datetime, hour: int) -> VerificationRun:
    return VerificationRun(
        district=district,
        school_year=district.zone.school_year,
        origin=Origin.SCHEDULE,
        night=_night(local, hour),
    )


def _night(local: datetime, hour: int) -> date:
    """A night that goes on past midnight is that of the date on which it began."""
    return (local - timedelta(hours=(local.hour - hour) % 24)).date()


def _store(runs: Sequence[VerificationRun], school_year: SchoolYear) -> int:
    """Those whose night has not begun before, but for districts that are offered nothing to verify."""
    begun = set(
        VerificationRun.objects.filter(night__in={run.night for run in runs}).values_list(
            "district_id", "night"
        )
    )
    new = [run for run in runs if (run.district_id, run.night) not in begun]
    plans = []
    for state in {run.district.state for run in new}:
        try:
            plans += plans_for(
                [run.district for run in new if run.district.state == state], school_year, None
            )
        except VerificationRefused:
            new = [run for run in new if run.district.state != state]
    store_runs(new, plans)
    return len(new)
