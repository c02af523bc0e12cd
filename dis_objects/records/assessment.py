from django.db import models

from dis_objects.fields import ParentKey, RecordKey
from dis_objects.records.base import DisOptions, Exclusion, Record

# A school year Y runs from 1 July Y-1 to 30 June Y.
SCOPE_YEAR = "make_date(%(end_year)s - 1, 7, 1) AND make_date(%(end_year)s, 6, 30)"
# The score at the top of a score's own tree carries the date. A root that is there twice must not fail the whole query:
# it is an error of its own.
ROOT_DATE = (
    "CASE WHEN r.root_score_id IS NULL THEN r.date"
    " ELSE (SELECT max(root.date) FROM test_score root WHERE root.score_id = r.root_score_id) END"
)


def _test_where(condition: str) -> str:
    """True if the score's test is there and the condition holds for it. A missing test is another error."""
    return f"EXISTS (SELECT FROM test t WHERE t.test_id = r.test_id AND {condition})"


class Test(Record):
    """A test, or a part of one. It serves many school years, unless `end_year` names the one."""

    pk = models.CompositePrimaryKey("district_id", "test_id")
    test_id = RecordKey()
    parent_test_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=30, null=True)
    name = models.CharField(max_length=80)
    state_code = models.CharField(max_length=30, null=True)
    national_code = models.CharField(max_length=30, null=True)
    published = models.BooleanField(null=True)
    edit_not_available = models.BooleanField(null=True)
    end_year = models.SmallIntegerField(null=True)
    test_type = models.CharField(max_length=15, null=True)
    subject = models.CharField(max_length=30, null=True)
    seq = models.SmallIntegerField(null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    low_score = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    high_score = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    passing_score = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    transcript = models.BooleanField(null=True)
    test_guid = models.UUIDField(null=True)

    class Meta:
        db_table = "test"

    class Dis(DisOptions):
        parents = ("PersonIdentity",)


class TestScore(Record):
    """A student's score. Not bound to a school year by a column: its own rules decide, from its date or its
    test, so that a score of another year counts as an error instead of being passed over."""

    pk = models.CompositePrimaryKey("district_id", "score_id")
    score_id = RecordKey()
    test_id = ParentKey("Test")
    person_id = ParentKey("PersonIdentity")
    parent_score_id = models.BigIntegerField(null=True)
    root_score_id = models.BigIntegerField(null=True)
    date = models.DateField(null=True)
    testing_grade = models.CharField(max_length=4, null=True)
    raw_score = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    scale_score = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    percentile = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    stanine = models.SmallIntegerField(null=True)
    normal_curve_equivalent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    performance_level = models.CharField(max_length=15, null=True)
    result = models.CharField(max_length=15, null=True)
    passed = models.BooleanField(null=True)
    accommodation = models.CharField(max_length=15, null=True)
    attempt = models.SmallIntegerField(null=True)
    invalid = models.BooleanField(null=True)
    comments = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "test_score"

    class Dis(DisOptions):
        parents = ("PersonIdentity", "Test")
        verify = ("test_id", "person_id", "date", "raw_score", "scale_score", "performance_level", "result")
        reads = ("Calendar", "Enrollment", "Test")
        exclusions = (
            Exclusion(
                "TEST_CODE_MISSING",
                "The test has neither a state code nor a national code. Give it one of them, then resync.",
                _test_where("COALESCE(t.state_code, '') = '' AND COALESCE(t.national_code, '') = ''"),
            ),
            Exclusion(
                "TEST_NOT_PUBLISHED",
                "The test was not published by the state. Only scores of published tests go to the state.",
                _test_where("t.published IS NOT TRUE"),
            ),
            Exclusion(
                "SCORE_WITHOUT_YEAR",
                "The score at the root has no date and the test has no end year. Enter one of the two, then"
                " resync.",
                _test_where(f"t.end_year IS NULL AND ({ROOT_DATE}) IS NULL"),
            ),
            Exclusion(
                "SCORE_OF_OTHER_YEAR",
                "Neither the date of the score nor the end year of the test lies in the school year of the"
                " resync. Correct them, or resync the school year they belong to.",
                _test_where(
                    f"(t.end_year IS NOT NULL OR ({ROOT_DATE}) IS NOT NULL)"
                    " AND t.end_year IS DISTINCT FROM %(end_year)s"
                    f" AND (({ROOT_DATE}) BETWEEN {SCOPE_YEAR}) IS NOT TRUE"
                ),
            ),
            Exclusion(
                "TEST_LOCKED",
                "The state does not let districts edit the published scores of this test. Such scores do not"
                " go up.",
                _test_where("t.edit_not_available"),
            ),
            Exclusion(
                "STUDENT_NOT_ENROLLED",
                "The student has no active enrollment in the district in the school year of the resync."
                " Check the student's enrollments.",
                "NOT EXISTS (SELECT FROM enrollment e LEFT JOIN calendar c ON c.calendar_id = e.calendar_id"
                " WHERE e.person_id = r.person_id AND e.end_year = %(end_year)s"
                " AND e.active IS NOT FALSE AND e.no_show IS NOT TRUE"
                " AND (e.end_date IS NULL OR e.end_date >= LEAST(CURRENT_DATE, c.end_date)))",
            ),
        )
