"""A kind of report for tests: the keys from 1 to its subject. A worker of a test imports this module to know it."""

from districts.choices import Right, Tool
from districts.models import User
from reports.building import document_of
from reports.document import Document, KeyList, Section
from reports.models import Report
from reports.registry import Builder, register


class KeysBuilder(Builder):
    tool, right = Tool.VERIFICATION, Right.READ
    hidden: frozenset[int] = frozenset()
    error: Exception | None = None

    def build(self, report: Report) -> Document:
        if self.error:
            raise self.error
        keys = KeyList(range(1, report.subject_id + 1))
        return document_of(report.district, title="Keys", sections=[Section("All", "", [keys])])

    def may_see(self, user: User, report: Report) -> bool:
        return report.subject_id not in self.hidden

    def file_name(self, report: Report) -> str:
        return f"keys {report.district.number}"

    def page_url(self, report: Report) -> str:
        return f"/batch/?keys={report.subject_id}"


register("keys", KeysBuilder())
