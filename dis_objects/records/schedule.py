from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record
from dis_objects.records.calendar import IN_EXCLUDED_CALENDAR


class CourseCode(Record):
    """An entry of the course catalogue that district and state share. It stands alone, in no year."""

    pk = models.CompositePrimaryKey("district_id", "course_code_id")
    course_code_id = RecordKey()
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    description = models.TextField(null=True)
    subject_area = models.CharField(max_length=15, null=True)
    course_level = models.CharField(max_length=5, null=True)
    credits = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    low_grade = models.CharField(max_length=4, null=True)
    high_grade = models.CharField(max_length=4, null=True)
    active = models.BooleanField(null=True)

    class Meta:
        db_table = "course_code"

    class Dis(DisOptions):
        pass


class Course(Record):
    """A course as a calendar offers it."""

    pk = models.CompositePrimaryKey("district_id", "course_id")
    course_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    number = models.CharField(max_length=13)
    name = models.CharField(max_length=60)
    state_code = models.CharField(max_length=15, null=True)
    department = models.CharField(max_length=50, null=True)
    subject_type = models.CharField(max_length=15, null=True)
    credit = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    homeroom = models.BooleanField(null=True)
    active = models.BooleanField(null=True)
    state_exclude = models.BooleanField(null=True)

    class Meta:
        db_table = "course"

    class Dis(DisOptions):
        parents = ("Calendar",)
        school_year = "end_year"
        reads = ("Calendar",)
        exclusions = (
            IN_EXCLUDED_CALENDAR,
            Exclusion(
                "COURSE_INACTIVE",
                "The course is not active. Make it active if the state should have it.",
                "r.active IS FALSE",
            ),
            Exclusion(
                "COURSE_EXCLUDED",
                "The course is marked exclude from state reporting. Clear the mark if the state should have"
                " it.",
                "r.state_exclude",
            ),
        )


class Section(Record):
    """A section of a course."""

    pk = models.CompositePrimaryKey("district_id", "section_id")
    section_id = RecordKey()
    course_id = ParentKey("Course")
    structure_id = ParentKey("ScheduleStructure", null=True)
    end_year = models.SmallIntegerField()
    number = models.CharField(max_length=50)
    teacher_display = models.CharField(max_length=60, null=True)
    teacher_person_id = models.BigIntegerField(null=True)
    room_name = models.CharField(max_length=30, null=True)
    max_students = models.SmallIntegerField(null=True)
    homeroom_section = models.BooleanField(null=True)
    instructional_setting = models.CharField(max_length=15, null=True)

    class Meta:
        db_table = "section"

    class Dis(DisOptions):
        parents = ("ScheduleStructure", "Course")
        school_year = "end_year"


