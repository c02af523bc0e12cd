-- Calendars of three school years, with structures, terms, periods, days and grade levels.
-- A key counts on over the years in their order, as it does in a system that has run for some time.

CREATE UNLOGGED TABLE generator.calendars AS
WITH every AS (
    SELECT school_id, end_year, step, 'year' AS kind, 1 AS rank, first_day, last_day, level, low, high
    FROM generator.schools CROSS JOIN generator.years
    UNION ALL
    -- The first special school has two calendars: one marked exclude, one that its school keeps back.
    SELECT school_id, end_year, step, 'extra', 2, first_day, last_day, level, low, high
    FROM generator.schools CROSS JOIN generator.years WHERE level = 'X' AND place = 0 AND step = 0
    UNION ALL
    SELECT school_id, end_year, step, 'summer', 3, last_day + 10, last_day + 35, level, low, high
    FROM generator.schools CROSS JOIN generator.years WHERE step = 0
        AND spread(school_id, summer_calendars(), regular_schools())
)
SELECT row_number() OVER (ORDER BY step, rank, school_id)::int AS calendar_id, * FROM every;

CREATE UNLOGGED TABLE generator.structures AS
SELECT row_number() OVER (ORDER BY step, rank, calendar_id, seq)::int AS structure_id, *
FROM generator.calendars
CROSS JOIN LATERAL generate_series(
    1, CASE WHEN kind = 'year' AND step = 0 AND spread(school_id, extra_structures(), regular_schools())
        THEN 2 ELSE 1 END
) AS seq;

ANALYZE generator.calendars, generator.structures;

INSERT INTO calendar (
    calendar_id, school_id, end_year, name, number, start_date, end_date, exclude, summer_school, student_day,
    teacher_day, whole_day_absence, half_day_absence, title1, school_choice, type, count_date, sequence,
    attendance_type, positive_attendance_enabled, virtual, calendar_guid)
SELECT calendar_id, school_id, end_year,
    CASE kind WHEN 'year' THEN right((end_year - 1)::text, 2) || '-' || right(end_year::text, 2) || ' '
        || short_name
        WHEN 'extra' THEN 'Evening program' ELSE 'Summer ' || end_year::text END,
    lpad((c.rank)::text, 3, '0'), first_day, last_day, false, kind = 'summer',
    CASE c.level WHEN 'E' THEN 371 ELSE 400 END, 440, 300, 150,
    CASE WHEN chance('calendar.title1', school_id) < 0.45 THEN 'SW' ELSE 'N' END, false,
    CASE kind WHEN 'summer' THEN 'S' ELSE 'I' END, make_date(end_year - 1, 10, 1), c.rank, 'D',
    false, 'N', guid('calendar', calendar_id)
FROM generator.calendars AS c JOIN generator.schools AS s USING (school_id);

INSERT INTO schedule_structure (
    structure_id, calendar_id, end_year, name, label, grade_type, start_date, end_date, is_primary,
    structure_guid)
SELECT structure_id, calendar_id, end_year, CASE WHEN seq = 1 THEN 'Main' ELSE 'Track B' END,
    CASE level WHEN 'E' THEN 'Elementary' WHEN 'M' THEN 'Middle' WHEN 'H' THEN 'High' ELSE 'Program' END,
    level, first_day, last_day, seq = 1, guid('structure', structure_id)
FROM generator.structures;

INSERT INTO structure_grade_level (
    grade_level_id, structure_id, calendar_id, end_year, grade, state_grade, seq, standard_day,
    kindergarten_code, state_exclude)
SELECT row_number() OVER (ORDER BY structure_id, g.grade), structure_id, calendar_id, end_year, g.code,
    g.code, g.grade + 2, CASE WHEN g.grade < 1 THEN 300 ELSE 371 END, CASE WHEN g.grade = 0 THEN 'FD' END,
    false
FROM generator.structures AS s JOIN generator.grades AS g ON g.grade BETWEEN s.low AND s.high;

INSERT INTO school_month (
    school_month_id, calendar_id, end_year, number, name, start_date, end_date, instructional_days)
