"""Every object that the seeds name, taken from the documents, in the order in which they name them."""


def words(text):
    return text.split()


# Seed 000, the district's screens of 2014 and 2024.
DISTRICT_SCREENS = words(
    """
    District School Calendar CourseSection SchoolMonth ScheduleStructure TermSchedule PeriodSchedule Day
    StructureGradeLevel PersonIdentity BehaviorType BehaviorResolutionType BehaviorResponseType Behavior
    CensusContactSummary ContactLog Employment EmploymentAssignment EmploymentBackground
    EmploymentCredential Enrollment Graduation
    """
)

# Seed 003, the state's screen.
STATE_SCREEN = words(
    """
    District School Calendar AttendanceExcuse CourseSection SchoolMonth ScheduleStructure TermSchedule
    PeriodSchedule Day StructureGradeLevel PersonIdentity AdultEd AttDayAggregation ALPSS AtRisk Behavior
    BehaviorResolutionType
    """
)

# Seed 002, Fields Which Sync Between District and State. Two of its headings hold spaces.
FIELD_LISTS = [
    *words(
        """
    AdHocFilter AttributeMapping BehaviorIncident BehaviorEvent BehaviorType BehaviorRole
    BehaviorResolution BehaviorResolutionType BehaviorResponse BehaviorResponseType BehaviorHarassment
    BehaviorDrug BehaviorWeapon Calendar CalendarToolPublishedTab CareerReadiness CareerTechnicalEducation
    CensusContactSummary ContactLog Course CourseCode CourseSection DataCertificationObjectMember
    DataCertificationTypeMember DatasetSnapshot DataValidationDef Day District DISVerificationResult
    """
    ),
    "Dual Language Immersion",
    "Early Warning",
    *words(
        """
    EarlyWarningScoreDaily EarlyWarningScoreMonthly EarlyWarningScoreYearly Employment
    EmploymentAssignment EmploymentBackground EmploymentCredential Enrollment Evaluation
    ExtendedLearningOpportunity Form FosterCare Graduation HealthScreening Homeless HomelessService
    ImmCertificate InstructionMode
    """
    ),
    "LEP / EL",
    *words(
        """
    LepAccommodation LepAccommodationType LEPService LEPServiceType MedicaidInsurance Migrant
    PeriodSchedule PersonIdentity Plan PlanProgressReport PregnantAndParenting ProgramParticipation
    PublishedTabCustomStudent Roster RosterVerificationRequest RosterVerificationSection
    RosterVerificationSectionStaff RosterVerificationSectionStudent ScheduleStructure School SchoolYearGPA
    Section Section504 StructureGradeLevel TeamMember TermSchedule Test TestScore TranscriptCourseSE
    TwentyFirstCCLC VaccineShot
    """
    ),
]

# Seed 002, State-Specific Objects.
STATE_LISTS = {
    "NV": words("AdultEducation AttDayAggregation AttendanceExcuse SchoolMonth AttExtractCount"),
    "NC": ["SpecialEdState"],
}

# Seed 003: the attendance objects that only the BIE and Nevada send.
BIE_AND_NEVADA = ["AttDayAggregation", "AttendanceExcuse"]

# Seed 000: named among Enrollment's children, without a row of its own.
CHILD_ONLY = ["Evaluation"]

# Other spellings of the same object.
ALIASES = {
    "LEPKY": "LepKY",
    "AttendanceBIAbsentDays": "AttendanceBIEAbsentDays",
    "Health Screening": "HealthScreening",
    "AdultEducation": "AdultEd",
    "LEP / EL": "LEP",
    "EL": "LEP",
    "Dual Language Immersion": "DualLanguageImmersion",
    "Early Warning": "EarlyWarning",
}

# Seed 002, Verification Summary; the names are the objects'.
VERIFIED = words(
    "Behavior Employment EmploymentAssignment Enrollment Graduation LEP PersonIdentity TestScore"
)
