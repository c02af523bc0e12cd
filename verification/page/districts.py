"""The districts with their overall accuracy, as a user of the state sees them."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from districts.models import District, SchoolYear
from districts.requests import SignedInRequest
from districts.tables import paginate
from verification.page.marks import changed_since, marks
from verification.queries import DistrictSummary, district_summaries
from verification.tables.districts import DistrictsTable, SummaryLine

_ON_A_PAGE = 50


class DistrictList:
    """The districts that the filter in the address finds. `picked` is the one that is shown below; `query` is what the
    links to the others keep of the address; `seen` are the marks of the rows that an open page has."""

    def __init__(
        self,
        request: SignedInRequest,
        school_year: SchoolYear,
        *,
        picked: District | None,
        may_verify: bool,
        query: str,
        seen: str = "",
    ) -> None:
        self.request = request
        self.school_year = school_year
        self.words = request.GET.get("find", "").strip()[:100]
        self._picked = picked
        self._may_verify = may_verify
        self._query = query
        self._seen = seen

    @cached_property
    def summaries(self) -> list[DistrictSummary]:
        wanted = self.words.casefold().split()
        found = district_summaries(self.request.user, self.school_year)
        return [each for each in found if _has_all(each.district, wanted)]

    @cached_property
    def table(self) -> DistrictsTable:
        """The page of the table that the address names, or else the one that shows the picked district."""
        table = self._table_of(self.summaries)
        paginate(table, self.request, _ON_A_PAGE)
        if self._picked and "page" not in self.request.GET:
            numbers = [_number(row.record) for row in table.rows]
            place = numbers.index(self._picked.number) if self._picked.number in numbers else 0
            table.page = table.paginator.get_page(place // _ON_A_PAGE + 1)
        return table

    def _table_of(self, summaries: Sequence[DistrictSummary]) -> DistrictsTable:
        return DistrictsTable(summaries, picked=self._picked, may_verify=self._may_verify, query=self._query)

    # ---- Live ------------------------------------------------------------------------------------------------

    @cached_property
    def _shown(self) -> list[DistrictSummary]:
        numbers = {_number(row.record) for row in self.table.paginated_rows}
        return [each for each in self.summaries if each.district.number in numbers]

    @property
    def is_open(self) -> bool:
        return any(each.is_open for each in self._shown)

    @property
    def marks(self) -> str:
        return marks(_told(self._shown))

    @cached_property
    def changed(self) -> list[str]:
        """The numbers of the shown districts whose rows tell something else by now."""
        return changed_since(self._seen, _told(self.summaries))

    @property
    def changed_table(self) -> DistrictsTable:
        return self._table_of([each for each in self.summaries if each.district.number in self.changed])


def _number(line: SummaryLine) -> str:
    return line.summary.district.number


def _has_all(district: District, wanted: Sequence[str]) -> bool:
    told = f"{district.number} {district.name}".casefold()
    return all(word in told for word in wanted)


def _told(summaries: Sequence[DistrictSummary]) -> Mapping[str, object]:
    return {
        each.district.number: (each.figures, each.last_verified, each.is_open, each.objects)
        for each in summaries
    }
