from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class CTEDataME(Record):
    """A student's year in a career and technical education program in Maine."""

    pk = models.CompositePrimaryKey("district_id", "cte_data_id")
    cte_data_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    cte_center_number = models.CharField(max_length=10, null=True)
    cip_code = models.CharField(max_length=10)
    program_name = models.CharField(max_length=80, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    concentrator = models.BooleanField(null=True)
    completer = models.BooleanField(null=True)
    credential_code = models.CharField(max_length=10, null=True)
    credential_date = models.DateField(null=True)

    class Meta:
        db_table = "cte_data_me"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("ME",)
