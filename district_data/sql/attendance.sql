-- Attendance: who was away, and what that adds up to.

INSERT INTO attendance_excuse (
    excuse_id, calendar_id, end_year, code, description, status, excuse, state_code, inactive)
SELECT row_number() OVER (ORDER BY calendar_id, e.code), calendar_id, end_year, e.code, e.description,
    e.status, e.excuse, e.state, false
FROM generator.calendars
CROSS JOIN (
    VALUES ('ILL', 'Illness', 'A', 'E', 'E1'), ('MED', 'Medical appointment', 'A', 'E', 'E2'),
        ('REL', 'Religious holiday', 'A', 'E', 'E3'), ('UNX', 'Unexcused absence', 'A', 'U', 'U1'),
        ('TRU', 'Truant', 'A', 'U', 'U2'), ('TDY', 'Late', 'T', 'U', 'T1'),
        ('ACT', 'School activity', 'A', 'X', 'X1')
) AS e(code, description, status, excuse, state)
WHERE kind = 'year';

-- How many school days have passed by a date
CREATE UNLOGGED TABLE generator.day_numbers AS
SELECT date::date, (
    SELECT count(*) FROM generator.school_days AS d WHERE d.end_year = end_year() AND d.date <= day
) AS passed
FROM generate_series(first_day(end_year()) - 1, last_day(end_year()), '1 day'::interval) AS date
CROSS JOIN LATERAL (SELECT date::date AS day) AS x;

ANALYZE generator.day_numbers;

INSERT INTO attendance_exact_count (
    attendance_exact_count_id, enrollment_id, end_year, start_date, end_date, member_days, present_days,
    absent_days, unexcused_days, tardies)
SELECT row_number() OVER (ORDER BY enrollment_id), enrollment_id, end_year(), e.start_date,
    COALESCE(e.end_date, last_day(end_year())), member, member - absent, absent, round(absent / 3, 3),
    pick('tardies', enrollment_id, 6)
FROM enrollment AS e
JOIN generator.day_numbers AS started ON started.date = e.start_date - 1
JOIN generator.day_numbers AS ended ON ended.date = COALESCE(e.end_date, last_day(end_year()))
CROSS JOIN LATERAL (SELECT (ended.passed - started.passed)::numeric AS member) AS m
CROSS JOIN LATERAL (
    SELECT round(member * (0.12 * chance('absent', enrollment_id))::numeric, 1) AS absent
) AS a
WHERE e.end_year = end_year() AND e.service_type = 'P';

INSERT INTO truancy (
    truancy_id, person_id, calendar_id, end_year, start_date, end_date, truancy_type, unexcused_days,
    notice_date, court_referral_date, outcome)
SELECT row_number() OVER (ORDER BY person_id), person_id, s.calendar_id, end_year(), d.date, d.date + 30,
    'T1', 3 + pick('truancy.days', person_id, 15), d.date + 7,
    CASE WHEN chance('truancy.court', person_id) < 0.1 THEN d.date + 45 END,
    one_of('truancy.outcome', person_id, ARRAY['LTR', 'MTG', 'CRT', 'NONE'])
FROM generator.students AS s
JOIN generator.school_days AS d ON d.end_year = end_year()
    AND d.number = 20 + pick('truancy.date', person_id, 90)
WHERE s.finishes AND s.grade >= 4 AND chance('truancy', person_id) < 0.03;

INSERT INTO att_extract_count (
    att_extract_count_id, enrollment_id, school_month_id, end_year, extract_date, enrolled_days,
    present_days, excused_days, unexcused_days, tardies)
SELECT row_number() OVER (ORDER BY enrollment_id, m.number), enrollment_id, m.school_month_id, end_year(),
    m.end_date, m.instructional_days, m.instructional_days - away, away, 0,
    pick('extract.tardies', enrollment_id * 16 + m.number, 4)
FROM enrollment AS e
JOIN school_month AS m USING (calendar_id)
CROSS JOIN LATERAL (SELECT pick('extract.away', enrollment_id * 16 + m.number, 3) AS away) AS a
-- The two counts that funding looks at first
WHERE e.end_year = end_year() AND e.service_type = 'P' AND m.number IN (2, 3) AND m.end_date > e.start_date;
