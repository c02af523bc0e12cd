from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class AttendanceBIEAbsentDays(Record):
    """The days that a student was absent in an enrollment at a school of the Bureau of Indian Education."""

    pk = models.CompositePrimaryKey("district_id", "attendance_bie_absent_days_id")
    attendance_bie_absent_days_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    as_of_date = models.DateField()
    member_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    absent_days = models.DecimalField(max_digits=6, decimal_places=2)
    excused_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    unexcused_days = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    consecutive_absent_days = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "attendance_bie_absent_days"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"
        states = ("BIE",)
        aliases = ("AttendanceBIAbsentDays",)


class ISEPResidentialCertification(Record):
    """A dormitory's certified count of residential students for ISEP funding in a school year.

    Its row in the hierarchy names no parents, so its school and calendar are not checked at the state.
    """

    pk = models.CompositePrimaryKey("district_id", "isep_residential_certification_id")
    isep_residential_certification_id = RecordKey()
    school_id = models.BigIntegerField(null=True)
    calendar_id = models.BigIntegerField(null=True)
    end_year = models.SmallIntegerField()
    count_week_start = models.DateField(null=True)
    certified_students = models.IntegerField()
    certified_date = models.DateField()
    certified_by = models.CharField(max_length=80, null=True)
    status = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "isep_residential_certification"

    class Dis(DisOptions):
        school_year = "end_year"
        states = ("BIE",)


class ISEPResidentialVerification(Record):
    """One student's eligibility for residential ISEP funding, verified before the certification.

    Its row in the hierarchy names no parents, so its person and calendar are not checked at the state.
    """

    pk = models.CompositePrimaryKey("district_id", "isep_residential_verification_id")
    isep_residential_verification_id = RecordKey()
    person_id = models.BigIntegerField()
    calendar_id = models.BigIntegerField(null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4, null=True)
    week_1_nights = models.SmallIntegerField(null=True)
    week_2_nights = models.SmallIntegerField(null=True)
    week_3_nights = models.SmallIntegerField(null=True)
    eligible = models.BooleanField(null=True)
    verified_date = models.DateField(null=True)

    class Meta:
        db_table = "isep_residential_verification"

    class Dis(DisOptions):
        school_year = "end_year"
        states = ("BIE",)


class NASIS(Record):
    """What the Native American Student Information System keeps of a student, such as tribe and residence."""

    pk = models.CompositePrimaryKey("district_id", "nasis_id")
    nasis_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    nasis_number = models.CharField(max_length=15, null=True)
    tribe_code = models.CharField(max_length=5, null=True)
    agency_code = models.CharField(max_length=5, null=True)
    blood_quantum = models.CharField(max_length=10, null=True)
    tribal_enrollment_verified = models.BooleanField(null=True)
    certificate_date = models.DateField(null=True)
    residential_status = models.CharField(max_length=5, null=True)
    home_language = models.CharField(max_length=5, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "nasis"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        states = ("BIE",)
