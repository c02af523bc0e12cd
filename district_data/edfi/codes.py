"""Ed-Fi's code values in the short codes of the DIS columns.

A value without an entry stays as it is; one that is too long for its column then becomes a record error.
"""

from collections.abc import Mapping
from decimal import Decimal

from district_data.edfi.rows import NUMBER


def short(table: Mapping[str, str], value: str | None) -> str | None:
    return table.get(value, value) if value is not None else None


def clock(written: str | None) -> str | None:
    """Hours and minutes of a time of day: 08:35:00 is 08:35."""
    return written.removesuffix(":00") if written and written.count(":") == 2 else written


def times(factor: int, written: str | None) -> str | None:
    """A number in a smaller unit. What is no number stays as it is, to be reported as not understood."""
    return f"{Decimal(written.strip()) * factor:f}" if written and NUMBER.fullmatch(written) else written


def whole(written: str | None) -> str | None:
    """A number rounded; what is no number stays as it is."""
    return str(round(Decimal(written.strip()))) if written and NUMBER.fullmatch(written) else written


GRADES = {
    "Infant/toddler": "IT",
    "Early Education": "EE",
    "Preschool/Prekindergarten": "PK",
    "Transitional Kindergarten": "TK",
    "Kindergarten": "KG",
    "First grade": "01",
    "Second grade": "02",
    "Third grade": "03",
    "Fourth grade": "04",
    "Fifth grade": "05",
    "Sixth grade": "06",
    "Seventh grade": "07",
    "Eighth grade": "08",
    "Ninth grade": "09",
    "Tenth grade": "10",
    "Eleventh grade": "11",
    "Twelfth grade": "12",
    "Grade 13": "13",
    "Postsecondary": "PS",
    "Adult Education": "AE",
    "Ungraded": "UG",
    "Other": "OT",
}
GRADE_ORDER = {code: place for place, code in enumerate(GRADES.values(), start=1)}

GENDERS = {"Male": "M", "Female": "F", "Not Selected": "N"}

HISPANIC = "1"
SEVERAL_RACES = "7"
# The federal categories, as most state systems number them. Other, unknown and withheld answers have no
# number.
RACES = {
    "Hispanic or Latino": HISPANIC,
    "American Indian or Alaska Native": "2",
    "American Indian - Alaska Native": "2",
    "American Indian - Alaskan Native": "2",
    "Asian": "3",
    "Black or African American": "4",
    "Black - African American": "4",
    "Native Hawaiian or Pacific Islander": "5",
    "Native Hawaiian - Pacific Islander": "5",
    "White": "6",
}
YES_NO = {"true": "Y", "1": "Y", "false": "N", "0": "N"}

LANGUAGES = {"English": "eng", "Spanish": "spa"}
MEALS = {"Free": "F", "Reduced price": "R", "Full price": "P"}

SCHOOL_TYPES = {
    "Regular": "R",
    "Alternative": "A",
    "Special Education": "SE",
    "Career and Technical Education": "CT",
}

ASSIGNMENTS = {
    "School Administrator": "Administrator",
    "LEA Administrator": "DistrictAdmin",
    "LEA Administrative Support Staff": "DistrictSupport",
    "LEA System Administrator": "SystemAdmin",
    "Instructional Aide": "Aide",
    "Instructional Coordinator": "Coordinator",
    "Librarians/Media Specialists": "Librarian",
    "School Administrative Support Staff": "SchoolSupport",
    "School Leader": "Leader",
    "School Specialist": "Specialist",
    "Student Support Services Staff": "StudentSupport",
    "Substitute Teacher": "Substitute",
}
TEACHER = "Teacher"
TEACHING_CREDENTIALS = {
    "Regular/Standard": "Regular",
    "Probationary/Initial": "Probationary",
    "Paraprofessional": "Aide",
    "Retired Faculty": "Retired",
    "Teacher Assistant": "Assistant",
}

