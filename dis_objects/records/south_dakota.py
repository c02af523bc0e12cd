from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AttendanceSDMinute(Record):
    """The minutes that a student attended and missed in an enrollment in South Dakota, per month."""

    pk = models.CompositePrimaryKey("district_id", "attendance_sd_minute_id")
    attendance_sd_minute_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    scheduled_minutes = models.IntegerField()
    present_minutes = models.IntegerField()
    excused_minutes = models.IntegerField(null=True)
    unexcused_minutes = models.IntegerField(null=True)

    class Meta:
        db_table = "attendance_sd_minute"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("SD",)
