from django.db.models import TextChoices


class ReportFormat(TextChoices):
    """The formats of a report (seed 004, Viewing the Sync History)."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "DOCX"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    ReportFormat.PDF: "application/pdf",
    ReportFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class ReportStatus(TextChoices):
    QUEUED = "queued", "Queued"
    RENDERING = "rendering", "Being prepared"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


OPEN_REPORT = (ReportStatus.QUEUED, ReportStatus.RENDERING)
# Asking for one of these again gives the same one.
STANDING_REPORT = (*OPEN_REPORT, ReportStatus.READY)
