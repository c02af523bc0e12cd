"""What the agent log and the error log show. A district sees neither what only the state has met, nor its marks."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from agents.causes import Cause, Kind, Member, causes_of
from districts.models import District, User
from interchange.faults import Code
from interchange.models import ErrorLogEntry, RecordError, RecordErrorCount

PAGE = 50
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class LogFilter:
    """Which record errors are asked for. Without a district: those of all districts that the user may see."""

    user: User
    district: District | None = None
    object: str = ""
    code: str = ""
    school_year: int | None = None
    key: int | None = None
    kind: Kind | None = None


def visible_errors(asked: LogFilter) -> QuerySet[RecordError]:
    errors = RecordError.objects.filter(_visible(asked), _wanted(asked))
    return errors if asked.key is None else errors.filter(key=asked.key)


def _visible(asked: LogFilter) -> Q:
    """What the user may see at all (interchange.models.RecordError tells why), in the chosen district."""
    if not asked.user.is_state_user:
        return Q(district=asked.user.district_id, confidential=False)
    of_district = Q(district=asked.district.pk) if asked.district else Q()
    return of_district & Q(superseded=False)


def _wanted(asked: LogFilter) -> Q:
    wanted = {"object": asked.object, "code": asked.code, "school_year": asked.school_year}
    found = Q(**{name: value for name, value in wanted.items() if value})
    failures = Q(code__in=list(Code))
    by_kind = {Kind.FAILED: failures, Kind.EXCLUDED: ~failures}
    return found & by_kind[asked.kind] if asked.kind else found


def _kinds(asked: LogFilter) -> QuerySet[RecordErrorCount]:
    return RecordErrorCount.objects.filter(_visible(asked), _wanted(asked), records__gt=0)


def causes(asked: LogFilter) -> list[Cause]:
    """The causes of the errors asked for, most frequent first. It reads counts, and errors only of a key."""
    kind = ("object", "code", "field")
    if asked.key is None:
        rows = list(_kinds(asked).values_list(*kind).annotate(n=Sum("records")).order_by())
    else:
        rows = list(visible_errors(asked).values_list(*kind).annotate(n=Sum("occurrences")).order_by())
    return causes_of(Member(*row) for row in rows)


def cause(asked: LogFilter, code: str, about: str) -> Cause | None:
    return next((each for each in causes(asked) if (each.code, each.about) == (code, about)), None)


@dataclass(frozen=True)
class DistrictShare:
    """How many records of a cause are a district's."""

    district: District
    records: int


def districts_of_cause(asked: LogFilter, found: Cause) -> list[DistrictShare]:
    """For a user of the state who looks at all districts: whose records they are, the most first."""
    fields = {each.field for each in found.members}
    kinds = _kinds(asked).filter(code=found.code, field__in=fields, object__in=found.objects)
    shares = list(kinds.values_list("district").annotate(n=Sum("records")).order_by("-n", "district"))
    districts = District.objects.in_bulk([pk for pk, _ in shares])
    return [DistrictShare(districts[pk], records) for pk, records in shares]


@dataclass(frozen=True)
class Place:
    """The last record of a page: the next page begins after it."""

    object: str
    field: str
    key: int | None
    id: int

    def __str__(self) -> str:
        return f"{self.object}.{self.field}.{'' if self.key is None else self.key}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None for what is not a place: such a page begins at the beginning."""
        try:
            name, field, key, pk = text.split(".")
            return cls(name, field, int(key) if key else None, int(pk))
        except ValueError:
            return None


@dataclass(frozen=True)
class RecordPage:
    errors: Sequence[RecordError]
    next_place: Place | None


