-- Tests and scores. Scores hang on published tests with a state or national code; the six tests at the end
-- have what keeps a score from the state (seed 001), and no scores: faults.py gives them some.

CREATE UNLOGGED TABLE generator.tests (
    test_id int, kind text, parent int, name text, state_code text, national_code text, published boolean,
    locked boolean, of_year boolean, subject text, lowest numeric, highest numeric, low_grade int,
    high_grade int
);
INSERT INTO generator.tests VALUES
    (1, 'summative', NULL, 'Smarter Balanced ELA', 'SBAC-E', NULL,
        true, false, true, 'English', 2000, 2800, 3, 8),
    (2, 'summative', NULL, 'Smarter Balanced Mathematics', 'SBAC-M', NULL,
        true, false, true, 'Mathematics', 2000, 2800, 3, 8),
    (3, 'summative', NULL, 'State Science Grade 5', 'SCI-5', NULL,
        true, false, true, 'Science', 100, 900, 5, 5),
    (4, 'summative', NULL, 'State Science Grade 8', 'SCI-8', NULL,
        true, false, true, 'Science', 100, 900, 8, 8),
    (5, 'summative', NULL, 'State Science High School', 'SCI-HS', NULL,
        true, false, true, 'Science', 100, 900, 10, 10),
    (6, 'benchmark', NULL, 'Early Literacy Screening', 'LIT', NULL,
        true, false, false, 'Reading', 100, 350, 0, 3),
    (7, 'benchmark', NULL, 'Growth Measure Reading', NULL, 'GM-R',
        true, false, false, 'Reading', 100, 350, 1, 8),
    (8, 'college', NULL, 'College Readiness Composite', NULL, 'CR',
        true, false, false, 'Composite', 1, 36, 11, 11),
    (9, 'college', 8, 'College Readiness English', NULL, 'CR-E',
        true, false, false, 'English', 1, 36, 11, 11),
    (10, 'college', 8, 'College Readiness Mathematics', NULL, 'CR-M',
        true, false, false, 'Mathematics', 1, 36, 11, 11),
    (11, 'college', 8, 'College Readiness Reading', NULL, 'CR-R',
        true, false, false, 'Reading', 1, 36, 11, 11),
    (12, 'college', 8, 'College Readiness Science', NULL, 'CR-S',
        true, false, false, 'Science', 1, 36, 11, 11),
    (13, 'civics', NULL, 'Civics Examination', 'CIV', NULL,
        true, false, true, 'Social Studies', 0, 50, 12, 12),
    (14, 'local', NULL, 'School Reading Check', NULL, NULL,
        true, false, true, 'Reading', 0, 100, NULL, NULL),
    (15, 'local', NULL, 'Pilot Mathematics Check', 'PILOT-M', NULL,
        false, false, true, 'Mathematics', 0, 100, NULL, NULL),
    (16, 'local', NULL, 'Undated Placement', 'PLACE', NULL,
        true, false, false, 'Placement', 0, 100, NULL, NULL),
    (17, 'local', NULL, 'Growth Measure Archive', NULL, 'GM-A',
        true, false, false, 'Reading', 100, 350, NULL, NULL),
    (18, 'local', NULL, 'Locked Summative', 'LOCK', NULL,
        true, true, true, 'English', 2000, 2800, NULL, NULL);

INSERT INTO test (
    test_id, parent_test_id, code, name, state_code, national_code, published, edit_not_available, end_year,
    test_type, subject, seq, start_date, end_date, low_score, high_score, passing_score, transcript,
    test_guid)
SELECT test_id, parent, 'T' || lpad(test_id::text, 3, '0'), name, state_code, national_code, published,
    locked, CASE WHEN of_year THEN end_year() END, upper(kind), subject, test_id,
    make_date(end_year() - 1, 8, 1), make_date(end_year(), 6, 30), lowest, highest,
    round((lowest + highest) / 2), kind = 'college', guid('test', test_id)
FROM generator.tests;

-- A score below a root has no date of its own.
INSERT INTO test_score (
    score_id, test_id, person_id, parent_score_id, root_score_id, date, testing_grade, raw_score,
    scale_score, percentile, stanine, normal_curve_equivalent, performance_level, result, passed, attempt,
    invalid)
WITH scored AS (
    SELECT row_number() OVER (ORDER BY s.person_id, test_id) AS score_id, t.*, s.person_id, s.grade_code,
        d.date, chance('score', s.person_id * 64 + test_id) AS skill
    FROM generator.students AS s
    JOIN generator.tests AS t ON s.grade BETWEEN t.low_grade AND t.high_grade
    JOIN generator.school_days AS d ON d.end_year = end_year()
        AND d.number = 100 + pick('score.date', s.person_id, 55)
    WHERE s.finishes AND chance('tested.' || t.kind, s.person_id) < CASE t.kind WHEN 'benchmark' THEN 0.8
        ELSE 0.95 END
)
SELECT score_id, test_id, person_id, root, root, CASE WHEN parent IS NULL THEN date END, grade_code,
    round(skill::numeric * 60), round(lowest + (highest - lowest) * skill::numeric),
    round(1 + 98 * skill::numeric), 1 + floor(skill * 9), round(1 + 98 * skill::numeric, 1),
    (ARRAY['L1', 'L2', 'L3', 'L4'])[1 + floor(skill * 4)::int],
    CASE WHEN skill > 0.5 THEN 'Pass' ELSE 'Below' END, skill > 0.5, 1, false
FROM (SELECT *, CASE WHEN parent IS NOT NULL THEN score_id - (test_id - parent) END AS root FROM scored) AS s
ORDER BY score_id;
