"""The Verification Summary Report (seed 004): of each object the counts, then the keys by kind.

As a document it lists so many keys of a kind as a person may read; the CSV has all that are kept.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.urls import reverse

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.csv_download import Cell
from districts.models import District, SchoolYear, User
from interchange.choices import DifferenceKind
from reports.building import document_of, local_time
from reports.document import Block, Document, KeyList, Section, Table
from reports.models import Report
from reports.registry import Builder
from resync.wording import counted
from verification.kinds import KINDS
from verification.models import VerificationResult
from verification.queries import (
    DifferenceRow,
    ResultRow,
    iter_differences,
    kind_counts,
    latest_results,
    pooled_of,
    results_of,
)

KIND = "verification-summary"
# Of one kind of one object.
MOST_KEYS = 20_000
# A row of a table costs far more than a key.
MOST_ROWS = 500
_HEAD = (
    *("Object", "Accuracy", "Verified", "Distinct", "At District", "At State"),
    *("Not at State", "Not at District", "Differences", "Duplicates", "Total Errors"),
)
_NUMERIC = frozenset({1, *range(3, len(_HEAD))})
CSV_HEAD = (
    *("District", "School year", "Object", "Kind", "Key", "Fields", "Expected because", "Verified"),
    *("Accuracy", "Distinct", "At District", "At State", "Not at State", "Not at District", "Differences"),
    *("Duplicates", "Total Errors"),
)
_COUNTS = "Counts"


class VerificationSummaryReport(Builder):
    """Its subject is the newest of the latest results: the summary as it was when that ended."""

    tool, right = Tool.VERIFICATION, Right.WRITE

    def build(self, report: Report) -> Document:
        year = _subject(report).school_year
        rows = verified_rows(report.requested_by, report.district, year)
        return document_of(
            report.district,
            title="Verification Summary Report",
            intro=f"What the district holds, compared with what the state holds of it, for the school year {year}.",
            facts=_facts(rows),
            sections=[_counts(report.district, rows), *_sections(report.requested_by, rows)],
        )

    def may_see(self, user: User, report: Report) -> bool:
        return VerificationResult.objects.filter(
            pk=report.subject_id, district_id=report.district_id
        ).exists()

    def file_name(self, report: Report) -> str:
        year = _subject(report).school_year_id
        return f"verification-summary-{report.district.number}-{year}-{report.subject_id}"

    def page_url(self, report: Report) -> str:
        year = _subject(report).school_year_id
        return f"{reverse('verification_report', args=[report.district.number])}?year={year}"


def subject_of(user: User, district: District, school_year: SchoolYear) -> VerificationResult | None:
    """The result that stands for the summary as it is now; None where nothing was verified."""
    return latest_results(user, district, school_year).order_by("-pk").first()


def verified_rows(user: User, district: District, school_year: SchoolYear) -> list[ResultRow]:
    return [row for row in results_of(user, district, school_year) if row.latest]


def _subject(report: Report) -> VerificationResult:
    return VerificationResult.objects.select_related("school_year").get(pk=report.subject_id)


# ---- The document --------------------------------------------------------------------------------------------


def _facts(rows: Sequence[ResultRow]) -> list[tuple[str, str]]:
    total = pooled_of(rows)
    return [
        ("Overall Accuracy", f"{total.accuracy}%"),
        ("Records compared", f"{total.distinct:,}"),
        ("Total Errors", f"{total.errors:,}"),
    ]


def _counts(district: District, rows: Sequence[ResultRow]) -> Section:
    table = Table(
        _HEAD, [_row(district, row) for row in rows], numeric=_NUMERIC, empty="Nothing was verified yet."
    )
    return Section(
        "Verification Results",
        "Accuracy is the share of distinct records without an error. Duplicates are reported beside the errors.",
        [table],
    )


def _row(district: District, row: ResultRow) -> list[str]:
    if not (row.latest and row.latest.ended_at and row.figures):
        raise ValueError(f"{row.name} was not verified.")
    figures = row.figures
    numbers = (
        *(figures.distinct, figures.at_district, figures.at_state, figures.not_at_state),
        *(figures.not_at_district, figures.differences, row.latest.duplicates, figures.errors),
    )
    verified = local_time(district, row.latest.ended_at)
    return [row.name, f"{figures.accuracy}%", verified, *(f"{number:,}" for number in numbers)]


def _sections(user: User, rows: Sequence[ResultRow]) -> Iterator[Section]:
    for row in rows:
        if row.latest:
            yield from _sections_of(user, row.latest)


def _sections_of(user: User, result: VerificationResult) -> Iterator[Section]:
    key = label(definition(result.object).key)
    for each in kind_counts(user, result):
        if each.kept:
            listed = list(islice(iter_differences(user, result, each.kind), MOST_KEYS))
            heading = f"{result.object}: {KINDS[each.kind]}"
            yield Section(heading, _intro(key, each.count, listed, each.expected), _blocks(each.kind, listed))


def _intro(key: str, count: int, listed: Sequence[DifferenceRow], expected: int) -> str:
    more = f" The first {len(listed):,} are listed; the CSV has more." if count > len(listed) else ""
    told = f" Of {expected:,} of them the last attempt told why it rejected them." if expected else ""
    return f"{counted(count, 'record')}, by {key}.{more}{told}"


def _blocks(kind: DifferenceKind, listed: Sequence[DifferenceRow]) -> list[Block]:
    keys = KeyList([each.key for each in listed])
    if kind is not DifferenceKind.DIFFERENCE or len(listed) > MOST_ROWS:
        return [keys]
    rows = [[str(each.key), ", ".join(each.fields)] for each in listed]
    return [Table(("Key", "Fields with other values"), rows)]


# ---- CSV -----------------------------------------------------------------------------------------------------


def csv_rows(user: User, district: District, rows: Sequence[ResultRow]) -> Iterator[tuple[Cell, ...]]:
    """Of each object a line with its counts, then one for each key that is kept."""
    for row in rows:
        if row.latest is None or row.figures is None:
            continue
        of = (district.number, str(row.latest.school_year), row.name)
        figures = row.figures
        yield (
            *of,
            *(_COUNTS, None, None, None, row.latest.ended_at, figures.accuracy, figures.distinct),
            *(figures.at_district, figures.at_state, figures.not_at_state, figures.not_at_district),
            *(figures.differences, row.latest.duplicates, figures.errors),
        )
        for each in _all_differences(user, row.latest):
            told = (KINDS[each.kind], each.key, ", ".join(each.fields), each.reason, row.latest.ended_at)
            yield (*of, *told, *([None] * (len(CSV_HEAD) - len(of) - len(told))))


def _all_differences(user: User, result: VerificationResult) -> Iterator[DifferenceRow]:
    for kind in DifferenceKind:
        yield from iter_differences(user, result, kind)


def count_listed(user: User, rows: Sequence[ResultRow]) -> int:
    """How many lines the CSV has: what the audit log tells."""
    results = [row.latest for row in rows if row.latest]
    return sum(1 + sum(each.kept for each in kind_counts(user, result)) for result in results)
