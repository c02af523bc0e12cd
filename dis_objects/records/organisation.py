from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record


class District(Record):
    """The district itself. Its key is not `district_id`: that says, at the state, whose row it is."""

    pk = models.CompositePrimaryKey("district_id", "district_key")
    district_key = RecordKey()
    number = models.CharField(max_length=13)
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=80, null=True)
    city = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=2, null=True)
    zip = models.CharField(max_length=10, null=True)
    county = models.CharField(max_length=40, null=True)
    phone = models.CharField(max_length=25, null=True)
    superintendent_name = models.CharField(max_length=80, null=True)
    district_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "district"

    class Dis(DisOptions):
        position = 1


class ReportingEntity(Record):
    """A body between district and school. Retired: Montana stopped with Release Pack .1501."""

    pk = models.CompositePrimaryKey("district_id", "reporting_entity_id")
    reporting_entity_id = RecordKey()
    district_key = ParentKey("District")
    number = models.CharField(max_length=13)
    name = models.CharField(max_length=80)
    entity_type = models.CharField(max_length=15, null=True)
    address = models.CharField(max_length=80, null=True)
    city = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=2, null=True)
    zip = models.CharField(max_length=10, null=True)
    phone = models.CharField(max_length=25, null=True)

    class Meta:
        db_table = "reporting_entity"

    class Dis(DisOptions):
        parents = ("District",)
        states = ("MT",)
        in_batch = False


class School(Record):
    """A school of the district. Its reporting entity, if any, is no parent of it in the seed."""

    pk = models.CompositePrimaryKey("district_id", "school_id")
    school_id = RecordKey()
    district_key = ParentKey("District")
    reporting_entity_id = models.BigIntegerField(null=True)
    number = models.CharField(max_length=7)
    name = models.CharField(max_length=80)
    standard_code = models.CharField(max_length=15, null=True)
    school_type = models.CharField(max_length=2, null=True)
    low_grade = models.CharField(max_length=4, null=True)
    high_grade = models.CharField(max_length=4, null=True)
    address = models.CharField(max_length=80, null=True)
    city = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=2, null=True)
    zip = models.CharField(max_length=10, null=True)
    phone = models.CharField(max_length=25, null=True)
    principal_name = models.CharField(max_length=80, null=True)
    principal_email = models.CharField(max_length=100, null=True)
    state_exclude = models.BooleanField(null=True)
    school_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "school"

    class Dis(DisOptions):
        position = 2
        parents = ("District",)
        exclusions = (
            Exclusion(
                "SCHOOL_EXCLUDED",
                "The school is marked exclude from state reporting. Clear the mark if the state should have"
                " it.",
                "r.state_exclude",
            ),
        )
