from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AttendanceExcuse(Record):
    """A code that says why a student is absent or late, defined in one calendar."""

    pk = models.CompositePrimaryKey("district_id", "excuse_id")
    excuse_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    code = models.CharField(max_length=3)
    description = models.CharField(max_length=50, null=True)
    status = models.CharField(max_length=1, null=True)
    excuse = models.CharField(max_length=1, null=True)
    state_code = models.CharField(max_length=5, null=True)
    inactive = models.BooleanField(null=True)

    class Meta:
        db_table = "attendance_excuse"

    class Dis(DisOptions):
        position = 4
        parents = ("Calendar",)
        school_year = "end_year"
        states = ("BIE", "NV")


class AttDayAggregation(Record):
    """A student's attendance of one day in one calendar, added up from the periods. Times are in minutes."""

    pk = models.CompositePrimaryKey("district_id", "att_day_aggregation_id")
    att_day_aggregation_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar")
    structure_id = ParentKey("ScheduleStructure", null=True)
    enrollment_id = models.BigIntegerField(null=True)
    end_year = models.SmallIntegerField()
    date = models.DateField()
    scheduled_minutes = models.SmallIntegerField()
    absent_minutes = models.SmallIntegerField()
    excused_absent_minutes = models.SmallIntegerField(null=True)
    unexcused_absent_minutes = models.SmallIntegerField(null=True)
    absent_days = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    tardy = models.BooleanField(null=True)
    modified_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "att_day_aggregation"

    class Dis(DisOptions):
        position = 14
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("BIE", "NV")


class AttendanceExactCount(Record):
    """The exact days that a student was a member, present and absent in an enrollment, between two dates."""

    pk = models.CompositePrimaryKey("district_id", "attendance_exact_count_id")
    attendance_exact_count_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField()
    member_days = models.DecimalField(max_digits=7, decimal_places=3)
    present_days = models.DecimalField(max_digits=7, decimal_places=3)
    absent_days = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    unexcused_days = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    tardies = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "attendance_exact_count"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"


class Truancy(Record):
    """A time in which a student counted as truant, and what was done about it."""

    pk = models.CompositePrimaryKey("district_id", "truancy_id")
    truancy_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    truancy_type = models.CharField(max_length=5, null=True)
    unexcused_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    notice_date = models.DateField(null=True)
    court_referral_date = models.DateField(null=True)
    outcome = models.CharField(max_length=5, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "truancy"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