class CourseSection(Record):
    """A section together with its course, in one row. It needs no more than its calendar."""

    pk = models.CompositePrimaryKey("district_id", "section_id")
    section_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    school_id = ParentKey("School", null=True)
    end_year = models.SmallIntegerField()
    course_id = models.BigIntegerField(null=True)
    course_number = models.CharField(max_length=13)
    course_name = models.CharField(max_length=60)
    course_state_code = models.CharField(max_length=15, null=True)
    course_active = models.BooleanField(null=True)
    course_state_exclude = models.BooleanField(null=True)
    department = models.CharField(max_length=50, null=True)
    subject_type = models.CharField(max_length=15, null=True)
    credit = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    honors_code = models.CharField(max_length=5, null=True)
    section_number = models.CharField(max_length=50)
    structure_id = models.BigIntegerField(null=True)
    teacher_display = models.CharField(max_length=60, null=True)
    teacher_person_id = models.BigIntegerField(null=True)
    room_name = models.CharField(max_length=30, null=True)
    max_students = models.SmallIntegerField(null=True)
    homeroom_section = models.BooleanField(null=True)
    term_start = models.CharField(max_length=30, null=True)
    term_end = models.CharField(max_length=30, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    instructional_setting = models.CharField(max_length=15, null=True)
    medium_of_instruction = models.CharField(max_length=15, null=True)
    section_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "course_section"

    class Dis(DisOptions):
        position = 5
        parents = ("Calendar",)
        school_year = "end_year"
        reads = ("Calendar",)
        exclusions = (
            IN_EXCLUDED_CALENDAR,
            Exclusion(
                "COURSE_INACTIVE",
                "The course of the section is not active. Make it active if the state should have its"
                " sections.",
                "r.course_active IS FALSE",
            ),
            Exclusion(
                "COURSE_EXCLUDED",
                "The course of the section is marked exclude from state reporting. Clear the mark on the"
                " course if the state should have its sections.",
                "r.course_state_exclude",
            ),
        )


class Roster(Record):
    """A student's place in a section. By its row in the seed, the section is no parent of it."""

    pk = models.CompositePrimaryKey("district_id", "roster_id")
    roster_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    enrollment_id = ParentKey("Enrollment")
    calendar_id = ParentKey("Calendar", null=True)
    structure_id = ParentKey("ScheduleStructure", null=True)
    grade_level_id = ParentKey("StructureGradeLevel", null=True)
    section_id = models.BigIntegerField()
    end_year = models.SmallIntegerField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    repeat_course = models.BooleanField(null=True)
    roster_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "roster"

    class Dis(DisOptions):
        parents = ("StructureGradeLevel", "Enrollment")
        school_year = "end_year"
        reads = ("Enrollment", "CourseSection")
        exclusions = (
            Exclusion(
                "STUDENT_NO_SHOW",
                "The enrollment that the roster hangs on is marked no show. Clear the mark if the student"
                " attends.",
                "EXISTS (SELECT FROM enrollment e WHERE e.enrollment_id = r.enrollment_id AND e.no_show)",
            ),
            Exclusion(
                "COURSE_INACTIVE",
                "The course of the roster's section is not active. Make it active if the state should have"
                " its rosters.",
                "EXISTS (SELECT FROM course_section s WHERE s.section_id = r.section_id"
                " AND s.course_active IS FALSE)",
            ),
            Exclusion(
                "COURSE_EXCLUDED",
                "The course of the roster's section is marked exclude from state reporting. Clear the mark"
                " on the course if the state should have its rosters.",
                "EXISTS (SELECT FROM course_section s WHERE s.section_id = r.section_id"
                " AND s.course_state_exclude)",
            ),
        )


class RosterVerificationRequest(Record):
    """A round in which teachers confirm who was in their sections."""

    pk = models.CompositePrimaryKey("district_id", "request_id")
    request_id = RecordKey()
    calendar_id = ParentKey("Calendar")
    end_year = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    status = models.CharField(max_length=15, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    requested_on = models.DateTimeField(null=True)

    class Meta:
        db_table = "roster_verification_request"

    class Dis(DisOptions):
        parents = ("Calendar",)
        school_year = "end_year"


class RosterVerificationSection(Record):
    """A section within a round of roster verification."""

    pk = models.CompositePrimaryKey("district_id", "verification_section_id")
    verification_section_id = RecordKey()
    request_id = ParentKey("RosterVerificationRequest")
    section_id = ParentKey("CourseSection")
    end_year = models.SmallIntegerField()
    status = models.CharField(max_length=15, null=True)
    verified_on = models.DateTimeField(null=True)
    verified_by_person_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "roster_verification_section"

    class Dis(DisOptions):
        parents = ("CourseSection", "RosterVerificationRequest")
        school_year = "end_year"


class RosterVerificationSectionStaff(Record):
    """A teacher's share in a verified section."""

    pk = models.CompositePrimaryKey("district_id", "verification_staff_id")
    verification_staff_id = RecordKey()
    verification_section_id = ParentKey("RosterVerificationSection")
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    staff_type = models.CharField(max_length=15, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    percent_responsible = models.DecimalField(max_digits=6, decimal_places=3, null=True)

    class Meta:
        db_table = "roster_verification_section_staff"

    class Dis(DisOptions):
        parents = ("PersonIdentity", "RosterVerificationSection")
        school_year = "end_year"


class RosterVerificationSectionStudent(Record):
    """A student's time in a verified section."""

    pk = models.CompositePrimaryKey("district_id", "verification_student_id")
    verification_student_id = RecordKey()
    verification_section_id = ParentKey("RosterVerificationSection")
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    percent_enrolled = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    confirmed = models.BooleanField(null=True)

    class Meta:
        db_table = "roster_verification_section_student"

    class Dis(DisOptions):
        parents = ("PersonIdentity", "RosterVerificationSection")
        school_year = "end_year"


class TeamMember(Record):
    """A member of the team around a student. Teams run on from year to year."""

    pk = models.CompositePrimaryKey("district_id", "team_member_id")
    team_member_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    staff_person_id = models.BigIntegerField(null=True)
    last_name = models.CharField(max_length=50, null=True)
    first_name = models.CharField(max_length=50, null=True)
    role = models.CharField(max_length=30, null=True)
    module = models.CharField(max_length=15, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    case_manager = models.BooleanField(null=True)
    phone = models.CharField(max_length=25, null=True)
    email = models.CharField(max_length=100, null=True)

    class Meta:
        db_table = "team_member"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class TranscriptCourseSE(Record):
    """A line of a student's transcript, in the school year in which the course was taken."""

    pk = models.CompositePrimaryKey("district_id", "transcript_id")
    transcript_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    school_name = models.CharField(max_length=80, null=True)
    school_number = models.CharField(max_length=7, null=True)
    course_number = models.CharField(max_length=13)
    course_name = models.CharField(max_length=60, null=True)
    state_code = models.CharField(max_length=15, null=True)
    grade = models.CharField(max_length=4, null=True)
    start_term = models.SmallIntegerField(null=True)
    end_term = models.SmallIntegerField(null=True)
    score = models.CharField(max_length=10, null=True)
    gpa_value = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    credits_attempted = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    credits_earned = models.DecimalField(max_digits=6, decimal_places=3, null=True)

    class Meta:
        db_table = "transcript_course_se"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"


class SchoolYearGPA(Record):
    """A student's grade point average of one school year."""

    pk = models.CompositePrimaryKey("district_id", "gpa_id")
    gpa_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4, null=True)
    gpa = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    weighted_gpa = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    credits_earned = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    class_rank = models.IntegerField(null=True)
    class_size = models.IntegerField(null=True)

    class Meta:
        db_table = "school_year_gpa"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