def records_of_cause(asked: LogFilter, found: Cause, after: Place | None = None) -> RecordPage:
    """A page of the records of a cause in one district: object by object, in key order.

    Each object is a range of one index, so a page in the middle of a million costs what the first one does.
    """
    errors: list[RecordError] = []
    for member in found.members:
        if after and (member.object, member.field) < (after.object, after.field):
            continue
        rows = visible_errors(asked).filter(object=member.object, code=member.code, field=member.field)
        if after and (member.object, member.field) == (after.object, after.field):
            rows = rows.filter(_behind(after))
        errors += rows.select_related("district").order_by("key", "id")[: PAGE + 1 - len(errors)]
        if len(errors) > PAGE:
            return RecordPage(errors[:PAGE], _place(errors[PAGE - 1]))
    return RecordPage(errors, None)


def _behind(after: Place) -> Q:
    if after.key is None:
        return Q(key=None, id__gt=after.id)
    return Q(key__gte=after.key) & (Q(key__gt=after.key) | Q(id__gt=after.id))


def _place(error: RecordError) -> Place:
    return Place(error.object, error.field, error.key, error.pk)


def records_of_key(asked: LogFilter, after: int = 0) -> RecordPage:
    """The errors of the records with one key, of every object; `next_place` tells whether there are more."""
    found = visible_errors(asked).filter(pk__gt=after).select_related("district").order_by("id")[: PAGE + 1]
    errors = list(found)
    return RecordPage(errors[:PAGE], _place(errors[PAGE - 1]) if len(errors) > PAGE else None)


def every_error(asked: LogFilter, found: Cause | None = None) -> Iterator[RecordError]:
    """All errors asked for, or those of one cause, read while they are sent: by a cursor of the database, so that
    memory holds a few thousand."""
    errors = visible_errors(asked).select_related("district")
    members = {(each.object, each.field) for each in found.members} if found else None
    if members is not None:
        names, fields = zip(*members, strict=True)
        errors = errors.filter(object__in=set(names), field__in=set(fields))
    rows = errors.order_by("district", "object", "code", "field", "key", "id").iterator(
        chunk_size=_ROWS_AT_ONCE
    )
    # In a transaction, because outside of one the database would copy the whole answer aside first. The cursor is
    # closed before it ends, also when the person breaks the download off.
    with transaction.atomic(), closing(cast(Generator[RecordError, None, None], rows)):
        for each in rows:
            if members is None or (each.object, each.field) in members:
                yield each


@dataclass(frozen=True)
class Choices:
    """What the filter offers: the objects, codes and school years that there are errors of."""

    objects: Sequence[str]
    codes: Sequence[str]
    school_years: Sequence[int]


def filter_choices(asked: LogFilter) -> Choices:
    """Everything that the user may see in the district, whatever else is filtered."""
    everything = _kinds(LogFilter(asked.user, asked.district))
    kinds = list(everything.order_by().values_list("object", "code", "school_year").distinct())
    return Choices(
        sorted({name for name, _, _ in kinds}),
        sorted({code for _, code, _ in kinds}),
        sorted({year for *_, year in kinds if year}, reverse=True),
    )


@dataclass(frozen=True)
class EntryFilter:
    """Which entries of the error log are asked for. `first` and `last` are the bounds of a time, both included."""

    user: User
    district: District | None = None
    object: str = ""
    code: str = ""
    first: datetime | None = None
    last: datetime | None = None
    with_cleared: bool = False


def error_log_entries(asked: EntryFilter) -> QuerySet[ErrorLogEntry]:
    """Newest first. A district sees none that a state request has met, and none that is cleared."""
    entries = ErrorLogEntry.objects.select_related("district", "cleared_by").order_by("-id")
    if not asked.user.is_state_user:
        entries = entries.filter(district=asked.user.district_id, confidential=False)
    elif asked.district:
        entries = entries.filter(district=asked.district)
    if not (asked.with_cleared and asked.user.is_state_user):
        entries = entries.filter(cleared_at=None)
    wanted = {
        "object": asked.object,
        "code": asked.code,
        "happened_at__gte": asked.first,
        "happened_at__lte": asked.last,
    }
    return entries.filter(**{name: value for name, value in wanted.items() if value})
