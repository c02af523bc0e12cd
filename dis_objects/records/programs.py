from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record


class CareerReadiness(Record):
    """A measure by which a student showed readiness for college or career."""

    pk = models.CompositePrimaryKey("district_id", "career_readiness_id")
    career_readiness_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    measure_code = models.CharField(max_length=10)
    measure_date = models.DateField()
    provider = models.CharField(max_length=80, null=True)
    score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    status = models.CharField(max_length=5, null=True)
    certificate_number = models.CharField(max_length=30, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "career_readiness"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class CareerTechnicalEducation(Record):
    """A student's time in a career and technical education program."""

    pk = models.CompositePrimaryKey("district_id", "cte_id")
    cte_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    program_code = models.CharField(max_length=10)
    cip_code = models.CharField(max_length=10, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    participation_status = models.CharField(max_length=5, null=True)
    concentrator = models.BooleanField(null=True)
    completer = models.BooleanField(null=True)
    credential_code = models.CharField(max_length=10, null=True)
    credential_date = models.DateField(null=True)
    exit_reason = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "career_technical_education"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class DualLanguageImmersion(Record):
    """A student's time in a dual language immersion program."""

    pk = models.CompositePrimaryKey("district_id", "dual_language_immersion_id")
    dual_language_immersion_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    language = models.CharField(max_length=5)
    program_model = models.CharField(max_length=5, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    start_grade = models.CharField(max_length=4, null=True)
    exit_reason = models.CharField(max_length=5, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "dual_language_immersion"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        aliases = ("Dual Language Immersion",)


class EarlyWarning(Record):
    """What the early warning model says of a student in a school year."""

    pk = models.CompositePrimaryKey("district_id", "early_warning_id")
    early_warning_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    grade = models.CharField(max_length=4, null=True)
    score = models.SmallIntegerField(null=True)
    risk_level = models.CharField(max_length=5, null=True)
    calculated_date = models.DateField()
    model_version = models.CharField(max_length=20, null=True)

    class Meta:
        db_table = "early_warning"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
        aliases = ("Early Warning",)


class EarlyWarningScoreDaily(Record):
    """A student's early warning scores of one day."""

    pk = models.CompositePrimaryKey("district_id", "early_warning_score_daily_id")
    early_warning_score_daily_id = RecordKey()
    early_warning_id = ParentKey("EarlyWarning")
    end_year = models.SmallIntegerField()
    score_date = models.DateField()
    score = models.SmallIntegerField()
    attendance_score = models.SmallIntegerField(null=True)
    behavior_score = models.SmallIntegerField(null=True)
    curriculum_score = models.SmallIntegerField(null=True)
    household_score = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "early_warning_score_daily"

    class Dis(DisOptions):
        parents = ("EarlyWarning",)
        school_year = "end_year"


class EarlyWarningScoreMonthly(Record):
    """A student's mean early warning scores of one month."""

    pk = models.CompositePrimaryKey("district_id", "early_warning_score_monthly_id")
    early_warning_score_monthly_id = RecordKey()
    early_warning_id = ParentKey("EarlyWarning")
    end_year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=2)
    attendance_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    behavior_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    curriculum_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    household_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        db_table = "early_warning_score_monthly"

    class Dis(DisOptions):
        parents = ("EarlyWarning",)
        school_year = "end_year"


class EarlyWarningScoreYearly(Record):
    """A student's mean early warning scores of one school year."""

    pk = models.CompositePrimaryKey("district_id", "early_warning_score_yearly_id")
    early_warning_score_yearly_id = RecordKey()
    early_warning_id = ParentKey("EarlyWarning")
    end_year = models.SmallIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=2)
    attendance_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    behavior_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    curriculum_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    household_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        db_table = "early_warning_score_yearly"

    class Dis(DisOptions):
        parents = ("EarlyWarning",)
        school_year = "end_year"


class ExtendedLearningOpportunity(Record):
    """Learning outside the classroom, for which a student may earn credit."""

    pk = models.CompositePrimaryKey("district_id", "elo_id")
    elo_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    opportunity_type = models.CharField(max_length=5)
    title = models.CharField(max_length=80, null=True)
    organization = models.CharField(max_length=80, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    credits_earned = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    completed = models.BooleanField(null=True)

    class Meta:
        db_table = "extended_learning_opportunity"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"


class Form(Record):
    """A form that was filled in for a student."""

    pk = models.CompositePrimaryKey("district_id", "form_id")
    form_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    form_type = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    form_date = models.DateField(null=True)
    status = models.CharField(max_length=5, null=True)
    locked = models.BooleanField(null=True)
    completed_date = models.DateField(null=True)
    created_by = models.CharField(max_length=80, null=True)
    modified_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "form"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class FosterCare(Record):
    """A time in which a student lives in foster care."""

    pk = models.CompositePrimaryKey("district_id", "foster_care_id")
    foster_care_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    placement_type = models.CharField(max_length=5, null=True)
    agency = models.CharField(max_length=80, null=True)
    case_number = models.CharField(max_length=20, null=True)
    school_of_origin = models.BooleanField(null=True)
    best_interest_date = models.DateField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "foster_care"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class Homeless(Record):
    """A time in which a student has no fixed home."""

    pk = models.CompositePrimaryKey("district_id", "homeless_id")
    homeless_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    residence_type = models.CharField(max_length=5, null=True)
    unaccompanied = models.BooleanField(null=True)
    verified_date = models.DateField(null=True)
    school_of_origin = models.BooleanField(null=True)
    transported = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "homeless"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class HomelessService(Record):
    """A service that a homeless student receives."""

    pk = models.CompositePrimaryKey("district_id", "homeless_service_id")
    homeless_service_id = RecordKey()
    homeless_id = ParentKey("Homeless")
    service_code = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    provider = models.CharField(max_length=80, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "homeless_service"

    class Dis(DisOptions):
        parents = ("Homeless",)


class InstructionMode(Record):
    """How a student is taught during a part of an enrollment: in person, remote or both."""

    pk = models.CompositePrimaryKey("district_id", "instruction_mode_id")
    instruction_mode_id = RecordKey()
    enrollment_id = ParentKey("Enrollment")
    end_year = models.SmallIntegerField()
    mode = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    days_per_week = models.SmallIntegerField(null=True)
    reason = models.CharField(max_length=5, null=True)

    class Meta:
        db_table = "instruction_mode"

    class Dis(DisOptions):
        parents = ("Enrollment",)
        school_year = "end_year"


class LEP(Record):
    """A student's status as an English learner, from identification to the years of monitoring after it."""

    pk = models.CompositePrimaryKey("district_id", "lep_id")
    lep_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    program_status = models.CharField(max_length=20)
    identified_date = models.DateField(null=True)
    expected_exit_date = models.DateField(null=True)
    exit_date = models.DateField(null=True)
    parent_notified_date = models.DateField(null=True)
    parent_declined_date = models.DateField(null=True)
    first_year_monitoring = models.DateField(null=True)
    second_year_monitoring = models.DateField(null=True)
    third_year_monitoring = models.DateField(null=True)
    fourth_year_monitoring = models.DateField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "lep"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        aliases = ("LEP / EL", "EL")
        verify = ("person_id", "program_status", "identified_date", "exit_date", "parent_declined_date")


class LepAccommodationType(Record):
    """A kind of accommodation that an English learner may receive."""

    pk = models.CompositePrimaryKey("district_id", "lep_accommodation_type_id")
    lep_accommodation_type_id = RecordKey()
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    state_code = models.CharField(max_length=10, null=True)
    active = models.BooleanField(null=True)
    sequence = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "lep_accommodation_type"


class LepAccommodation(Record):
    """An accommodation that an English learner receives."""

    pk = models.CompositePrimaryKey("district_id", "lep_accommodation_id")
    lep_accommodation_id = RecordKey()
    lep_id = ParentKey("LEP")
    lep_accommodation_type_id = ParentKey("LepAccommodationType")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    content_area = models.CharField(max_length=5, null=True)
    assessment = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "lep_accommodation"

    class Dis(DisOptions):
        parents = ("LEP", "LepAccommodationType")


class LEPServiceType(Record):
    """A kind of service that an English learner may receive."""

    pk = models.CompositePrimaryKey("district_id", "lep_service_type_id")
    lep_service_type_id = RecordKey()
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    state_code = models.CharField(max_length=10, null=True)
    active = models.BooleanField(null=True)
    sequence = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "lep_service_type"


class LEPService(Record):
    """A service that an English learner receives."""

    pk = models.CompositePrimaryKey("district_id", "lep_service_id")
    lep_service_id = RecordKey()
    lep_id = ParentKey("LEP")
    lep_service_type_id = ParentKey("LEPServiceType")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    minutes_per_week = models.SmallIntegerField(null=True)
    provider = models.CharField(max_length=80, null=True)
    parent_refused = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "lep_service"

    class Dis(DisOptions):
        parents = ("LEP", "LEPServiceType")


class Migrant(Record):
    """A student's eligibility for the migrant education program."""

    pk = models.CompositePrimaryKey("district_id", "migrant_id")
    migrant_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    certificate_number = models.CharField(max_length=20, null=True)
    eligibility_start_date = models.DateField(null=True)
    eligibility_expiration_date = models.DateField(null=True)
    last_qualifying_arrival_date = models.DateField(null=True)
    residency_date = models.DateField(null=True)
    qualifying_activity = models.CharField(max_length=5, null=True)
    priority_for_services = models.BooleanField(null=True)
    continuation = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "migrant"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class Plan(Record):
    """A student's education plan, such as an IEP. Only a locked plan syncs."""

    pk = models.CompositePrimaryKey("district_id", "plan_id")
    plan_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    plan_type = models.CharField(max_length=10)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    meeting_date = models.DateField(null=True)
    evaluation_date = models.DateField(null=True)
    primary_disability = models.CharField(max_length=5, null=True)
    setting = models.CharField(max_length=5, null=True)
    service_minutes = models.IntegerField(null=True)
    locked = models.BooleanField(null=True)
    locked_date = models.DateTimeField(null=True)
    amended = models.BooleanField(null=True)
    plan_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "plan"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        exclusions = (
            Exclusion(
                "PLAN_NOT_LOCKED",
                "The plan is not locked. Lock it when it is final; only locked plans go to the state.",
                "r.locked IS NOT TRUE",
            ),
        )


class PlanProgressReport(Record):
    """A report on how far a student has come toward the goals of a plan."""

    pk = models.CompositePrimaryKey("district_id", "progress_report_id")
    progress_report_id = RecordKey()
    plan_id = ParentKey("Plan")
    report_date = models.DateField()
    period_start_date = models.DateField(null=True)
    period_end_date = models.DateField(null=True)
    progress_code = models.CharField(max_length=5, null=True)
    goals_met = models.SmallIntegerField(null=True)
    goals_total = models.SmallIntegerField(null=True)
    locked = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "plan_progress_report"

    class Dis(DisOptions):
        parents = ("Plan",)


class POSEligibility(Record):
    """A student's eligibility for free or reduced meals in a school year."""

    pk = models.CompositePrimaryKey("district_id", "eligibility_id")
    eligibility_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    end_year = models.SmallIntegerField()
    eligibility = models.CharField(max_length=1)
    eligibility_type = models.CharField(max_length=10, null=True)
    source = models.CharField(max_length=10, null=True)
    certified_type = models.CharField(max_length=10, null=True)
    start_date = models.DateField()
    expiration_date = models.DateField(null=True)
    direct_certification = models.BooleanField(null=True)

    class Meta:
        db_table = "pos_eligibility"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"


class PregnantAndParenting(Record):
    """A time in which a student is pregnant or a parent, and the support for it."""

    pk = models.CompositePrimaryKey("district_id", "pregnant_and_parenting_id")
    pregnant_and_parenting_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    status = models.CharField(max_length=5)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    service_code = models.CharField(max_length=5, null=True)
    childcare_provided = models.BooleanField(null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "pregnant_and_parenting"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class ProgramParticipation(Record):
    """A student's time in a program of the district or the state."""

    pk = models.CompositePrimaryKey("district_id", "participation_id")
    participation_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    program_id = models.BigIntegerField()
    program_code = models.CharField(max_length=10, null=True)
    program_name = models.CharField(max_length=80, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    eligibility_start_date = models.DateField(null=True)
    eligibility_end_date = models.DateField(null=True)
    participation_details = models.CharField(max_length=100, null=True)
    description = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "program_participation"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class Section504(Record):
    """A student's accommodations under Section 504 of the Rehabilitation Act."""

    pk = models.CompositePrimaryKey("district_id", "section504_id")
    section504_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    evaluation_date = models.DateField(null=True)
    review_date = models.DateField(null=True)
    impairment = models.CharField(max_length=5, null=True)
    plan_in_place = models.BooleanField(null=True)
    exit_reason = models.CharField(max_length=5, null=True)
    comments = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "section504"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class Transportation(Record):
    """How a student travels to and from school in a school year."""

    pk = models.CompositePrimaryKey("district_id", "transportation_id")
    transportation_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    calendar_id = ParentKey("Calendar", null=True)
    end_year = models.SmallIntegerField()
    transport_code = models.CharField(max_length=5, null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    in_bus = models.CharField(max_length=10, null=True)
    in_time = models.CharField(max_length=8, null=True)
    out_bus = models.CharField(max_length=10, null=True)
    out_time = models.CharField(max_length=8, null=True)
    miles_transported = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    paid_by_parent = models.BooleanField(null=True)

    class Meta:
        db_table = "transportation"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"


class TwentyFirstCCLC(Record):
    """A student's part in a 21st Century Community Learning Center in a school year."""

    pk = models.CompositePrimaryKey("district_id", "twenty_first_cclc_id")
    twenty_first_cclc_id = RecordKey()
    person_id = ParentKey("PersonIdentity")
    school_id = ParentKey("School", null=True)
    end_year = models.SmallIntegerField()
    center_name = models.CharField(max_length=80, null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    term = models.CharField(max_length=10, null=True)
    days_attended = models.SmallIntegerField(null=True)
    hours_attended = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    family_participation = models.BooleanField(null=True)

    class Meta:
        db_table = "twenty_first_cclc"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)
        school_year = "end_year"
