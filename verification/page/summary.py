"""The page Verification Summary: the districts, for a user of the state, and the objects of one district."""

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from districts.choices import Right, Tool
from districts.models import District, SchoolYear
from districts.queries import has_right
from districts.requests import SignedInRequest
from districts.toolbar import chosen_year
from resync.plan import is_open as is_open_year
from resync.queries import usual_year, years_that_sync
from verification.page.districts import DistrictList
from verification.page.results import DistrictResults
from verification.queries import why_not_start
from verification.tables.results import Actions

# What the address of the page says of the table of districts.
_KEPT = ("year", "find", "sort", "page")


class SummaryPage:
    """Without a `district` none is shown in full. `seen` are the marks of the rows that an open page has: those of the
    districts, a point, and those of the objects."""

    def __init__(self, request: SignedInRequest, district: District | None, seen: str = "") -> None:
        self.request = request
        self.user = request.user
        self.district = district
        self._seen_districts, _, self._seen_results = seen.partition(".")

    @cached_property
    def years(self) -> list[SchoolYear]:
        return years_that_sync()

    @cached_property
    def school_year(self) -> SchoolYear | None:
        """The year that the address names, or else that of the header; for all districts the one most are in."""
        named = self.request.GET.get("year", "")
        found = next((year for year in self.years if str(year.pk) == named), None) if named else None
        if found:
            return found
        return chosen_year(self.request, self.district.zone) if self.district else usual_year()

    @property
    def query(self) -> str:
        kept = {name: self.request.GET[name] for name in _KEPT if name in self.request.GET}
        return f"?{urlencode(kept)}" if kept else ""

    # ---- Rights ----------------------------------------------------------------------------------------------

    @cached_property
    def may_ask(self) -> bool:
        return has_right(self.user, Tool.VERIFICATION, Right.ADD)

    @cached_property
    def why_not(self) -> str:
        """Why the settings keep the user from verifying."""
        return why_not_start(self.user) if self.may_ask else ""

    @cached_property
    def why_not_here(self) -> str:
        """Why the district that is shown cannot be verified now."""
        if self.why_not or not (self.district and self.school_year):
            return self.why_not
        if not is_open_year(self.district, self.school_year):
            return f"The district does not sync {self.school_year}, so that year is not verified any more."
        return ""

    @property
    def may_report(self) -> bool:
        return has_right(self.user, Tool.VERIFICATION, Right.WRITE)

    @property
    def may_see_settings(self) -> bool:
        return self.user.is_state_user and has_right(self.user, Tool.VERIFICATION_SETTINGS, Right.READ)

    # ---- Parts -----------------------------------------------------------------------------------------------

    @cached_property
    def districts(self) -> DistrictList | None:
        """None for a user of a district, and before there is a zone."""
        if not (self.user.is_state_user and self.school_year):
            return None
        return DistrictList(
            self.request,
            self.school_year,
            picked=self.district,
            may_verify=self.may_ask and not self.why_not,
            query=self.query,
            seen=self._seen_districts,
        )

    @cached_property
    def results(self) -> DistrictResults | None:
        if not (self.district and self.school_year):
            return None
        actions = Actions(
            may_verify=self.may_ask and not self.why_not_here,
            may_resync=has_right(self.user, Tool.SELECTIVE_SYNC, Right.WRITE),
        )
        return DistrictResults(self.user, self.district, self.school_year, actions, self._seen_results)

    # ---- Live ------------------------------------------------------------------------------------------------

    @cached_property
    def is_open(self) -> bool:
        in_results = self.results is not None and self.results.is_open
        return in_results or (self.districts is not None and self.districts.is_open)

    @property
    def has_new_rows(self) -> bool:
        return self.results is not None and self.results.has_new_rows

    @property
    def has_news(self) -> bool:
        """Whether a row tells something else than on the open page."""
        in_results = self.results is not None and bool(self.results.changed)
        return in_results or (self.districts is not None and bool(self.districts.changed))

    @property
    def live_url(self) -> str:
        """Where the page asks for news; empty when there will be none."""
        if not self.is_open:
            return ""
        seen = ".".join(part.marks if part else "" for part in (self.districts, self.results))
        address = (
            reverse("verification_live_of_district", args=[self.district.number])
            if self.district
            else reverse("verification_live")
        )
        return f"{address}{self.query or '?'}{'&' if self.query else ''}seen={seen}"
