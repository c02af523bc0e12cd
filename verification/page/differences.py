"""The page of the differences of one object."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import has_right
from districts.requests import SignedInRequest
from interchange.choices import DifferenceKind
from verification.choices import OPEN_REMOVAL
from verification.differences import MENDED_BY_RESYNC
from verification.forms import Explained, ListForm
from verification.kinds import KINDS, MEANINGS
from verification.models import Removal, VerificationResult
from verification.page.words import accuracy_words
from verification.queries import (
    DifferencePage,
    KindCount,
    ResultRow,
    difference_page,
    kind_counts,
    removals_of,
    results_of,
)
from verification.tables.differences import DifferencesTable, RemovalsTable

_REMOVALS_SHOWN = 10


class DifferencesPage:
    """What the latest verification of an object found, key by key. Raises Http404 for an object that has no row."""

    def __init__(
        self, request: SignedInRequest, district: District, school_year: SchoolYear, object_name: str
    ) -> None:
        self.user = request.user
        self.district = district
        self.school_year = school_year
        self.form = ListForm(request.GET)
        rows = results_of(request.user, district, school_year)
        row = next((each for each in rows if each.name == object_name), None)
        if row is None:
            raise Http404("There is no such object here.")
        self.row: ResultRow = row

    @property
    def result(self) -> VerificationResult | None:
        return self.row.latest

    @property
    def accuracy(self) -> str:
        return accuracy_words(self.row.figures)

    @property
    def key_label(self) -> str:
        return label(definition(self.row.name).key)

    @cached_property
    def kinds(self) -> list[KindCount]:
        return kind_counts(self.user, self.result) if self.result else []

    @property
    def chips(self) -> list[tuple[str, KindCount, bool]]:
        """Each kind with its words, its count, and whether it is shown."""
        return [(KINDS[each.kind], each, each.kind is self.kind) for each in self.kinds]

    @cached_property
    def kind(self) -> DifferenceKind:
        """The kind that the address names, or else the first that has any."""
        named = self.form.cleaned_data.get("kind")
        found = next((each.kind for each in self.kinds if each.count), DifferenceKind.NOT_AT_STATE)
        return DifferenceKind(named) if named else found

    @property
    def of_kind(self) -> KindCount:
        return next(each for each in self.kinds if each.kind is self.kind)

    @property
    def meaning(self) -> str:
        return MEANINGS[self.kind]

    @property
    def expected_value(self) -> str:
        return str(self.form.cleaned_data.get("expected", ""))

    @property
    def listed(self) -> int:
        """How many keys the list has on all of its pages."""
        of_kind = self.of_kind
        counts = {True: of_kind.expected, False: of_kind.kept - of_kind.expected}
        return of_kind.kept if self.form.only_expected is None else counts[self.form.only_expected]

    @property
    def expected_chips(self) -> list[tuple[Explained, int, bool]]:
        """None where no difference is expected: then there is nothing to tell apart."""
        of_kind = self.of_kind
        if not of_kind.expected:
            return []
        counts = {
            Explained.ALL: of_kind.kept,
            Explained.NO: of_kind.kept - of_kind.expected,
            Explained.YES: of_kind.expected,
        }
        return [(each, count, each.value == self.expected_value) for each, count in counts.items()]

    @cached_property
    def found(self) -> DifferencePage:
        if self.result is None:
            return DifferencePage([], None)
        return difference_page(
            self.user,
            self.result,
            self.kind,
            after=self.form.cleaned_data.get("after"),
            expected=self.form.only_expected,
        )

    @property
    def table(self) -> DifferencesTable:
        opens = reverse("verification_values", args=[self.district.number, self.row.name])
        return DifferencesTable(
            self.found.rows,
            kind=self.kind,
            opens=opens if has_right(self.user, Tool.VERIFICATION, Right.WRITE) else "",
            chooses=self.can_resync or self.can_remove,
        )

    @property
    def is_first(self) -> bool:
        return self.form.cleaned_data.get("after") is None

    # ---- What can be done ------------------------------------------------------------------------------------

    @property
    def can_resync(self) -> bool:
        return self.kind in MENDED_BY_RESYNC and has_right(self.user, Tool.SELECTIVE_SYNC, Right.WRITE)

    @property
    def can_remove(self) -> bool:
        is_kind = self.kind is DifferenceKind.NOT_AT_DISTRICT
        return is_kind and has_right(self.user, Tool.VERIFICATION, Right.DELETE)

    @property
    def may_verify(self) -> bool:
        return has_right(self.user, Tool.VERIFICATION, Right.ADD)

    @property
    def acts_url(self) -> str:
        """Where the chosen keys are sent; empty where nothing can be done with them."""
        route = {self.can_resync: "verification_resync", self.can_remove: "verification_remove"}.get(True)
        return reverse(route, args=[self.district.number, self.row.name]) if route else ""

    # ---- Removals --------------------------------------------------------------------------------------------

    @cached_property
    def removals(self) -> list[Removal]:
        return list(removals_of(self.user, self.result)[:_REMOVALS_SHOWN]) if self.result else []

    @property
    def removals_table(self) -> RemovalsTable:
        return RemovalsTable(self.removals, viewer=self.user)

    @property
    def removals_version(self) -> str:
        newest = max((each.changed_at for each in self.removals), default=None)
        return f"{len(self.removals)}-{newest:%Y%m%d%H%M%S%f}" if newest else ""

    @property
    def removals_url(self) -> str:
        """Where the page asks for news of removals; empty when there will be none."""
        if not any(each.status in OPEN_REMOVAL for each in self.removals):
            return ""
        address = reverse("verification_removals", args=[self.district.number, self.row.name])
        return f"{address}?year={self.school_year.pk}&seen={self.removals_version}"