SELECT row_number() OVER (ORDER BY calendar_id, month), calendar_id, c.end_year,
    row_number() OVER (PARTITION BY calendar_id ORDER BY month), to_char(month, 'FMMonth'),
    GREATEST(month::date, first_day), LEAST((month + '1 month'::interval)::date - 1, last_day),
    CASE kind WHEN 'summer' THEN 18 ELSE (
        SELECT count(*) FROM generator.school_days AS d
        WHERE d.end_year = c.end_year AND date_trunc('month', d.date::timestamp) = month) END
FROM generator.calendars AS c
CROSS JOIN LATERAL generate_series(
    date_trunc('month', first_day::timestamp), date_trunc('month', last_day::timestamp), '1 month') AS month;

INSERT INTO term_schedule (
    term_id, structure_id, end_year, term_schedule_id, term_schedule_name, name, seq, start_date, end_date,
    is_primary)
SELECT row_number() OVER (ORDER BY structure_id, term), structure_id, end_year, structure_id,
    CASE WHEN kind = 'summer' THEN 'Summer' WHEN terms = 2 THEN 'Semesters' ELSE 'Full year' END,
    CASE WHEN kind = 'summer' THEN 'SS' WHEN terms = 2 THEN 'S' || term ELSE 'Y1' END, term,
    CASE WHEN term = 1 THEN first_day ELSE make_date(end_year, 1, 8) END,
    CASE WHEN term = terms THEN last_day ELSE make_date(end_year - 1, 12, 15) END, true
FROM generator.structures
CROSS JOIN LATERAL (SELECT CASE WHEN level = 'H' AND kind = 'year' THEN 2 ELSE 1 END AS terms) AS t
CROSS JOIN LATERAL generate_series(1, terms) AS term
-- A second track, and a special program, live by the terms of the first.
WHERE seq = 1 AND level <> 'X';

INSERT INTO period_schedule (
    period_id, structure_id, end_year, period_schedule_id, period_schedule_name, name, seq, start_time,
    end_time, lunch_minutes, non_instructional)
SELECT row_number() OVER (ORDER BY structure_id, period), structure_id, end_year, structure_id,
    CASE level WHEN 'H' THEN 'Block schedule' WHEN 'M' THEN 'Half days' ELSE 'All day' END,
    CASE level WHEN 'H' THEN 'Block ' || period WHEN 'M' THEN (ARRAY['AM', 'PM'])[period] ELSE 'Day' END,
    period,
    to_char(time '08:00' + (period - 1) * length, 'HH24:MI'),
    to_char(time '08:00' + period * length, 'HH24:MI'), CASE WHEN level = 'E' THEN 30 ELSE 0 END, false
FROM generator.structures
CROSS JOIN LATERAL (
    SELECT CASE level WHEN 'H' THEN 4 WHEN 'M' THEN 2 ELSE 1 END AS periods,
        CASE level WHEN 'H' THEN interval '95 minutes' WHEN 'M' THEN interval '190 minutes'
            ELSE interval '370 minutes' END
            AS length) AS p
CROSS JOIN LATERAL generate_series(1, periods) AS period
WHERE kind = 'year' AND seq = 1 AND level <> 'X';

INSERT INTO day (
    day_id, calendar_id, structure_id, end_year, date, number, school_day, instruction, attendance,
    start_time, end_time, student_day, comments)
SELECT row_number() OVER (ORDER BY structure_id, date), calendar_id, structure_id, s.end_year, date::date,
    d.number, teaches, teaches, teaches, CASE WHEN teaches THEN '08:00' END,
    CASE WHEN teaches THEN '14:10' END, CASE WHEN teaches THEN 371 END, h.name
FROM generator.structures AS s
CROSS JOIN LATERAL generate_series(first_day - 6, last_day + 4, '1 day'::interval) AS date
LEFT JOIN generator.holidays AS h USING (date)
LEFT JOIN generator.school_days AS d USING (date)
CROSS JOIN LATERAL (
    SELECT CASE kind WHEN 'summer' THEN extract(isodow FROM date) < 5 ELSE d.number IS NOT NULL END AS teaches
) AS t
WHERE s.step = 0;

ANALYZE calendar, schedule_structure, structure_grade_level, school_month;
