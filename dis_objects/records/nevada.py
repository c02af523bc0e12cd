from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AdultEd(Record):
    """A student's year in an adult education program, and what it led to."""

    pk = models.CompositePrimaryKey("district_id", "adult_ed_id")
    adult_ed_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    program_type = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    program_outcome = models.CharField(max_length=5, null=True)
    outcome_date = models.DateField(null=True)
    attendance_hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    credits_earned = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    english_learner = models.BooleanField(null=True)
    corrections = models.BooleanField(null=True)

    class Meta:
        db_table = "adult_ed"

    class Dis(DisOptions):
        position = 13
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("NV",)
        aliases = ("AdultEducation",)


class ALPSS(Record):
    """A student's academic learning plan for a school year, and who agreed to it."""

    pk = models.CompositePrimaryKey("district_id", "alpss_id")
    alpss_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4, null=True)
    plan_date = models.DateField()
    review_date = models.DateField(null=True)
    completed = models.BooleanField(null=True)
    student_signed = models.BooleanField(null=True)
    parent_signed = models.BooleanField(null=True)
    counselor_person_id = models.BigIntegerField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "alpss"

    class Dis(DisOptions):
        position = 15
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("NV",)


class AtRisk(Record):
    """A time in a school year in which a student counts as at risk of not finishing school."""

    pk = models.CompositePrimaryKey("district_id", "at_risk_id")
    at_risk_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4, null=True)
    status = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    reason = models.CharField(max_length=5, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "at_risk"

    class Dis(DisOptions):
        position = 16
        parents = ("PersonIdentity",)
        school_year = "end_year"
        # Nevada's by the screen of seed 003; North Carolina's public state extracts read it too.
        states = ("NC", "NV")


class AttExtractCount(Record):
    """The days that the attendance extract counted for an enrollment in one school month."""

    pk = models.CompositePrimaryKey("district_id", "att_extract_count_id")
    att_extract_count_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    school_month_id = models.BigIntegerField(null=True)
    end_year = models.SmallIntegerField()
    extract_date = models.DateField()
    enrolled_days = models.DecimalField(max_digits=6, decimal_places=2)
    present_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    excused_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    unexcused_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    tardies = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "att_extract_count"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("NV",)
