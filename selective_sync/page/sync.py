"""The page of the tool: what to sync, how far the latest request is, the history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import uuid4

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse

from dis_objects.catalogue import definition, label
from districts.choices import Right, Tool
from districts.models import District, SchoolYear, User
from districts.queries import has_right
from districts.requests import SignedInRequest
from districts.tables import paginate
from interchange.lineage import objects_under
from resync.plan import offered_names
from selective_sync.choices import OPEN_SYNC, Role
from selective_sync.find import Found
from selective_sync.forms import MOST_BYTES, SyncForm, mark_of
from selective_sync.ids import MOST_IDS, ParsedIDs, parse_ids
from selective_sync.models import SyncObject, SyncRequest
from selective_sync.page.line import Line, line_of
from selective_sync.queries import (
    NO_VERSION,
    OFFERED_OBJECTS,
    LiveLine,
    history,
    live_line,
    live_version,
    visible_requests,
)
from selective_sync.tables import HistoryTable

_REQUESTS_ON_A_PAGE = 30
# More chips than this nobody reads; selective_sync.js shows more of what is being typed.
_TOKENS_SHOWN = 200


@dataclass(frozen=True)
class ObjectChoice:
    """An object to choose. `hindrance` says why it cannot be, `under` are the objects that go with it."""

    name: str
    is_chosen: bool
    hindrance: str
    under: tuple[str, ...]

    @property
    def id_label(self) -> str:
        """PersonID, as people say it."""
        text = label(definition(self.name).key)
        return text[0].upper() + text[1:]

    @property
    def ids_label(self) -> str:
        return f"{self.id_label}s"


def object_choices(district: District, school_year: SchoolYear, chosen: str) -> list[ObjectChoice]:
    offered = offered_names(district, school_year)
    can_be = [name for name in OFFERED_OBJECTS if name in offered]
    chosen = chosen if chosen in can_be else next(iter(can_be), "")
    return [
        ObjectChoice(
            name=name,
            is_chosen=name == chosen,
            hindrance="" if name in can_be else f"Not synced for {school_year}",
            under=tuple(each for each in objects_under(name) if each in offered),
        )
        for name in OFFERED_OBJECTS
    ]


@dataclass(frozen=True)
class Token:
    """An entry as the server read it. `kind` is empty for an ID, else dup or bad (static/upstate.css)."""

    text: str
    kind: str = ""
    why: str = ""


def tokens_of(read: ParsedIDs) -> list[Token]:
    """Empty for an ordinary text that is too long to look through: then only what is wrong is named."""
    bad = [Token(token, "bad", "not a number") for token in read.rejected_tokens]
    if len(read.ids) > _TOKENS_SHOWN:
        return bad
    again = [Token(str(each), "dup", "repeat") for each in read.repeated_ids]
    return [*(Token(str(each)) for each in read.ids), *again, *bad]


def history_of(user: User, district: District) -> QuerySet[SyncRequest]:
    """The history with `errors_under`, the records of the objects under the chosen one that did not arrive."""
    under = SyncObject.objects.filter(request=OuterRef("pk"), role=Role.UNDER).order_by()
    errors = under.values("request").annotate(total=Sum("errors")).values("total")
    return history(user, district).annotate(errors_under=Subquery(errors))


class SyncPage:
    """The tool for one district: what to sync, how far the latest request is, the history.

    `form` is what the person has entered so far, if anything, and `text` all of its IDs.
    """

    def __init__(
        self,
        request: SignedInRequest,
        district: District,
        school_year: SchoolYear,
        form: SyncForm | None = None,
        text: str = "",
        notice: str = "",
    ) -> None:
        self.request = request
        self.user = request.user
        self.district = district
        self.school_year = school_year
        self.form = form
        self.text = text
        self.notice = notice
        self.token = uuid4()
        self.found: Found | None = None
        self.search_refusal = ""

    most_ids = MOST_IDS
    most_bytes = MOST_BYTES

    @property
    def may_sync(self) -> bool:
        return has_right(self.user, Tool.SELECTIVE_SYNC, Right.WRITE)

    @property
    def may_delete(self) -> bool:
        return has_right(self.user, Tool.SELECTIVE_SYNC, Right.DELETE)

    @property
    def verification_url(self) -> str:
        """Where the records that differ are; empty for who may not see it."""
        may_see = has_right(self.user, Tool.VERIFICATION, Right.READ)
        return reverse("verification_of_district", args=[self.district.number]) if may_see else ""

    @property
    def find_url(self) -> str:
        return reverse("selective_sync_find", args=[self.district.number])

    # ---- What to sync

    @cached_property
    def objects(self) -> list[ObjectChoice]:
        return object_choices(self.district, self.school_year, self.form.chosen if self.form else "")

    @property
    def with_children(self) -> bool:
        """On unless a form said otherwise."""
        return bool(self.form.cleaned_data.get("with_children")) if self.form else True

    @property
    def words(self) -> str:
        return str(self.form.cleaned_data.get("words", "")) if self.form else ""

    @cached_property
    def read(self) -> ParsedIDs | None:
        return parse_ids(self.text) if self.text.strip() else None

    @property
    def tokens(self) -> list[Token]:
        return tokens_of(self.read) if self.read else []

    @property
    def can_leave_out(self) -> bool:
        return bool(self.read and self.read.rejected and self.read.ids and not self.read.too_many)

    @property
    def leave_out(self) -> str:
        return mark_of(self.read) if self.read else ""

    # ---- What was synced

    @cached_property
    def line(self) -> Line:
        return line_of(self.live)

    @cached_property
    def live(self) -> LiveLine | None:
        return live_line(self.user, self.district)

    @cached_property
    def history(self) -> HistoryTable:
        table = self.table(history_of(self.user, self.district))
        paginate(table, self.request, _REQUESTS_ON_A_PAGE)
        return table

    def table(self, requests: Iterable[SyncRequest]) -> HistoryTable:
        return HistoryTable(requests, district=self.district, may_delete=self.may_delete)

    @property
    def clear_url(self) -> str:
        """Empty for who may not, and where there is nothing to clear."""
        has_any = self.history.page.paginator.count > 0
        return (
            reverse("sync_history_clear", args=[self.district.number]) if self.may_delete and has_any else ""
        )

    @cached_property
    def open_rows(self) -> Sequence[SyncRequest]:
        """The requests in the rows of the page that are open."""
        rows = [row.record for row in self.history.paginated_rows]
        return [each for each in rows if each.status in OPEN_SYNC]

    @property
    def live_url(self) -> str:
        """What tells how far the open requests on the page are; empty if none is open."""
        is_open = self.live is not None and self.live.is_open
        if not (is_open or self.open_rows):
            return ""
        rows = ".".join(str(each.pk) for each in self.open_rows)
        return f"{reverse('selective_sync_live', args=[self.district.number])}?seen={self._seen}&rows={rows}"

    @property
    def _seen(self) -> str:
        """Of what is on the page, not of what has become of it since: else the end would never be told."""
        line = self.live.version if self.live else NO_VERSION
        return _version_with(line, [each.changed_at for each in self.open_rows])


def seen_version(user: User, district: District, row_ids: Sequence[int]) -> str:
    """Changes with the line, and with the open requests in the rows of the page."""
    version = live_version(user, district)
    if not row_ids:
        return version
    rows = visible_requests(user, district).select_related(None).filter(pk__in=row_ids)
    return _version_with(version, rows.values_list("changed_at", flat=True))


def _version_with(line: str, rows_changed_at: Iterable[datetime]) -> str:
    latest = max(rows_changed_at, default=None)
    return f"{line}-{latest.timestamp():.6f}" if latest else line
