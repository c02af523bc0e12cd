"""The kinds of reports. Apps enter theirs when Django starts (AppConfig.ready), so that this app need not know them."""

from abc import ABC, abstractmethod

from districts.choices import Right, Tool
from districts.models import User
from reports.document import Document
from reports.models import Report


class Builder(ABC):
    """What a kind of report says, and who may have it.

    `tool` and `right` are asked for when it is requested and again at each download; so is `may_see`, for what they
    cannot tell: whether this row, at this moment, is one that the person sees. The district is looked after already.
    """

    tool: Tool
    right: Right

    @abstractmethod
    def build(self, report: Report) -> Document:
        """Runs in a worker, within a transaction and in the district's time zone. Raises ReportError or DistrictError
        with a sentence for the person who asked."""

    @abstractmethod
    def may_see(self, user: User, report: Report) -> bool:
        """Whether the row `report.subject_id` exists, is of `report.district`, and may be seen by the user."""

    @abstractmethod
    def file_name(self, report: Report) -> str:
        """Without the ending. Codes and dates: the name of a file travels further than its content."""

    @abstractmethod
    def page_url(self, report: Report) -> str:
        """The page on which the report is offered."""


_builders: dict[str, Builder] = {}


def register(kind: str, builder: Builder) -> None:
    """Raises ValueError for a kind that another builder has."""
    if kind in _builders and type(_builders[kind]) is not type(builder):
        raise ValueError(f"The report {kind} has a builder already.")
    _builders[kind] = builder


def builder_of(kind: str) -> Builder | None:
    return _builders.get(kind)
