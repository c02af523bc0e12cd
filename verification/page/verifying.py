"""The page that asks what is to be verified."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from dis_objects.catalogue import hierarchy
from districts.models import District, SchoolYear
from resync.plan import is_open, one_of_each_kind
from resync.wording import counted, few
from verification.plan import ObjectChoice, choices_for

_NAMED = 5


@dataclass(frozen=True)
class ObjectBox:
    name: str
    is_ticked: bool


class VerifyPage:
    """What can be verified of the districts in a school year. `ticked` are the objects whose boxes are marked: the ones
    that are verified by default if None."""

    def __init__(
        self, districts: Sequence[District], school_year: SchoolYear, ticked: Collection[str] | None = None
    ) -> None:
        self.school_year = school_year
        self.districts = [each for each in districts if is_open(each, school_year)]
        self.closed = len(districts) - len(self.districts)
        self._ticked = ticked

    @cached_property
    def choices(self) -> list[ObjectChoice]:
        """What every one of the districts is offered, parents first."""
        alike = one_of_each_kind(self.districts, self.school_year).values()
        offers = [{each.name: each for each in choices_for(district, self.school_year)} for district in alike]
        common = set.intersection(*(set(offer) for offer in offers)) if offers else set()
        return [offers[0][name] for name in hierarchy().sorted(common)]

    @property
    def default(self) -> list[ObjectBox]:
        return [self._box(each) for each in self.choices if each.by_default]

    @property
    def others(self) -> list[ObjectBox]:
        return [self._box(each) for each in self.choices if not each.by_default]

    @property
    def opens_others(self) -> bool:
        return any(box.is_ticked for box in self.others)

    def _box(self, each: ObjectChoice) -> ObjectBox:
        return ObjectBox(each.name, each.by_default if self._ticked is None else each.name in self._ticked)

    @property
    def objects(self) -> int:
        return sum(box.is_ticked for box in (*self.default, *self.others))

    @property
    def comparisons(self) -> int:
        return self.objects * len(self.districts)

    @property
    def numbers(self) -> str:
        return ",".join(each.number for each in self.districts)

    @property
    def named(self) -> str:
        return few([str(each) for each in self.districts], _NAMED)

    @property
    def of_whom(self) -> str:
        return (
            str(self.districts[0]) if len(self.districts) == 1 else counted(len(self.districts), "district")
        )
