"""What the last verifications tell on the pages of other tools, which need not know this app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User
from districts.queries import has_right
from interchange.choices import DifferenceKind
from resync.addresses import resync_address
from verification.addresses import summary_address
from verification.advice import Recommendation, recommendations
from verification.choices import Advice
from verification.kinds import KINDS
from verification.models import VerificationResult
from verification.queries import KindCount, kind_counts, latest_results

register = template.Library()


# ---- The batch page ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdvisedPage:
    """What the verifications of a district recommend to whoever thinks of a resync."""

    user: User
    district: District
    school_year: SchoolYear
    found: Sequence[Recommendation]

    def of(self, kind: Advice) -> list[Recommendation]:
        return [each for each in self.found if each.kind is kind]

    @property
    def needed(self) -> list[Recommendation]:
        return self.of(Advice.RESYNC)

    @property
    def not_helped(self) -> list[Recommendation]:
        return self.of(Advice.NOT_BY_RESYNC)

    @property
    def stale(self) -> list[Recommendation]:
        return self.of(Advice.STALE)

    @property
    def agreeing(self) -> list[Recommendation]:
        return self.of(Advice.AGREES)

    @property
    def is_verified(self) -> bool:
        return any(each.kind is not Advice.NEVER for each in self.found)

    @property
    def verified_at(self) -> datetime | None:
        """When the oldest of the verifications ended that say something now."""
        told = [each.at for each in self.found if each.at and each.kind is not Advice.STALE]
        return min(told, default=None)

    @property
    def summary_url(self) -> str:
        return summary_address(self.district, self.school_year)

    @property
    def ticking_url(self) -> str:
        """The batch page with the objects that need it ticked; empty for who may not send from here."""
        if self.user.is_state_user:
            return ""
        needed = [each.object for each in self.needed]
        return resync_address(self.user, self.district, needed, self.school_year.pk)


@register.inclusion_tag("verification/_recommendation.html")
def recommendation(user: User, district: District, school_year: SchoolYear) -> dict[str, Any]:
    """Which objects need a resync, and which do not; nothing for who may not see verifications."""
    if not has_right(user, Tool.VERIFICATION, Right.READ):
        return {"advised": None}
    found = list(recommendations(user, district, school_year).values())
    return {"advised": AdvisedPage(user, district, school_year, found)}


# ---- Selective Sync ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Addable:
    """A kind of differences whose IDs can be added to a box; `url` is empty where they cannot be sent."""

    kind: KindCount
    words: str
    url: str


@register.inclusion_tag("verification/_ids.html")
def ids_from_verification(
    user: User, district: District, school_year: SchoolYear, object_name: str, box_id: str
) -> dict[str, Any]:
    """The counts of the last verification of an object, with buttons that add the IDs to the box (static/
    verification_ids.js); nothing for who may not see verifications."""
    if not has_right(user, Tool.VERIFICATION, Right.READ):
        return {"is_shown": False}
    result = latest_results(user, district, school_year).filter(object=object_name).first()
    address = reverse("verification_differences", args=[district.number, object_name])
    return {
        "is_shown": True,
        "object_name": object_name,
        "id_label": label(definition(object_name).key),
        "result": result,
        "box_id": box_id,
        "lines": _addable(user, result, district) if result else [],
        "url": f"{address}?year={school_year.pk}",
    }


def _addable(user: User, result: VerificationResult, district: District) -> list[Addable]:
    address = reverse("verification_keys", args=[district.number, result.object])
    sent = (DifferenceKind.NOT_AT_STATE, DifferenceKind.DIFFERENCE)
    return [
        Addable(
            each,
            KINDS[each.kind],
            f"{address}?year={result.school_year_id}&kind={each.kind.value}" if each.kind in sent else "",
        )
        for each in kind_counts(user, result)
        if each.kind is not DifferenceKind.DUPLICATE
    ]
