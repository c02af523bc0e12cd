"""What the pages, commands and workers read about verifications.

A district's user sees the district's own results, whoever asked for them, and nothing of what the state alone knows:
not who asked at the state, not the errors that a state request met, not what the state pushes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zlib import crc32

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Now, RowNumber
from django.http import Http404

from dis_objects.catalogue import hierarchy, label
from dis_objects.models import DISObject
from districts.models import District, SchoolYear, User
from districts.queries import districts_of
from interchange.choices import DifferenceKind
from interchange.faults import Fault, sentence
from interchange.models import RecordError
from resync.choices import Dot
from verification.choices import OPEN_REMOVAL, OPEN_RESULT, OPEN_RUN, ResultStatus, RunStatus
from verification.figures import Figures, figures_of, pooled
from verification.models import (
    Removal,
    VerificationDifference,
    VerificationResult,
    VerificationRun,
    VerificationSettings,
)
from verification.plan import choices_for

# What the last push may have rejected: the state has no such record, or an older one.
MAY_BE_EXPECTED = (DifferenceKind.NOT_AT_STATE, DifferenceKind.DIFFERENCE)
_AT_A_TIME = 5_000


# ---- Settings ------------------------------------------------------------------------------------------------


def current_settings() -> VerificationSettings:
    """The settings; as they are before anybody set them if nobody has."""
    return VerificationSettings.objects.filter(pk=1).first() or VerificationSettings()


def why_not_start(user: User | None) -> str:
    """Why the settings keep the user's side from verifying; empty if they do not. Without a user it is the state."""
    kept = current_settings()
    if user and user.district_id:
        return (
            ""
            if kept.districts_may_verify
            else (
                "The state has turned off verifications by districts. The results of earlier ones stay here."
            )
        )
    return (
        ""
        if kept.state_may_verify
        else ("Verifications by the state are turned off. Turn them on in Verification Settings.")
    )


# ---- Districts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DistrictSummary:
    """A district's latest results of all objects, pooled. Without `figures` it was never verified.

    `objects` counts the objects that were; `is_open` tells that a verification is queued or in progress.
    """

    district: District
    figures: Figures | None
    last_verified: datetime | None
    objects: int
    is_open: bool

    @property
    def accuracy(self) -> Decimal | None:
        return self.figures.accuracy if self.figures else None

    @property
    def errors(self) -> int | None:
        return self.figures.errors if self.figures else None

    @property
    def records(self) -> int | None:
        return self.figures.distinct if self.figures else None

    @property
    def dot(self) -> Dot:
        return self.figures.dot if self.figures else Dot.NONE


_COUNTS = ("at_district", "at_state", "not_at_state", "not_at_district", "differences")


def district_summaries(user: User, school_year: SchoolYear) -> list[DistrictSummary]:
    """One for each district that the user may see, by number. Three queries, however many districts there are."""
    latest = _results(user).filter(school_year=school_year, is_latest=True).order_by()
    counted = {
        each["district_id"]: each
        for each in latest.values("district_id").annotate(
            **{name: Sum(name) for name in _COUNTS}, last_verified=Max("ended_at"), verified=Count("pk")
        )
    }
    busy = set(
        VerificationRun.objects.filter(school_year=school_year, status__in=OPEN_RUN).values_list(
            "district_id", flat=True
        )
    )
    return [_summary(each, counted.get(each.pk), each.pk in busy) for each in districts_of(user)]


def _summary(district: District, counted: Mapping[str, Any] | None, is_open: bool) -> DistrictSummary:
    if counted is None:
        return DistrictSummary(district, None, None, 0, is_open)
    figures = Figures(**{name: counted[name] for name in _COUNTS})
    return DistrictSummary(district, figures, counted["last_verified"], counted["verified"], is_open)


def _results(user: User) -> QuerySet[VerificationResult]:
    if user.district_id is None:
        return VerificationResult.objects.all()
    return VerificationResult.objects.filter(district_id=user.district_id)


