"""The steps of a load. The files are read three times, so that nothing of them has to be kept.

First everything is checked: a file that is no good ends the load before a database is touched. Then the
facts are gathered that elements need of elements elsewhere. Then the rows go to the district, in one
transaction.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from dis_objects.catalogue import definition
from district_data.databases import create_district_database, ensure_district, open_writer
from district_data.edfi.dialects import school_year
from district_data.edfi.exceptions import DistrictUnnamed, RowsRefused, SchoolYearUnclear
from district_data.edfi.keys import KeyRegister
from district_data.edfi.load import Load
from district_data.edfi.mapping import LEARNERS, MAPPERS, use_of
from district_data.edfi.mapping.derived import OBJECTS, derived_rows
from district_data.edfi.mapping.registry import Use
from district_data.edfi.reader import Folder, Record, open_folder
from district_data.edfi.rows import Row, convert
from district_data.edfi.summary import KindSummary, NotUnderstood, Summary
from district_data.edfi.writer import Writer, wait_for_other_loads
from district_data.tables import create_tables
from districts.models import District

OWNED_OBJECTS = tuple(sorted({*OBJECTS, *(name for each in MAPPERS.values() for name in each.objects)}))
_IMPLIED = "(implied)"
_NOTHING = Use((), ())


def load_folder(number: str, path: Path, end_year: int | None = None) -> Summary:
    """Replaces the district's rows of the school year by what the folder holds.

    Raises EdFiError and DistrictError; then the district's database is as it was before.
    """
    started = time.monotonic()
    folder = open_folder(path)
    contents = check(folder)
    load = Load(contents.end_year(end_year))
    gather(folder, load)
    district = _district(number, load)
    summary = contents.summary(number, load.end_year)
    write(folder, load, district, summary)
    summary.seconds = time.monotonic() - started
    return summary


@dataclass
class Contents:
    """What a first reading finds: the element kinds by dialect and school year, None for elements
    without one.
    """

    folder: Folder
    kinds: Counter[tuple[str, str, int | None]] = field(default_factory=Counter)
    uses: dict[tuple[str, str], Use] = field(default_factory=dict)
    odd_years: dict[str, NotUnderstood] = field(default_factory=dict)

    def end_year(self, asked: int | None) -> int:
        """The school year to load: the one that was asked for, else the one that the files name."""
        named = sorted({year for _, _, year in self.kinds if year is not None})
        years = " and ".join(f"{year - 1}-{year}" for year in named)
        if asked is None and len(named) == 1:
            return named[0]
        if asked is None:
            found = f"The files are of {years}" if named else "The files name no school year"
            raise SchoolYearUnclear(f"{found}. Say which one to load: --school-year 2022 is 2021-2022.")
        if named and asked not in named:
            raise SchoolYearUnclear(f"The files are of {years}, not of {asked - 1}-{asked}.")
        return asked

    def summary(self, number: str, end_year: int) -> Summary:
        summary = Summary(number, end_year)
        summary.files = [each.name for each in self.folder.files]
        summary.not_read = list(self.folder.others)
        summary.kinds = [self._kind(kind, dialect, end_year) for kind, dialect in sorted(self.uses)]
        summary.not_understood = list(self.odd_years.values())
        return summary

    def _kind(self, kind: str, dialect: str, end_year: int) -> KindSummary:
        use = self.uses[kind, dialect]
        counts = {key[2]: count for key, count in self.kinds.items() if key[:2] == (kind, dialect)}
        of_other_year = sum(count for year, count in counts.items() if year not in (None, end_year))
        return KindSummary(kind, dialect, sum(counts.values()), of_other_year, use.becomes, use.adds_to)


def check(folder: Folder) -> Contents:
    """Reads everything once. Raises EdFiError for the first file that is no good."""
    contents = Contents(folder)
    for record in folder.records():
        kind = record.kind, record.dialect.name
        contents.kinds[*kind, _year_of(record)] += 1
        if kind not in contents.uses:
            contents.uses[kind] = use_of(record.kind) if record.dialect.maps(record.kind) else _NOTHING
        if _named_year(record) and _year_of(record) is None:
            odd = NotUnderstood(record.kind, "school year", record.place)
            contents.odd_years.setdefault(record.kind, odd).values += 1
    return contents


def gather(folder: Folder, load: Load) -> None:
    """Fills the facts."""
    for record in _of_year(folder, load):
        load.remember(record.element)
        if record.kind in LEARNERS:
            LEARNERS[record.kind].learn(record.element, load)


def write(folder: Folder, load: Load, district: District, summary: Summary) -> None:
    """Raises EdFiError and DistrictError, and leaves everything as it was."""
    try:
        with open_writer(district) as database:
            wait_for_other_loads(database)
            create_tables(database)
            writer = Writer(database, OWNED_OBJECTS)
            _enter_all(folder, load, _Clerk(load, writer, summary, ZoneInfo(district.time_zone)))
            writer.replace(load.end_year)
    except psycopg.Error as error:
        # The server's own text can quote a row: it stays in the chained exception.
        raise RowsRefused(
            f"The database of district {district.number} did not take the rows ({type(error).__name__}). "
            "Nothing was changed."
        ) from error
    summary.left_out = load.left_out


def _enter_all(folder: Folder, load: Load, clerk: "_Clerk") -> None:
    for record in _of_year(folder, load):
        if record.kind in MAPPERS:
            clerk.enter(MAPPERS[record.kind].rows(record.element, load), record.kind, record.place)
    load.kind = _IMPLIED
    clerk.enter(derived_rows(load), _IMPLIED, "what the files imply")


class _Clerk:
    """Gives each row its key and types, and notes what was odd."""

    def __init__(self, load: Load, writer: Writer, summary: Summary, zone: ZoneInfo) -> None:
        self._load, self._writer, self._summary, self._zone = load, writer, summary, zone
        self._keys = KeyRegister()
        self._odd: dict[tuple[str, str], NotUnderstood] = {}

    def enter(self, rows: Iterable[Row], kind: str, place: str) -> None:
        for row in rows:
            key = self._load.key(row.object, *row.identity) if row.key is None else row.key
            # A record that is there twice is kept twice: the resync reports it.
            if not self._keys.enter(row.object, key, row.identity, place):
                self._summary.repeated[row.object] += 1
            values, refused = convert(row, key, self._load.end_year, self._zone)
            self._writer.add(row.object, values)
            self._summary.objects[row.object] += 1
            for column in refused:
                self._note(kind, f"{definition(row.object).name}.{column}", place)

    def _note(self, kind: str, column: str, place: str) -> None:
        if (kind, column) not in self._odd:
            self._odd[kind, column] = NotUnderstood(kind, column, place)
            self._summary.not_understood.append(self._odd[kind, column])
        self._odd[kind, column].values += 1


def _of_year(folder: Folder, load: Load) -> Iterator[Record]:
    """The elements that are of the school year, or of none, in a dialect that the mapping knows."""
    for record in folder.records():
        if record.dialect.maps(record.kind) and _year_of(record) in (None, load.end_year):
            load.file, load.kind = record.file, record.kind
            yield record


def _year_of(record: Record) -> int | None:
    return school_year(_named_year(record))


def _named_year(record: Record) -> str | None:
    named = record.element.below("SchoolYear")
    return named.text() if named else None


def _district(number: str, load: Load) -> District:
    """The district, created from its LocalEducationAgency if it does not exist yet."""
    district = District.objects.filter(number=number).first()
    if district is None:
        district = ensure_district(number, _name(number, load), end_year=load.end_year)
    if not district.database_name:
        create_district_database(district)
    if not load.facts.districts:
        load.facts.imply_district(number, district.name)
    return district


def _name(number: str, load: Load) -> str:
    names = load.facts.districts
    only = next(iter(names.values())) if len(names) == 1 else ""
    name = names.get(number) or only
    if not name:
        raise DistrictUnnamed(
            f"There is no district {number}, and the files hold no LocalEducationAgency of this number to "
            "take its name from. Add the district first, or the file with its LocalEducationAgency."
        )
    return name
