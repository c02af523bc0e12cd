from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audit.choices import Action
from districts.models import District


class AuditEntry(models.Model):
    """Who did what, when and from where. Kept for ever: the database refuses to change, to delete and to truncate
    (migration 0001).

    An entry names records by object and keys, and holds none of their values. `count` is how many records or rows it is
    about; `facts` are further codes, names of fields and numbers. `district` is empty for what concerns all of them,
    `by` for what a schedule or the command line did.
    """

    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=32, choices=Action.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, related_name="+")
    object = models.CharField(max_length=63, blank=True)
    key = models.BigIntegerField(null=True)
    count = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    # By somebody of the state, as they were then: whoever moves to a district takes nothing along for it to read. What
    # was recorded before this column is not known to be a district's, and stays the state's.
    of_state = models.BooleanField(db_default=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "-id"], name="audit_of_district"),
            models.Index(fields=["by", "-id"], name="audit_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(action__in=Action.values), name="audit_knows_the_action"),
            models.CheckConstraint(condition=Q(count__gte=0), name="audit_counts_from_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.at:%Y-%m-%d %H:%M}"
