"""What fills a district's database, and what makes the demo."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from psycopg import OperationalError, errors

from attendance.choices import Weekday
from attendance.models import WeeklyResync
from attendance.weekly import change_weekly_resync
from dis_objects.catalogue import definition, hierarchy, offered_in_batch
from dis_objects.models import DISObject
from district_data.databases import (
    create_district_database,
    ensure_district,
    open_writer,
    prepare_attendance,
)
from district_data.exceptions import DatabaseBusy, DatabaseUnwritable, NotADemo, TablesInUse
from district_data.generation import Recipe, generate
from districts import actions as people
from districts.demo import PASSWORD
from districts.models import District, SchoolYear, User, Zone
from resync.actions import send_resync
from resync.models import Batch

_END_YEAR = 2024


@dataclass(frozen=True)
class DemoDistrict:
    number: str
    name: str
    students: int
    seed: int


# Large enough for tables that need paging, small enough for a first start of seconds.
ABBOTT = DemoDistrict("01", "Abbott", students=6_000, seed=1)
CAMPUS = DemoDistrict("02", "Campus", students=1_500, seed=2)
_OF_PREVIOUS_YEAR = (
    *("Calendar", "ScheduleStructure", "StructureGradeLevel", "Enrollment"),
    *("AttendanceExcuse", "AttDayAggregation"),
)
# Sign-in name, the district's number, group
_ACCOUNTS = (
    ("abbott.admin", ABBOTT.number, people.DISTRICT_ADMINISTRATOR),
    ("abbott.viewer", ABBOTT.number, people.DISTRICT_VIEWER),
    ("campus.admin", CAMPUS.number, people.DISTRICT_ADMINISTRATOR),
    ("state.admin", None, people.STATE_ADMINISTRATOR),
    ("state.viewer", None, people.STATE_VIEWER),
)
_STATE_ADMIN = 3  # its place in the list


def generate_district(
    *, district: District, students: int, seed: int, error_rate: float, end_year: int
) -> dict[str, int]:
    """Replaces everything in the district's database by a synthetic district; rows per object.

    One transaction: a run that fails leaves the database as it was. Raises a DistrictError.
    """
    recipe = Recipe(
        number=district.number,
        name=district.name,
        state_code=district.state.code,
        end_year=end_year,
        students=students,
        seed=seed,
        error_rate=error_rate,
    )
    create_district_database(district)
    rows = _generate(district, recipe)
    if definition("AttDayAggregation").applies_to(recipe.state_code):
        prepare_attendance(district)
    return rows


def _generate(district: District, recipe: Recipe) -> dict[str, int]:
    try:
        with open_writer(district) as database:
            return generate(database, recipe)
    # A unique violation can only be the server's own catalogue: two runs that begin at the same moment.
    except (errors.LockNotAvailable, errors.DuplicateSchema, errors.UniqueViolation) as error:
        raise DatabaseBusy(
            f"The database of district {district.number} is being read or filled. Try again after that."
        ) from error
    except errors.DependentObjectsStillExist as error:
        raise TablesInUse(
            f"A view or something else in the database of district {district.number} was built on its "
            "tables. Drop it, or choose another district number."
        ) from error
    except OperationalError as error:
        raise DatabaseUnwritable(
            f"The database of district {district.number} stopped answering while it was filled, and is as it "
            "was before. Check that its server runs and has room, then try again."
        ) from error


def fill_demo() -> tuple[User, ...]:
    """Makes what is missing of the demo, and returns its accounts. Raises NotADemo and DistrictError."""
    if not settings.DEMO:
        raise NotADemo(
            "This is not a demo, and the demo's password is published. Start one with ./upstate up, or set "
            "UPSTATE_DEMO=1 on a database without real data."
        )
    districts = {each.number: _demo_district(each) for each in (ABBOTT, CAMPUS)}
    accounts = _demo_accounts(districts)
    _open_previous_year(districts[ABBOTT.number])
    _resync_attendance_weekly(districts[ABBOTT.number], by=accounts[_STATE_ADMIN])
    _send_first_batch(districts[ABBOTT.number], by=accounts[0])
    return accounts


def _demo_district(wanted: DemoDistrict) -> District:
    for end_year in (_END_YEAR - 1, _END_YEAR, _END_YEAR + 1):
        SchoolYear.objects.get_or_create(end_year=end_year)
    district = ensure_district(wanted.number, wanted.name, end_year=_END_YEAR)
    if not _has_data(district):
        generate_district(
            district=district,
            students=wanted.students,
            seed=wanted.seed,
            error_rate=0.005,
            end_year=_END_YEAR,
        )
    return district


def _has_data(district: District) -> bool:
    if not district.database_name:
        return False
    with open_writer(district) as database:
        found = database.execute("SELECT to_regclass('public.person_identity') IS NOT NULL").fetchone()
    return bool(found and found[0])


def _demo_accounts(districts: Mapping[str, District]) -> tuple[User, ...]:
    groups = people.ensure_ready_made_groups()
    there = User.objects.in_bulk([name for name, _, _ in _ACCOUNTS], field_name="username")
    # Hashing a password is slow by design: once is enough for a password that everybody knows.
    password = "" if len(there) == len(_ACCOUNTS) else make_password(PASSWORD)
    return tuple(
        there.get(name) or _make_account(name, districts.get(number or ""), groups[group], password)
        for name, number, group in _ACCOUNTS
    )


def _make_account(name: str, district: District | None, group: Group, password: str) -> User:
    first, last = name.title().split(".")
    account = User.objects.create(
        username=name, first_name=first, last_name=last, district=district, password=password, is_demo=True
    )
    account.groups.add(group)
    return account


def _open_previous_year(district: District) -> None:
    """Something to choose in the field Year: what an enrollment of the previous year needs, and attendance."""
    if Batch.objects.filter(district=district).exists():
        return
    DISObject.objects.filter(name__in=_OF_PREVIOUS_YEAR).update(syncs_previous_year=True)
    Zone.objects.filter(district=district).update(syncs_previous_year=True)


def _resync_attendance_weekly(district: District, *, by: User) -> None:
    if WeeklyResync.objects.exists():
        return
    Zone.objects.filter(district=district).update(resyncs_attendance_weekly=True)
    change_weekly_resync(
        enabled=True,
        weekday=Weekday.SATURDAY,
        hour=22,
        spread=6,
        objects=["AttDayAggregation", "AttendanceExcuse"],
        check_dependencies=True,
        by=by,
    )


def _send_first_batch(district: District, *, by: User) -> None:
    """Results to look at from the start. Enrollment and what hangs on it are left for the newcomer."""
    if Batch.objects.filter(district=district).exists():
        return
    left_out = {"Enrollment", *hierarchy().children("Enrollment")}
    offered = [each.name for each in offered_in_batch(district.state.code)]
    send_resync(
        district=district,
        school_year=SchoolYear.objects.get(end_year=_END_YEAR),
        objects=[name for name in offered if name not in left_out],
        check_dependencies=True,
        by=by,
    )