TEST_TYPES = {
    "College entrance exam": "College",
    "State summative assessment 3-8 general": "State",
    "State high school course assessment": "State",
    "State high school subject assessment": "State",
    "State English proficiency test": "English",
    "State alternative assessment/grade-level standards": "Alternative",
    "Benchmark test": "Benchmark",
    "Class test": "Class",
    "Language proficiency test": "Language",
    "Advanced Placement": "AP",
}
PERFORMANCE_LEVELS = {"Did Not Meet Standard": "Not Met"}
PASSED = {"Advanced": True, "Met Standard": True, "Did Not Meet Standard": False, "Pass": True, "Fail": False}

ROLES = {"Perpetrator": "Offender"}
BEHAVIORS = {
    "State Offense": "State",
    "School Violation": "Violation",
    "School Code of Conduct": "Conduct",
}
DISCIPLINES = {
    "In School Suspension": "ISS",
    "Out of School Suspension": "OSS",
    "Expulsion with Services": "EXPS",
    "Expulsion": "EXP",
    "Community Service": "SERVICE",
    "Removal from Classroom": "REMOVAL",
}
REMOVALS = frozenset(
    {"In School Suspension", "Out of School Suspension", "Expulsion", "Expulsion with Services"}
)
PLACES = {
    "Library/media center": "Library",
    "Locker room or gym areas": "Gym",
    "Cafeteria area": "Cafeteria",
    "Administrative offices area": "Office",
    "Athletic field or playground": "Playground",
    "Hallway or stairs": "Hallway",
}

DISABILITIES = {
    "Autism Spectrum Disorder": "AUT",
    "Autism Spectrum Disorders": "AUT",
    "Deaf-Blindness": "DB",
    "Deafness": "DEAF",
    "Developmental Delay": "DD",
    "Dyslexia": "DYSLX",
    "Emotional Disturbance": "ED",
    "Hearing Impairment": "HI",
    "Hearing Impairment, including Deafness": "HI",
    "Intellectual Disability": "ID",
    "Medical condition": "MED",
    "Motor impairment": "MOTOR",
    "Multiple Disabilities": "MD",
    "Orthopedic Impairment": "OI",
    "Other Health Impairment": "OHI",
    "Physical Disability": "PHYS",
    "Sensory impairment": "SENS",
    "Serious Emotional Disability": "ED",
    "Specific Learning Disability": "SLD",
    "Speech or Language Impairment": "SLI",
    "Traumatic Brain Injury": "TBI",
    "Visual Impairment": "VI",
    "Visual Impairment, including Blindness": "VI",
}
SETTINGS = {
    "Inside regular class 80% or more of the day": "RC80",
    "Inside reg class between 40-79% of the day": "RC40",
    "Inside regular class less than 40% of the day": "RC39",
    "Separate Class": "SC",
    "Separate School": "SS",
    "Residential Facility": "RF",
    "Homebound/Hospital": "HH",
}
EXITS = {
    "Graduated with Diploma": "DIPL",
    "Graduated with Certificate": "CERT",
    "Reached the age limit": "AGE",
    "Reached maximum age": "AGE",
    "Transferred out": "TRANS",
    "No longer eligible for Special Education": "INELG",
    "Dropped out": "DROP",
    "Moved out of state": "MOVED",
    "Withdrawal by a parent (or guardian)": "PAREN",
    "Unknown reason": "UNKN",
    "Died": "DIED",
    "Completed": "COMPL",
    "Other": "OTHER",
}

NIGHTS = {
    "Doubled-up": "DOUBL",
    "Hotels/Motels": "MOTEL",
    "Shelters, transitional housing, awaiting foster care": "SHELT",
    "Unsheltered": "UNSHE",
}
VEHICLES = {
    "School Bus": "BUS",
    "School Van or SUV": "VAN",
    "Public Transportation": "PUBL",
    "Private Vehicle": "CAR",
}

# Code, whether absent (A) or late (T), and whether excused (E), not (U), or unknown (X).
ABSENCES = {
    "Excused Absence": ("EXC", "A", "E"),
    "Unexcused Absence": ("UNX", "A", "U"),
    "Tardy": ("TDY", "T", "X"),
    "Partial": ("PRT", "A", "X"),
    "Early departure": ("EAR", "A", "X"),
}
EXEMPTIONS = {"Religious": "RELIGIOUS", "Other": "OTHER", "Medical": "MEDICAL"}
