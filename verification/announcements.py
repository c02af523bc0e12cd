"""The process alerts of verifications. Posted in the transaction that ends what they tell of, and once."""

from django.urls import reverse

from districts.choices import Right, Tool
from districts.queries import asker_with_right
from process_alerts.actions import Draft, post_alerts
from resync.wording import counted, few
from verification.choices import RemovalStatus
from verification.models import Removal


def announce_removal(removal: Removal) -> None:
    """Tells who asked how it ended, if they still may see the tool."""
    district = removal.result.district
    failed = removal.status == RemovalStatus.FAILED
    draft = Draft(
        key=f"removal-ended:{removal.pk}",
        name="Removing records from the state failed" if failed else "Records removed from the state",
        text=_sentence(removal),
        recipients=asker_with_right(
            removal.requested_by_id, Tool.VERIFICATION, Right.READ, removal.result.district_id
        ),
        url=reverse("verification_of_district", args=[district.number]),
        district_id=removal.result.district_id,
    )
    post_alerts([draft])


def _sentence(removal: Removal) -> str:
    own = removal.removed.get(removal.result.object, 0)
    under = [f"{name} {count:,}" for name, count in removal.removed.items() if name != removal.result.object]
    told = [
        f"{own:,} of {counted(len(removal.keys), 'record')} of {removal.result.object} "
        f"{'was' if own == 1 else 'were'} removed from the state."
    ]
    if under:
        told.append(f"Removed with them: {few(under)}.")
    if removal.stayed:
        told.append(f"{len(removal.stayed):,} stayed; the page tells why.")
    return " ".join([*told, removal.reason]).strip()
