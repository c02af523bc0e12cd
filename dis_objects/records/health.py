from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Record


class HealthScreening(Record):
    """A health screening of a student, such as of hearing, vision, spine or teeth."""

    pk = models.CompositePrimaryKey("district_id", "screening_id")
    screening_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    screening_type = models.CharField(max_length=10)
    screening_date = models.DateField()
    grade = models.CharField(max_length=4, null=True)
    status = models.CharField(max_length=5, null=True)
    result_left = models.CharField(max_length=10, null=True)
    result_right = models.CharField(max_length=10, null=True)
    height_inches = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    weight_pounds = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    referred = models.BooleanField(null=True)
    follow_up_date = models.DateField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "health_screening"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        aliases = ("Health Screening",)


class ImmCertificate(Record):
    """A certificate of a student's immunizations, or of the exemption from them."""

    pk = models.CompositePrimaryKey("district_id", "certificate_id")
    certificate_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    certificate_type = models.CharField(max_length=10)
    issue_date = models.DateField()
    expiration_date = models.DateField(null=True)
    exemption_type = models.CharField(max_length=10, null=True)
    issued_by = models.CharField(max_length=80, null=True)
    provisional = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "imm_certificate"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class MedicaidInsurance(Record):
    """A student's cover by Medicaid, and whether the parents agree that services are billed to it."""

    pk = models.CompositePrimaryKey("district_id", "medicaid_insurance_id")
    medicaid_insurance_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    medicaid_number = models.CharField(max_length=20, null=True)
    insurance_type = models.CharField(max_length=5, null=True)
    eligibility = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    consent = models.BooleanField(null=True)
    consent_date = models.DateField(null=True)
    verified_date = models.DateField(null=True)

    class Meta:
        db_table = "medicaid_insurance"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class VaccineShot(Record):
    """One dose of a vaccine that a student received."""

    pk = models.CompositePrimaryKey("district_id", "shot_id")
    shot_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    vaccine_code = models.CharField(max_length=15)
    vaccine_name = models.CharField(max_length=80, null=True)
    shot_date = models.DateField()
    dose_number = models.SmallIntegerField(null=True)
    manufacturer = models.CharField(max_length=50, null=True)
    lot_number = models.CharField(max_length=25, null=True)
    provider = models.CharField(max_length=80, null=True)
    exempt = models.BooleanField(null=True)
    estimated = models.BooleanField(null=True)

    class Meta:
        db_table = "vaccine_shot"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
