class ReportError(Exception):
    """Base of what can be wrong with a report. The text is a sentence for the person who asked."""


class ReportRefused(ReportError):
    """The report cannot be asked for now; nothing was stored."""


class RenderingFailed(ReportError):
    """The document could not be set. Trying again does not help before the operator has mended the cause."""
