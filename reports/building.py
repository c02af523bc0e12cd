"""What the builders of several apps need: the frame of a document about a district, and times as reports show them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from districts.models import District
from reports.document import Document, Section


def local_time(district: District, moment: datetime) -> str:
    """In the district's own time, as 01/04/2013 03:07:10 PM (seed 004)."""
    return moment.astimezone(ZoneInfo(district.time_zone)).strftime("%m/%d/%Y %I:%M:%S %p")


def document_of(
    district: District,
    *,
    title: str,
    intro: str = "",
    facts: Sequence[tuple[str, str]] = (),
    sections: Sequence[Section] = (),
) -> Document:
    """A document about a district, generated now, with the head and the foot that its pages have in seed 004."""
    return Document(
        title=title,
        header=f"{district.number} {district.name} District",
        subtitle=district.name,
        generated=f"Generated on {local_time(district, timezone.now())}",
        intro=intro,
        facts=facts,
        sections=sections,
    )
