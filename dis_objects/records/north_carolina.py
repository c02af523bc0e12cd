from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class SpecialEdState(Record):
    """A student's special education status as the state keeps it."""

    pk = models.CompositePrimaryKey("district_id", "special_ed_state_id")
    special_ed_state_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    status = models.CharField(max_length=5, null=True)
    primary_disability = models.CharField(max_length=5, null=True)
    secondary_disability = models.CharField(max_length=5, null=True)
    setting = models.CharField(max_length=5, null=True)
    referral_date = models.DateField(null=True)
    eligibility_date = models.DateField(null=True)
    iep_date = models.DateField(null=True)
    start_date = models.DateField()
    exit_date = models.DateField(null=True)
    exit_reason = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "special_ed_state"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        states = ("NC",)
