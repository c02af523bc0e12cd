from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AttendanceGroupKY(Record):
    """The attendance group of an enrollment in Kentucky, between two dates."""

    pk = models.CompositePrimaryKey("district_id", "attendance_group_id")
    attendance_group_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    group_code = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    transportation_code = models.CharField(max_length=5, null=True)
    transported_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)

    class Meta:
        db_table = "attendance_group_ky"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)


class AttendanceKYMinute(Record):
    """The minutes of membership, presence and absence in a Kentucky enrollment, per school month."""

    pk = models.CompositePrimaryKey("district_id", "attendance_ky_minute_id")
    attendance_ky_minute_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    school_month_id = models.BigIntegerField(null=True)
    end_year = models.SmallIntegerField()
    member_minutes = models.IntegerField()
    present_minutes = models.IntegerField()
    excused_minutes = models.IntegerField(null=True)
    unexcused_minutes = models.IntegerField(null=True)
    tardy_count = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "attendance_ky_minute"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)


class ESSKY(Record):
    """A student's time in Kentucky's extended school services, during an enrollment."""

    pk = models.CompositePrimaryKey("district_id", "ess_id")
    ess_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    service_type = models.CharField(max_length=5)
    content_area = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    referral_reason = models.CharField(max_length=5, null=True)
    hours_attended = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    pre_score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    post_score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    goal_met = models.BooleanField(null=True)

    class Meta:
        db_table = "ess_ky"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)


class FRYSCGroupProgramKY(Record):
    """A group program that a family resource and youth services center offers in a school year."""

    pk = models.CompositePrimaryKey("district_id", "frysc_group_program_id")
    frysc_group_program_id = RecordKey()
    person_id = ParentKey("PersonIdentity", null=True)
    school_id = ParentKey("School", null=True)
    end_year = models.SmallIntegerField()
    name = models.CharField(max_length=80)
    component = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    sessions = models.SmallIntegerField(null=True)
    description = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "frysc_group_program_ky"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("KY",)


class FRYSCGroupStatusKY(Record):
    """A person's part in a group program of a family resource and youth services center."""

    pk = models.CompositePrimaryKey("district_id", "frysc_group_status_id")
    frysc_group_status_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    frysc_group_program_id = ParentKey("FRYSCGroupProgramKY")
    end_year = models.SmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    sessions_attended = models.SmallIntegerField(null=True)
    outcome = models.CharField(max_length=5, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "frysc_group_status_ky"

    class Dis(DisOptions):
        parents = ("PersonIdentity", "FRYSCGroupProgramKY")
        school_year = "end_year"
        states = ("KY",)


class FRYSCStatusKY(Record):
    """A student's service by a family resource and youth services center, during an enrollment."""

    pk = models.CompositePrimaryKey("district_id", "frysc_status_id")
    frysc_status_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    component = models.CharField(max_length=5)
    referral_source = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    barrier = models.CharField(max_length=5, null=True)
    outcome = models.CharField(max_length=5, null=True)
    confidential = models.BooleanField(null=True)

    class Meta:
        db_table = "frysc_status_ky"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)


class GiftedStatusKY(Record):
    """An area in which a student in Kentucky was found gifted, and the services for it."""

    pk = models.CompositePrimaryKey("district_id", "gifted_status_id")
    gifted_status_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    category = models.CharField(max_length=5)
    identified_date = models.DateField(null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    service_option = models.CharField(max_length=5, null=True)
    talent_pool = models.BooleanField(null=True)
    parent_permission_date = models.DateField(null=True)
    exit_reason = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "gifted_status_ky"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        states = ("KY",)


class LepKY(Record):
    """What Kentucky adds to a student's English learner record."""

    pk = models.CompositePrimaryKey("district_id", "lep_ky_id")
    lep_ky_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    lep_id = models.BigIntegerField(null=True)
    home_language_survey_date = models.DateField(null=True)
    instructional_program = models.CharField(max_length=5, null=True)
    proficiency_level = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    interrupted_education = models.BooleanField(null=True)
    waived_services_date = models.DateField(null=True)

    class Meta:
        db_table = "lep_ky"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        states = ("KY",)
        aliases = ("LEPKY",)


class PreSchoolKY(Record):
    """A child's preschool service in Kentucky, during an enrollment."""

    pk = models.CompositePrimaryKey("district_id", "pre_school_id")
    pre_school_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    setting = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    at_risk = models.BooleanField(null=True)
    disability = models.BooleanField(null=True)
    over_income = models.BooleanField(null=True)
    head_start = models.BooleanField(null=True)
    tuition_paid = models.BooleanField(null=True)
    days_per_week = models.SmallIntegerField(null=True)
    transported = models.BooleanField(null=True)

    class Meta:
        db_table = "pre_school_ky"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)


class TEDSKY(Record):
    """A student's year in Kentucky's technical education database: pathway, status and certificate."""

    pk = models.CompositePrimaryKey("district_id", "teds_id")
    teds_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    cip_code = models.CharField(max_length=10)
    pathway_name = models.CharField(max_length=80, null=True)
    status = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    objective = models.CharField(max_length=5, null=True)
    certificate_code = models.CharField(max_length=10, null=True)
    certificate_date = models.DateField(null=True)
    transition_code = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "teds_ky"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        states = ("KY",)


class Title1KY(Record):
    """A student's Title I service in Kentucky, during an enrollment."""

    pk = models.CompositePrimaryKey("district_id", "title1_id")
    title1_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    program_type = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    reading = models.BooleanField(null=True)
    mathematics = models.BooleanField(null=True)
    science = models.BooleanField(null=True)
    health_services = models.BooleanField(null=True)
    guidance_services = models.BooleanField(null=True)
    neglected = models.BooleanField(null=True)

    class Meta:
        db_table = "title1_ky"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("KY",)
