"""What changes a zone: its move to the next school year, and its settings."""

from collections.abc import Iterable

from django.db import transaction

from audit import actions as audit
from audit.actions import Fact
from audit.choices import Action
from districts.models import District, SchoolYear, User, Zone, ZoneSwitch
from districts.queries import districts_of
from resync import announcements
from resync.choices import OPEN_BATCH
from resync.exceptions import SwitchRefused
from resync.flags import FlagChange
from resync.mandatory import START_OF_YEAR, due_on, end_of_year
from resync.models import Batch


def switch_zone(*, district: District, from_year: int, by: User, confirmation: str = "") -> ZoneSwitch:
    """Moves a zone from the school year `from_year` to the next one.

    Where the mandatory end-of-year resync is missing, the confirmation that `phrase_for` gives is wanted, to the
    letter, and the switch records that. A second click finds the switch that the first one made. Raises SwitchRefused.
    """
    earlier = _made_from(district, from_year)
    if earlier is not None:
        return earlier
    _require_scope(district, from_year)
    # Asked before anything is locked: the district's database may be slow.
    is_missing = not end_of_year(by, district).is_done
    if is_missing and confirmation != phrase_for(district):
        raise SwitchRefused(
            f"The zone was not switched. To switch without the end-of-year resync, type exactly: "
            f"{phrase_for(district)}"
        )
    return _switch(district, from_year, by, confirmed_without_resync=is_missing)


def phrase_for(district: District) -> str:
    """What a person types to switch without the end-of-year resync: switch 01 to 2024-2025."""
    return f"switch {district.number} to {year_after(district.zone.school_year)}"


def year_after(school_year: SchoolYear) -> SchoolYear:
    """The next school year, which need not be stored yet."""
    return SchoolYear(end_year=school_year.pk + 1)


@transaction.atomic
def _switch(district: District, from_year: int, by: User, *, confirmed_without_resync: bool) -> ZoneSwitch:
    # The same lock as a batch's start: no resync begins while the year changes under it.
    District.objects.select_for_update(no_key=True).get(pk=district.pk)
    earlier = _made_from(district, from_year)
    if earlier is not None:
        return earlier
    _require_no_open_batch(district)
    to_year, _ = SchoolYear.objects.get_or_create(end_year=from_year + 1)
    if Zone.objects.filter(district=district, school_year=from_year).update(school_year=to_year) != 1:
        raise _moved(district)
    switch = ZoneSwitch.objects.create(
        district=district,
        from_year_id=from_year,
        to_year=to_year,
        switched_by=by,
        confirmed_without_resync=confirmed_without_resync,
    )
    audit.record(
        Action.ZONE_SWITCHED,
        by=by,
        district=district,
        facts={"to_year": to_year.pk, "confirmed_without_resync": confirmed_without_resync},
    )
    switch.refresh_from_db(fields=["switched_at"])
    announcements.announce_due(district, to_year, START_OF_YEAR, due_on(district, switch.switched_at))
    return switch


def _made_from(district: District, from_year: int) -> ZoneSwitch | None:
    return ZoneSwitch.objects.filter(district=district, from_year=from_year).first()


def _require_scope(district: District, from_year: int) -> None:
    if district.zone.school_year_id != from_year:
        raise _moved(district)


def _moved(district: District) -> SwitchRefused:
    return SwitchRefused(
        f"The zone of {district.name} is not in the school year that the page showed. Load the page again."
    )


def _require_no_open_batch(district: District) -> None:
    if has_open_batch(district):
        raise SwitchRefused(
            f"A resync of {district.name} is queued or in progress. Switch the zone when it has ended."
        )


def has_open_batch(district: District) -> bool:
    """Whoever asked for it: that there is one is no secret, what it holds is."""
    return Batch.objects.filter(district=district, status__in=OPEN_BATCH).exists()


@transaction.atomic
def set_zone_flags(*, changes: Iterable[FlagChange], by: User) -> int:
    """Turns settings of zones on and off, by the numbers of their districts. Returns how many changed."""
    return sum(
        set_flag_of_zones(numbers=numbers, flag=change.flag, wanted=wanted, by=by)
        for change in changes
        for numbers, wanted in ((change.on, True), (change.off, False))
    )


def set_flag_of_zones(*, numbers: Iterable[str], flag: str, wanted: bool, by: User) -> int:
    """One setting for many districts. Returns how many changed."""
    districts = districts_of(by).filter(number__in=numbers).order_by()
    zones = Zone.objects.filter(district__in=districts.values("pk"), **{flag: not wanted})
    changed = zones.update(**{flag: wanted})
    if changed:
        facts: dict[str, Fact] = {"of": "zones", flag: wanted, "districts": sorted(numbers)}
        audit.record(Action.SETTINGS_CHANGED, by=by, count=changed, facts=facts)
    return changed