# ---- Objects of a district -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResultRow:
    """An object of a district and school year: its latest complete verification, and the newest attempt, which may
    be another one that is open or has failed.

    `expected` counts the errors of `latest` that are no surprise: the last push rejected these records, as far as the
    user may know. `removed` counts the keys that were taken from the state since.
    """

    name: str
    latest: VerificationResult | None
    attempt: VerificationResult | None
    expected: int
    removed: int
    while_pushed: bool

    @property
    def figures(self) -> Figures | None:
        return figures_of(self.latest) if self.latest else None

    @property
    def dot(self) -> Dot:
        return self.figures.dot if self.figures else Dot.NONE

    @property
    def is_open(self) -> bool:
        return bool(self.attempt and self.attempt.status in OPEN_RESULT)

    @property
    def percent(self) -> int:
        """How far the open attempt is. What the state alone has is not part of it, so it never exceeds 99."""
        if not (self.attempt and self.is_open and self.attempt.total):
            return 0
        return min(99, self.attempt.at_district * 100 // self.attempt.total)

    @property
    def failure(self) -> str:
        """Why the newest attempt could not be run; empty if it could."""
        failed = self.attempt and self.attempt.status == ResultStatus.FAILED
        return self.attempt.reason if self.attempt and failed else ""

    @property
    def compared(self) -> list[str]:
        """The compared fields as the screens spell them."""
        return [label(name) for name in self.latest.compared_fields] if self.latest else []


def results_of(user: User, district: District, school_year: SchoolYear) -> list[ResultRow]:
    """Every object that was ever verified, and those that are verified by default, parents first."""
    latest = {each.object: each for each in latest_results(user, district, school_year)}
    attempts = _newest_attempts(user, district, school_year)
    default = {each.name for each in choices_for(district, school_year) if each.by_default}
    expected = expected_by_result(user, [each.pk for each in latest.values()])
    removed = removed_by_result([each.pk for each in latest.values()])
    rows = []
    for name in hierarchy().sorted({*attempts, *latest, *default}):
        found = latest.get(name)
        rows.append(
            ResultRow(
                name=name,
                latest=found,
                attempt=attempts.get(name),
                expected=expected.get(found.pk, 0) if found else 0,
                removed=removed.get(found.pk, 0) if found else 0,
                while_pushed=bool(found and was_pushed(user, found)),
            )
        )
    return rows


def latest_results(user: User, district: District, school_year: SchoolYear) -> QuerySet[VerificationResult]:
    """The newest complete result of each object."""
    return _results(user).filter(district=district, school_year=school_year, is_latest=True)


def _newest_attempts(
    user: User, district: District, school_year: SchoolYear
) -> dict[str, VerificationResult]:
    """The newest result of each object, whatever became of it. One index probe per object."""
    attempts = _results(user).filter(district=district, school_year=school_year, object=OuterRef("name"))
    newest = DISObject.objects.annotate(newest=Subquery(attempts.order_by("-id").values("id")[:1]))
    ids = list(newest.exclude(newest=None).values_list("newest", flat=True))
    found = VerificationResult.objects.filter(pk__in=ids).select_related("run__requested_by")
    return {each.object: each for each in found}


def was_pushed(user: User, result: VerificationResult) -> bool:
    """Whether records of the object were pushed while they were compared, as far as the user may know."""
    return result.while_pushed if user.is_state_user else result.while_pushed_for_district


def removed_by_result(result_ids: Collection[int]) -> dict[int, int]:
    removed: dict[int, int] = {}
    ended = Removal.objects.filter(result_id__in=result_ids).values_list(
        "result_id", "result__object", "removed"
    )
    for result_id, name, counts in ended:
        removed[result_id] = removed.get(result_id, 0) + counts.get(name, 0)
    return removed


def pooled_of(rows: Iterable[ResultRow]) -> Figures:
    return pooled(row.figures for row in rows if row.figures)


def is_open(rows: Iterable[ResultRow]) -> bool:
    return any(row.is_open for row in rows)


def version_of(rows: Iterable[ResultRow]) -> str:
    """Changes whenever something does that the rows show."""
    shown = [
        (row.name, _shown(row.latest), _shown(row.attempt), row.expected, row.removed, row.percent)
        for row in rows
    ]
    return f"{crc32(repr(shown).encode()):08x}"


def _shown(result: VerificationResult | None) -> tuple[object, ...]:
    return (result.pk, result.status, result.reason, result.retry_at) if result else ()


def runs_of(user: User, district: District, school_year: SchoolYear) -> QuerySet[VerificationRun]:
    """The verifications of a district and year, newest first. Who asked is told by `wording.asker`."""
    seen = VerificationRun.objects.filter(district__in=districts_of(user).values("pk"))
    runs = seen.filter(district=district, school_year=school_year)
    return runs.select_related("requested_by").order_by("-id")


def result_for(user: User, district: District, result_id: int) -> VerificationResult:
    """Another district's result answers exactly as an unknown one: 404."""
    results = _results(user).filter(district=district).select_related("district", "school_year")
    result = results.select_related("run__requested_by").filter(pk=result_id).first()
    if result is None:
        raise Http404("There is no such verification.")
    return result


# ---- Differences ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KindCount:
    """How many keys of a kind the verification found, how many of them are listed still, and how many of these are
    expected."""

    kind: DifferenceKind
    count: int
    kept: int
    expected: int


@dataclass(frozen=True)
class DifferenceRow:
    """A key that does not agree. `fields` as the screens spell them; `reason` is why the last push rejected it."""

    key: int
    kind: DifferenceKind
    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class DifferencePage:
    """`next_after` is where the next page goes on; None if there is none."""

    rows: list[DifferenceRow]
    next_after: int | None


def _rejections(user: User, of_year: Q, **of: Any) -> QuerySet[RecordError]:
    """The open errors that the user may know of; of each record at most one. Those of an object that is bound to no
    school year have none."""
    known = Q(confidential=False) if user.district_id else Q(superseded=False)
    return RecordError.objects.filter(known, of_year, **of)


def _is_expected(user: User) -> Q:
    errors = _rejections(
        user,
        Q(school_year=OuterRef("result__school_year_id")) | Q(school_year=None),
        district_id=OuterRef("result__district_id"),
        object=OuterRef("result__object"),
        key=OuterRef("key"),
    )
    return Q(Exists(errors), kind__in=MAY_BE_EXPECTED)


def expected_by_result(user: User, result_ids: Collection[int]) -> dict[int, int]:
    found = VerificationDifference.objects.filter(_is_expected(user), result_id__in=result_ids)
    return dict(found.values_list("result_id").annotate(Count("pk")))


def kind_counts(user: User, result: VerificationResult) -> list[KindCount]:
    found = VerificationDifference.objects.filter(result=result)
    expected = Count("pk", filter=_is_expected(user))
    counted = found.values_list("kind").annotate(kept=Count("pk"), expected=expected)
    kept = {kind: (of_kind, expected) for kind, of_kind, expected in counted}
    counts = {
        DifferenceKind.NOT_AT_STATE: result.not_at_state,
        DifferenceKind.NOT_AT_DISTRICT: result.not_at_district,
        DifferenceKind.DIFFERENCE: result.differences,
        DifferenceKind.DUPLICATE: result.duplicates,
    }
    return [KindCount(kind, count, *kept.get(kind, (0, 0))) for kind, count in counts.items()]


def difference_page(
    user: User,
    result: VerificationResult,
    kind: DifferenceKind,
    *,
    after: int | None = None,
    limit: int = 100,
    expected: bool | None = None,
) -> DifferencePage:
    """The next keys of a kind in order; `expected` leaves out those that are, or those that are not."""
    found = found_differences(user, result, [kind], expected=expected).order_by("key")
    if after is not None:
        found = found.filter(key__gt=after)
    listed = list(found.values_list("key", "fields")[: limit + 1])
    reasons = _reasons(user, result, [key for key, _ in listed]) if kind in MAY_BE_EXPECTED else {}
    rows = [
        DifferenceRow(key, kind, tuple(map(_label, fields)), reasons.get(key, ""))
        for key, fields in listed[:limit]
    ]
    return DifferencePage(rows, rows[-1].key if len(listed) > limit else None)


_label = cache(label)


def found_differences(
    user: User,
    result: VerificationResult,
    kinds: Collection[DifferenceKind],
    *,
    expected: bool | None = None,
) -> QuerySet[VerificationDifference]:
    found = VerificationDifference.objects.filter(result=result, kind__in=kinds)
    if expected is None:
        return found
    return found.filter(_is_expected(user) if expected else ~_is_expected(user))


def _reasons(user: User, result: VerificationResult, keys: Sequence[int]) -> dict[int, str]:
    """Why the last push rejected records, by key. Plain rows: a report asks for very many."""
    errors = _rejections(
        user,
        Q(school_year=result.school_year_id) | Q(school_year=None),
        district_id=result.district_id,
        object=result.object,
        key__in=keys,
    )
    return {
        key: sentence(result.object, Fault(code, field, parent_key))
        for key, code, field, parent_key in errors.values_list("key", "code", "field", "parent_key")
        if key is not None
    }


def iter_differences(user: User, result: VerificationResult, kind: DifferenceKind) -> Iterator[DifferenceRow]:
    """All kept ones of a kind, in key order and in flat memory."""
    after: int | None = None
    while True:
        page = difference_page(user, result, kind, after=after, limit=_AT_A_TIME)
        yield from page.rows
        after = page.next_after
        if after is None:
            return


def removals_of(user: User, result: VerificationResult) -> QuerySet[Removal]:
    """What was asked to be taken from the state after this verification, newest first."""
    seen = Removal.objects.filter(result__in=_results(user).filter(pk=result.pk))
    return seen.select_related("requested_by").order_by("-id")


# ---- Over time -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A complete verification of an object in its history."""

    at: datetime
    accuracy: Decimal
    errors: int
    distinct: int


def history_of(
    user: User, district: District, school_year: SchoolYear, points: int = 12
) -> dict[str, list[Point]]:
    """The last verifications of each object, oldest first."""
    complete = _results(user).filter(
        district=district, school_year=school_year, status=ResultStatus.COMPLETED
    )
    placed = complete.annotate(
        age=Window(RowNumber(), partition_by=F("object"), order_by=F("id").desc())
    ).filter(age__lte=points)
    history: dict[str, list[Point]] = {}
    for each in sorted(placed, key=lambda each: each.pk):
        history.setdefault(each.object, []).append(_point(each))
    return history


def _point(result: VerificationResult) -> Point:
    if result.ended_at is None:
        raise ValueError(f"Verification result {result.pk} is complete and has no end.")
    figures = figures_of(result)
    return Point(result.ended_at, figures.accuracy, figures.errors, figures.distinct)


# ---- Work ----------------------------------------------------------------------------------------------------


def runnable_results() -> QuerySet[VerificationResult]:
    """Comparisons of running verifications whose turn has come and whose waiting time is over.

    One after the other; what waits for the district's database lets the next one try.
    """
    before = VerificationResult.objects.filter(
        run_id=OuterRef("run_id"),
        place__lt=OuterRef("place"),
        status__in=(ResultStatus.QUEUED, ResultStatus.RUNNING),
    )
    return VerificationResult.objects.filter(
        ~Exists(before),
        Q(retry_at=None) | Q(retry_at__lte=Now()),
        run__status=RunStatus.RUNNING,
        status__in=OPEN_RESULT,
    ).order_by("run_id", "place")


def runnable_removals() -> QuerySet[Removal]:
    return Removal.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=Now()), status__in=OPEN_REMOVAL
    ).order_by("id")
