from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class PersonIdentity(Record):
    """A person with the identity in force: students, staff and contacts. Never a social security number."""

    pk = models.CompositePrimaryKey("district_id", "person_id")
    person_id = RecordKey()
    identity_id = models.BigIntegerField(null=True)
    state_id = models.CharField(max_length=15, null=True)
    student_number = models.CharField(max_length=15, null=True)
    staff_number = models.CharField(max_length=15, null=True)
    staff_state_id = models.CharField(max_length=20, null=True)
    last_name = models.CharField(max_length=50)
    first_name = models.CharField(max_length=50, null=True)
    middle_name = models.CharField(max_length=50, null=True)
    suffix = models.CharField(max_length=50, null=True)
    alias = models.CharField(max_length=50, null=True)
    gender = models.CharField(max_length=1, null=True)
    birthdate = models.DateField(null=True)
    effective_date = models.DateField(null=True)
    race_ethnicity = models.CharField(max_length=3, null=True)
    race_ethnicity_fed = models.CharField(max_length=1, null=True)
    race_ethnicity_determination = models.CharField(max_length=2, null=True)
    hispanic_ethnicity = models.CharField(max_length=2, null=True)
    birth_country = models.CharField(max_length=5, null=True)
    birth_state = models.CharField(max_length=5, null=True)
    birth_city = models.CharField(max_length=50, null=True)
    birth_verification = models.CharField(max_length=5, null=True)
    date_entered_us = models.DateField(null=True)
    date_entered_state = models.DateField(null=True)
    date_entered_us_school = models.DateField(null=True)
    immigrant = models.BooleanField(null=True)
    refugee = models.CharField(max_length=5, null=True)
    home_primary_language = models.CharField(max_length=5, null=True)
    legal_last_name = models.CharField(max_length=50, null=True)
    legal_first_name = models.CharField(max_length=50, null=True)
    legal_middle_name = models.CharField(max_length=50, null=True)
    origin_country = models.CharField(max_length=5, null=True)
    multiple_birth = models.BooleanField(null=True)
    tribal_enrollment = models.CharField(max_length=15, null=True)
    person_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "person_identity"

    class Dis(DisOptions):
        position = 12
        parents = ("ScheduleStructure",)
        verify = (
            "state_id",
            "last_name",
            "first_name",
            "middle_name",
            "birthdate",
            "gender",
            "race_ethnicity_fed",
        )


class PersonIdentityNoStateIDOnly(Record):
    """A person whom the state has not given an ID yet."""

    pk = models.CompositePrimaryKey("district_id", "person_id")
    person_id = RecordKey()
    student_number = models.CharField(max_length=15, null=True)
    staff_number = models.CharField(max_length=15, null=True)
    last_name = models.CharField(max_length=50)
    first_name = models.CharField(max_length=50, null=True)
    middle_name = models.CharField(max_length=50, null=True)
    suffix = models.CharField(max_length=50, null=True)
    gender = models.CharField(max_length=1, null=True)
    birthdate = models.DateField(null=True)
    race_ethnicity_fed = models.CharField(max_length=1, null=True)
    birth_country = models.CharField(max_length=5, null=True)
    home_primary_language = models.CharField(max_length=5, null=True)
    person_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "person_identity_no_state_id_only"

    class Dis(DisOptions):
        parents = ("ScheduleStructure",)


class CensusContactSummary(Record):
    """How to reach one contact of a student. Contacts are not tied to a school year."""

    pk = models.CompositePrimaryKey("district_id", "summary_id")
    summary_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    contact_person_id = models.BigIntegerField(null=True)
    relationship = models.CharField(max_length=50, null=True)
    guardian = models.BooleanField(null=True)
    last_name = models.CharField(max_length=50, null=True)
    first_name = models.CharField(max_length=50, null=True)
    home_phone = models.CharField(max_length=25, null=True)
    cell_phone = models.CharField(max_length=25, null=True)
    work_phone = models.CharField(max_length=25, null=True)
    email = models.CharField(max_length=100, null=True)
    address = models.CharField(max_length=80, null=True)
    city = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=2, null=True)
    zip = models.CharField(max_length=10, null=True)
    emergency_priority = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "census_contact_summary"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class ContactLog(Record):
    """A contact that staff had about a student."""

    pk = models.CompositePrimaryKey("district_id", "contact_log_id")
    contact_log_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    staff_person_id = models.BigIntegerField(null=True)
    contacted_on = models.DateTimeField()
    contact_type = models.CharField(max_length=15, null=True)
    contact_name = models.CharField(max_length=80, null=True)
    module = models.CharField(max_length=15, null=True)
    duration = models.SmallIntegerField(null=True)
    details = models.TextField(null=True)

    class Meta:
        db_table = "contact_log"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
