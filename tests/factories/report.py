from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from reports.choices import OPEN_REPORT, ReportFormat, ReportStatus
from reports.models import Report
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory


class ReportFactory(DjangoModelFactory):
    """A PDF that is ready, of the kind that tests register (tests/reports/kinds.py); the `status` decides the rest."""

    class Meta:
        model = Report

    kind = "keys"
    district = factory.SubFactory(DistrictFactory)
    format = ReportFormat.PDF
    subject_id = factory.Sequence(lambda n: n + 1)
    requested_by = factory.SubFactory(
        UserFactory, district=factory.SelfAttribute("..district"), rights="", everywhere="R"
    )
    status = ReportStatus.READY
    content = factory.LazyAttribute(
        lambda report: b"%PDF-1.7" if report.status == ReportStatus.READY else None
    )
    size = factory.LazyAttribute(lambda report: len(report.content) if report.content else None)
    ready_at = factory.LazyAttribute(lambda report: timezone.now() if report.content else None)
    expires_at = factory.LazyAttribute(
        lambda report: None if report.status in OPEN_REPORT else timezone.now() + timedelta(hours=24)
    )
    reason = factory.LazyAttribute(
        lambda report: "The database does not answer." if report.status == ReportStatus.FAILED else ""
    )
