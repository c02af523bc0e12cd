from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record
from dis_objects.records.calendar import IN_EXCLUDED_CALENDAR


class Enrollment(Record):
    """A student's enrollment in a calendar and grade."""

    pk = models.CompositePrimaryKey("district_id", "enrollment_id")
    enrollment_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar")
    structure_id = ParentKey("ScheduleStructure", null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4)
    service_type = models.CharField(max_length=1)
    active = models.BooleanField(null=True)
    no_show = models.BooleanField(null=True)
    start_date = models.DateField()
    start_status = models.CharField(max_length=5, null=True)
    end_date = models.DateField(null=True)
    end_status = models.CharField(max_length=5, null=True)
    end_action = models.CharField(max_length=1, null=True)
    next_grade = models.CharField(max_length=4, null=True)
    state_exclude = models.BooleanField(null=True)
    local_student_number = models.CharField(max_length=15, null=True)
    serving_district = models.CharField(max_length=13, null=True)
    resident_district = models.CharField(max_length=13, null=True)
    resident_school = models.CharField(max_length=7, null=True)
    percent_enrolled = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    meal_status = models.CharField(max_length=2, null=True)
    english_proficiency = models.CharField(max_length=5, null=True)
    title1 = models.CharField(max_length=15, null=True)
    transportation = models.CharField(max_length=5, null=True)
    migrant = models.BooleanField(null=True)
    homeless = models.BooleanField(null=True)
    gifted_talented = models.CharField(max_length=5, null=True)
    section504 = models.BooleanField(null=True)
    special_ed_status = models.CharField(max_length=5, null=True)
    special_ed_setting = models.CharField(max_length=5, null=True)
    disability1 = models.CharField(max_length=5, null=True)
    cohort_year = models.SmallIntegerField(null=True)
    enrollment_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "enrollment"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        verify = ("person_id", "calendar_id", "grade", "service_type", "start_date", "end_date", "end_status")
        reads = ("Calendar", "StructureGradeLevel")
        exclusions = (
            Exclusion(
                "ENROLLMENT_EXCLUDED",
                "The enrollment is marked exclude from state reporting. Clear the mark if the state should"
                " have it.",
                "r.state_exclude",
            ),
            Exclusion(
                "GRADE_EXCLUDED",
                "The grade level of the enrollment is excluded from state reporting in its schedule"
                " structure. Clear the mark on the grade level if the state should have its enrollments.",
                "EXISTS (SELECT FROM structure_grade_level g WHERE g.structure_id = r.structure_id"
                " AND g.grade = r.grade AND g.state_exclude)",
            ),
            IN_EXCLUDED_CALENDAR,
        )


class Graduation(Record):
    """A student's way to a diploma. It grows over years, so that no school year owns it."""

    pk = models.CompositePrimaryKey("district_id", "graduation_id")
    graduation_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    enrollment_id = ParentKey("Enrollment", null=True)
    grade9_date = models.DateField(null=True)
    cohort_year = models.SmallIntegerField(null=True)
    projected_graduation_date = models.DateField(null=True)
    diploma_date = models.DateField(null=True)
    diploma_type = models.CharField(max_length=15, null=True)
    diploma_period = models.CharField(max_length=5, null=True)
    post_grad_plans = models.CharField(max_length=15, null=True)
    post_grad_location = models.CharField(max_length=15, null=True)
    dropout_code = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "graduation"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        verify = (
            "person_id",
            "grade9_date",
            "cohort_year",
            "diploma_date",
            "diploma_type",
            "post_grad_plans",
        )


class CustomStudent(Record):
    """The value of a field that the district defined, for one enrollment, in the enrollment's school year."""

    pk = models.CompositePrimaryKey("district_id", "custom_id")
    custom_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    attribute_id = models.BigIntegerField()
    attribute_name = models.CharField(max_length=50, null=True)
    value = models.CharField(max_length=255, null=True)
    date = models.DateField(null=True)

    class Meta:
        db_table = "custom_student"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"


class PublishedTabCustomStudent(Record):
    """As CustomStudent, for a field on a tab that the state published."""

    pk = models.CompositePrimaryKey("district_id", "custom_id")
    custom_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    tab_code = models.CharField(max_length=30)
    attribute_name = models.CharField(max_length=50)
    value = models.CharField(max_length=255, null=True)
    date = models.DateField(null=True)

    class Meta:
        db_table = "published_tab_custom_student"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"


class Evaluation(Record):
    """An evaluation for special education. It is in force for years, so that no school year owns it."""

    pk = models.CompositePrimaryKey("district_id", "evaluation_id")
    evaluation_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    enrollment_id = ParentKey("Enrollment", null=True)
    evaluation_type = models.CharField(max_length=15, null=True)
    consent_date = models.DateField(null=True)
    evaluation_date = models.DateField()
    reevaluation_due_date = models.DateField(null=True)
    primary_disability = models.CharField(max_length=5, null=True)
    eligible = models.BooleanField(null=True)
    locked = models.BooleanField(null=True)
    comments = models.TextField(null=True)

    class Meta:
        db_table = "evaluation"

    class Dis(DisOptions):
        parents = ("Enrollment",)
