"""How many rows the less central objects have: how many for each row of what they hang on, and for which."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """`each` rows on average for each row that satisfies `where`; `s` is that row.

    The row is a student unless the object hangs on something else. `of` names a helper table in its place.
    """

    each: float
    where: str = "true"
    of: str = ""


_HIGH = "s.grade >= 9"
_STAFF = "generator.staff"

SHARES: dict[str, Share] = {
    "AdHocFilter": Share(40),
    "AdultEd": Share(0.06, _HIGH),
    "ALPSS": Share(0.9, _HIGH),
    "AtRisk": Share(0.12, "s.grade >= 6"),
    "AttributeMapping": Share(60),
    "BehaviorDrug": Share(0.05),
    "BehaviorHarassment": Share(0.08),
    "BehaviorResponse": Share(0.5),
    "BehaviorWeapon": Share(0.02),
    "CalendarToolPublishedTab": Share(3),
    "CareerReadiness": Share(0.4, "s.grade >= 11"),
    "CareerTechnicalEducation": Share(0.35, _HIGH),
    "ContactLog": Share(0.25),
    "CTEDataME": Share(0.3, _HIGH),
    "CustomStudent": Share(1),
    "DataCertificationObjectMember": Share(8),
    "DataCertificationTypeMember": Share(0.01, of=_STAFF),
    "DatasetSnapshot": Share(6),
    "DataValidationDef": Share(25),
    "DISVerificationResult": Share(16),
    "DualLanguageImmersion": Share(0.05, "s.grade <= 5"),
    "EarlyWarning": Share(1, "s.grade >= 6 AND s.finishes"),
    "EarlyWarningScoreDaily": Share(2),
    "EarlyWarningScoreMonthly": Share(2),
    "EarlyWarningScoreYearly": Share(1),
    "EmploymentBackground": Share(1, of=_STAFF),
    "ESSKY": Share(0.1),
    "Evaluation": Share(
        1,
        "EXISTS (SELECT FROM generator.students AS x"
        " WHERE x.person_id = s.person_id AND x.special_education) AND s.service_type = 'P'",
    ),
    "ExtendedLearningOpportunity": Share(0.06, _HIGH),
    "Form": Share(0.4),
    "FosterCare": Share(0.005),
    "FRYSCGroupProgramKY": Share(0.01),
    "FRYSCGroupStatusKY": Share(8),
    "FRYSCStatusKY": Share(0.05),
    "GiftedStatusKY": Share(1, "s.gifted"),
    "HealthScreening": Share(0.5),
    "Homeless": Share(1, "s.homeless"),
    "HomelessService": Share(1.3),
    "ImmCertificate": Share(0.95),
    "InstructionMode": Share(0.6),
    "ISEPResidentialCertification": Share(3),
    "ISEPResidentialVerification": Share(40),
    "LEP": Share(1, "s.learns_english"),
    "LepAccommodation": Share(0.8),
    "LepAccommodationType": Share(5),
    "LepKY": Share(1, "s.learns_english"),
    "LEPService": Share(1.2),
    "LEPServiceType": Share(5),
    "MedicaidInsurance": Share(0.1),
    "Migrant": Share(1, "s.migrant"),
    "NASIS": Share(1, "s.code = 2"),
    "Plan": Share(1, "s.special_education"),
    "PlanProgressReport": Share(2),
    "POSEligibility": Share(1, "s.meals <> 'P'"),
    "PregnantAndParenting": Share(0.006, _HIGH),
    "PreSchoolKY": Share(0.8, "s.grade = 'PK'"),
    "ProcessMessage": Share(0.05),
    "ProgramParticipation": Share(0.25),
    "PublishedTabCustomStudent": Share(0.25),
    "ReportingEntity": Share(1),
    "Section504": Share(1, "s.section504"),
    "SpecialEdState": Share(1, "s.special_education"),
    "TeamMember": Share(2, "s.special_education"),
    "TEDSKY": Share(0.3, _HIGH),
    "Title1KY": Share(0.2),
    "Transportation": Share(0.4),
    "TwentyFirstCCLC": Share(0.04),
    "VaccineShot": Share(2.5),
}
# An object that joins the catalogue has data at once, before anybody says how much is right.
ANY_SHARE = Share(0.05)
