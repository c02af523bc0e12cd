from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class Employment(Record):
    """A person's employment by the district. It runs over school years, as everything about staff does."""

    pk = models.CompositePrimaryKey("district_id", "employment_id")
    employment_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    start_status = models.CharField(max_length=5, null=True)
    end_status = models.CharField(max_length=5, null=True)
    teaching_start_year = models.SmallIntegerField(null=True)
    years_experience = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    license_number = models.CharField(max_length=20, null=True)
    seniority_date = models.DateField(null=True)
    fte_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)

    class Meta:
        db_table = "employment"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        verify = ("person_id", "start_date", "end_date", "start_status", "end_status", "license_number")


class EmploymentAssignment(Record):
    """What an employee does at a school."""

    pk = models.CompositePrimaryKey("district_id", "assignment_id")
    assignment_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    school_id = ParentKey("School")
    employment_id = models.BigIntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    title = models.CharField(max_length=50, null=True)
    assignment_code = models.CharField(max_length=15, null=True)
    department = models.CharField(max_length=30, null=True)
    fte_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    is_primary = models.BooleanField(null=True)
    teacher = models.BooleanField(null=True)
    special_ed = models.BooleanField(null=True)
    behavior_admin = models.BooleanField(null=True)
    exclude = models.BooleanField(null=True)

    class Meta:
        db_table = "employment_assignment"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        verify = (
            "person_id",
            "school_id",
            "start_date",
            "end_date",
            "title",
            "assignment_code",
            "fte_percent",
        )


class EmploymentBackground(Record):
    """A background check of an employee."""

    pk = models.CompositePrimaryKey("district_id", "background_id")
    background_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    check_type = models.CharField(max_length=15, null=True)
    check_date = models.DateField(null=True)
    expiration_date = models.DateField(null=True)
    status = models.CharField(max_length=15, null=True)
    agency = models.CharField(max_length=60, null=True)

    class Meta:
        db_table = "employment_background"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class EmploymentCredential(Record):
    """A degree, licence or other credential of an employee."""

    pk = models.CompositePrimaryKey("district_id", "credential_id")
    credential_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    credential_type = models.CharField(max_length=15)
    credential_code = models.CharField(max_length=15, null=True)
    number = models.CharField(max_length=20, null=True)
    subject_area = models.CharField(max_length=50, null=True)
    level = models.CharField(max_length=15, null=True)
    issue_date = models.DateField(null=True)
    expiration_date = models.DateField(null=True)
    institution = models.CharField(max_length=80, null=True)
    highly_qualified = models.BooleanField(null=True)

    class Meta:
        db_table = "employment_credential"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
