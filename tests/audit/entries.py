from django.db.models import QuerySet

from audit.choices import Action
from audit.models import AuditEntry


def deeds() -> QuerySet[AuditEntry]:
    """All entries but the sign-ins, which every test client leaves."""
    return AuditEntry.objects.exclude(action=Action.SIGNED_IN)
