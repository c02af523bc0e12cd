"""What the latest verifications recommend to whoever thinks of a resync (seed 002, Resync Scenarios)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from dis_objects.catalogue import hierarchy
from districts.models import District, SchoolYear, User
from resync.plan import offered_names
from resync.queries import latest_attempts, visible_origins
from resync.wording import counted
from selective_sync.models import SyncObject
from verification.choices import Advice
from verification.figures import figures_of
from verification.models import VerificationResult
from verification.queries import expected_by_result, latest_results, removed_by_result


@dataclass(frozen=True)
class Recommendation:
    """What to do about an object. `records` are those that a resync mends, or, where it does not help, those that it
    does not mend. `at` is when the object was verified last."""

    object: str
    kind: Advice
    records: int = 0
    at: datetime | None = None

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.kind].format(object=self.object, records=counted(self.records, "record"))


_SENTENCES = {
    Advice.RESYNC: "{records} of {object} at the state should be as at the district. Resync {object}.",
    Advice.AGREES: "District and state agree. {object} needs no resync.",
    Advice.NOT_BY_RESYNC: (
        "{records} of {object} do not agree, but a resync does not help: the last one rejected them, or only the "
        "state has them. See Verification Summary."
    ),
    Advice.STALE: "{object} was resynced since it was verified. Verify it again to know whether it agrees.",
    Advice.NEVER: "{object} was never verified. Verify it to know whether it needs a resync.",
}


def recommendations(user: User, district: District, school_year: SchoolYear) -> dict[str, Recommendation]:
    """One for each object that the district may resync, parents first. What the user may not know of, as a resync that
    the state asked for, changes nothing here."""
    latest = {each.object: each for each in latest_results(user, district, school_year)}
    pushed = _last_pushes(user, district, school_year)
    ids = [each.pk for each in latest.values()]
    expected, removed = expected_by_result(user, ids), removed_by_result(ids)
    found = {}
    for name in hierarchy().sorted(offered_names(district, school_year)):
        result = latest.get(name)
        if result is None:
            found[name] = Recommendation(name, Advice.NEVER)
        elif _is_stale(result, pushed.get(name, ())):
            found[name] = Recommendation(name, Advice.STALE, at=result.ended_at)
        else:
            found[name] = _advise(result, expected.get(result.pk, 0), removed.get(result.pk, 0))
    return found


def _advise(result: VerificationResult, expected: int, removed: int) -> Recommendation:
    left = figures_of(result).errors - removed
    mended = result.not_at_state + result.differences - expected
    if mended > 0:
        return Recommendation(result.object, Advice.RESYNC, mended, result.ended_at)
    if left > 0:
        return Recommendation(result.object, Advice.NOT_BY_RESYNC, left, result.ended_at)
    return Recommendation(result.object, Advice.AGREES, 0, result.ended_at)


def _is_stale(result: VerificationResult, pushes: Iterable[datetime | None]) -> bool:
    """None is a push that has not ended."""
    started = result.started_at
    return any(ended is None or (started is not None and ended > started) for ended in pushes)


def _last_pushes(user: User, district: District, school_year: SchoolYear) -> dict[str, list[datetime | None]]:
    """When the last batch and the last selective sync of each object ended."""
    pushes: dict[str, list[datetime | None]] = {}
    for name, (_, started) in latest_attempts(user, district, school_year).items():
        if started is not None:
            pushes[name] = [started.ended_at]
    synced = SyncObject.objects.filter(
        request__district=district,
        request__school_year=school_year,
        request__origin__in=visible_origins(user),
        ended_at__isnull=False,
        processed__gt=0,
    )
    for name, ended in synced.values_list("object").annotate(Max("ended_at")):
        pushes.setdefault(name, []).append(ended)
    return pushes
