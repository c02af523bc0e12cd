from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record

IN_EXCLUDED_CALENDAR = Exclusion(
    "CALENDAR_EXCLUDED",
    "The record belongs to a calendar that is marked exclude from state reporting. Clear the mark on the"
    " calendar if the state should have its records.",
    "EXISTS (SELECT FROM calendar c WHERE c.calendar_id = r.calendar_id AND c.exclude)",
)


class Calendar(Record):
    """A school's calendar of one school year."""

    pk = models.CompositePrimaryKey("district_id", "calendar_id")
    calendar_id = RecordKey()
    school_id = ParentKey("School")
    end_year = models.SmallIntegerField()
    name = models.CharField(max_length=30)
    number = models.CharField(max_length=3, null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    comments = models.CharField(max_length=255, null=True)
    exclude = models.BooleanField(null=True)
    summer_school = models.BooleanField(null=True)
    student_day = models.SmallIntegerField(null=True)
    teacher_day = models.SmallIntegerField(null=True)
    whole_day_absence = models.SmallIntegerField(null=True)
    half_day_absence = models.SmallIntegerField(null=True)
    alternative_code = models.CharField(max_length=15, null=True)
    title1 = models.CharField(max_length=15, null=True)
    title3 = models.CharField(max_length=15, null=True)
    school_choice = models.BooleanField(null=True)
    type = models.CharField(max_length=15, null=True)
    count_date = models.DateField(null=True)
    track = models.CharField(max_length=3, null=True)
    sequence = models.SmallIntegerField(null=True)
    attendance_type = models.CharField(max_length=15, null=True)
    positive_attendance_enabled = models.BooleanField(null=True)
    program_type = models.CharField(max_length=15, null=True)
    virtual = models.CharField(max_length=5, null=True)
    calendar_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "calendar"

    class Dis(DisOptions):
        position = 3
        parents = ("School",)
        school_year = "end_year"
        reads = ("School",)
        exclusions = (
            Exclusion(
                "CALENDAR_EXCLUDED",
                "The calendar is marked exclude from state reporting. Clear the mark if the state should"
                " have it.",
                "r.exclude",
            ),
            Exclusion(
                "SCHOOL_EXCLUDED",
                "The calendar belongs to a school that is marked exclude from state reporting. Clear the"
                " mark on the school if the state should have its calendars.",
                "EXISTS (SELECT FROM school s WHERE s.school_id = r.school_id AND s.state_exclude)",
            ),
        )


class SchoolMonth(Record):
    """A reporting month of a calendar (Nevada)."""

    pk = models.CompositePrimaryKey("district_id", "school_month_id")
    school_month_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    number = models.SmallIntegerField()
    name = models.CharField(max_length=30, null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    instructional_days = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "school_month"

    class Dis(DisOptions):
        position = 6
        parents = ("Calendar",)
        school_year = "end_year"
        states = ("NV",)
        reads = ("Calendar",)
        exclusions = (IN_EXCLUDED_CALENDAR,)


class ScheduleStructure(Record):
    """One of the timetables that run side by side in a calendar."""

    pk = models.CompositePrimaryKey("district_id", "structure_id")
    structure_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    name = models.CharField(max_length=30)
    label = models.CharField(max_length=50, null=True)
    grade_type = models.CharField(max_length=15, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    is_primary = models.BooleanField(null=True)
    structure_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "schedule_structure"

    class Dis(DisOptions):
        position = 7
        parents = ("Calendar",)
        school_year = "end_year"
        reads = ("Calendar",)
        exclusions = (IN_EXCLUDED_CALENDAR,)


class TermSchedule(Record):
    """A term of a structure, with the set of terms that it belongs to."""

    pk = models.CompositePrimaryKey("district_id", "term_id")
    term_id = RecordKey()
    structure_id = ParentKey("ScheduleStructure")
    end_year = models.SmallIntegerField()
    term_schedule_id = models.BigIntegerField(null=True)
    term_schedule_name = models.CharField(max_length=30, null=True)
    name = models.CharField(max_length=30)
    seq = models.SmallIntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    is_primary = models.BooleanField(null=True)

    class Meta:
        db_table = "term_schedule"

    class Dis(DisOptions):
        position = 8
        parents = ("ScheduleStructure",)
        school_year = "end_year"


class PeriodSchedule(Record):
    """A period of a structure's school day, with the set of periods that it belongs to."""

    pk = models.CompositePrimaryKey("district_id", "period_id")
    period_id = RecordKey()
    structure_id = ParentKey("ScheduleStructure")
    end_year = models.SmallIntegerField()
    period_schedule_id = models.BigIntegerField(null=True)
    period_schedule_name = models.CharField(max_length=30, null=True)
    name = models.CharField(max_length=30)
    seq = models.SmallIntegerField(null=True)
    start_time = models.CharField(max_length=5, null=True)
    end_time = models.CharField(max_length=5, null=True)
    lunch_minutes = models.SmallIntegerField(null=True)
    non_instructional = models.BooleanField(null=True)

    class Meta:
        db_table = "period_schedule"

    class Dis(DisOptions):
        position = 9
        parents = ("ScheduleStructure",)
        school_year = "end_year"


class Day(Record):
    """A day of a structure. Its row in the seed comes after PersonIdentity, though no column needs one."""

    pk = models.CompositePrimaryKey("district_id", "day_id")
    day_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    structure_id = ParentKey("ScheduleStructure", null=True)
    end_year = models.SmallIntegerField()
    date = models.DateField()
    number = models.SmallIntegerField(null=True)
    school_day = models.BooleanField(null=True)
    instruction = models.BooleanField(null=True)
    attendance = models.BooleanField(null=True)
    start_time = models.CharField(max_length=5, null=True)
    end_time = models.CharField(max_length=5, null=True)
    student_day = models.SmallIntegerField(null=True)
    comments = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "day"

    class Dis(DisOptions):
        position = 10
        parents = ("PersonIdentity",)
        school_year = "end_year"
        reads = ("Calendar",)
        exclusions = (IN_EXCLUDED_CALENDAR,)


class StructureGradeLevel(Record):
    """A grade level that a structure offers."""

    pk = models.CompositePrimaryKey("district_id", "grade_level_id")
    grade_level_id = RecordKey()
    structure_id = ParentKey("ScheduleStructure")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4)
    state_grade = models.CharField(max_length=4, null=True)
    seq = models.SmallIntegerField(null=True)
    standard_day = models.SmallIntegerField(null=True)
    kindergarten_code = models.CharField(max_length=5, null=True)
    state_exclude = models.BooleanField(null=True)

    class Meta:
        db_table = "structure_grade_level"

    class Dis(DisOptions):
        position = 11
        parents = ("ScheduleStructure",)
        school_year = "end_year"
        exclusions = (
            Exclusion(
                "GRADE_EXCLUDED",
                "The grade level is marked exclude from state reporting. Clear the mark if the state should"
                " have it.",
                "r.state_exclude",
            ),
        )
