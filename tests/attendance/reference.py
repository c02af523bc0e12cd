"""The rules of docs/attendance.md once more, student by student and in plain Python: slow, and easy to follow."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Row = dict[str, Any]


@dataclass
class School:
    """What a district's tables hold, as lists of rows."""

    calendars: list[Row] = field(default_factory=list)
    periods: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)
    enrollments: list[Row] = field(default_factory=list)
    excuses: list[Row] = field(default_factory=list)
    attendance: list[Row] = field(default_factory=list)


def length(period: Row) -> int | None:
    """In minutes; None where a time cannot be read."""
    if period["non_instructional"]:
        return 0
    start, end = _clock(period["start_time"]), _clock(period["end_time"])
    if start is None or end is None:
        return None
    return max(0, end - start - max(0, period["lunch_minutes"] or 0))


def _clock(text: str | None) -> int | None:
    hour, _, minute = (text or "").partition(":")
    if not (hour.isdigit() and len(hour) <= 2 and int(hour) < 24):
        return None
    if not (minute.isdigit() and len(minute) == 2 and int(minute) < 60):
        return None
    return int(hour) * 60 + int(minute)


def bell(school: School, period: Row) -> int | None:
    mates = [
        length(each)
        for each in school.periods
        if (each["structure_id"], each["period_schedule_id"])
        == (period["structure_id"], period["period_schedule_id"])
    ]
    known = [minutes for minutes in mates if minutes is not None]
    return sum(known) if known else None


def _most(values: list[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _first(*values: int | None) -> int:
    return next((value for value in values if value is not None), 0)


def enrollment_of(school: School, person: int, calendar: int, date: str) -> Row | None:
    found = [
        each
        for each in school.enrollments
        if (each["person_id"], each["calendar_id"]) == (person, calendar)
        and each["start_date"] <= date <= (each["end_date"] or "9999")
        and not each["no_show"]
    ]
    return min(found, key=lambda each: (each["service_type"] != "P", each["enrollment_id"]), default=None)


def day_of(school: School, enrollment: Row, date: str) -> Row | None:
    found = [
        each
        for each in school.days
        if (each["calendar_id"], each["date"]) == (enrollment["calendar_id"], date)
        and each["structure_id"] in (enrollment["structure_id"], None)
    ]
    return min(found, key=lambda each: (each["structure_id"] is None, each["day_id"]), default=None)


def aggregated(school: School, person: int, calendar: int, date: str) -> tuple[Any, ...]:
    """(scheduled, absent, excused, unexcused, days, tardy) of a student's day."""
    enrollment = enrollment_of(school, person, calendar, date)
    day = day_of(school, enrollment, date) if enrollment else None
    if enrollment is None or (day is not None and not day["attendance"]):
        return (0, 0, 0, 0, Fraction(0), False)
    events = _events(school, person, calendar, date)
    scheduled = _scheduled(school, enrollment, day, calendar, [period for period, *_ in events])
    by_period: dict[int, list[tuple[Row, bool, int]]] = defaultdict(list)
    for period, excused, minutes, _ in events:
        by_period[period["period_id"]].append((period, excused, minutes))
    unexcused = excused_minutes = 0
    for entries in by_period.values():
        room = length(entries[0][0])
        missed = sum(minutes for _, excused, minutes in entries if not excused)
        away = sum(minutes for _, excused, minutes in entries if excused)
        if room is not None:
            missed = min(missed, room)
            away = min(away, room - missed)
        unexcused += missed
        excused_minutes += away
    unexcused = min(unexcused, scheduled)
    excused_minutes = min(excused_minutes, scheduled - unexcused)
    absent = unexcused + excused_minutes
    tardy = any(late for *_, late in events)
    return (
        *(scheduled, absent, excused_minutes, unexcused),
        _share(school, calendar, absent, scheduled),
        tardy,
    )


def _events(school: School, person: int, calendar: int, date: str) -> list[tuple[Row, bool, int, bool]]:
    """(period, excused, minutes, tardy) of what counts."""
    kinds = {each["excuse_id"]: each["excuse"] for each in school.excuses}
    periods = {each["period_id"]: each for each in school.periods}
    found = []
    for entry in school.attendance:
        if (entry["person_id"], entry["calendar_id"], entry["date"]) != (person, calendar, date):
            continue
        kind = kinds.get(entry["excuse_id"])
        if kind == "X":
            continue
        period = periods[entry["period_id"]]
        minutes = {
            "A": _first(entry["minutes"], length(period)),
            "E": _first(entry["minutes"]),
            "T": 0,
        }[entry["status"]]
        found.append((period, kind == "E", minutes, entry["status"] == "T"))
    return found


def _scheduled(school: School, enrollment: Row, day: Row | None, calendar: int, taken: list[Row]) -> int:
    of_day = day["student_day"] if day else None
    of_calendar = next(each for each in school.calendars if each["calendar_id"] == calendar)["student_day"]
    recorded = _most([bell(school, period) for period in taken])
    structure = enrollment["structure_id"]
    own = [each for each in school.periods if structure is not None and each["structure_id"] == structure]
    longest = _most([bell(school, period) for period in own])
    minutes = min(_first(recorded, longest, of_day, of_calendar), 1440)
    return max(0, minutes if of_day is None else min(minutes, of_day))


def _share(school: School, calendar: int, absent: int, scheduled: int) -> Fraction:
    found = next(each for each in school.calendars if each["calendar_id"] == calendar)
    whole, half = found["whole_day_absence"], found["half_day_absence"]
    if not absent:
        return Fraction(0)
    if whole is None and half is None:
        return Fraction((absent * 2000 + scheduled) // (scheduled * 2), 1000)
    if absent >= (scheduled if whole is None else min(whole, scheduled)):
        return Fraction(1)
    return Fraction(1, 2) if half is not None and absent >= half else Fraction(0)
