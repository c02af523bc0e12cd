-- Enrollments of the current year: one per student, the earlier one of those who moved within the district,
-- and partial ones at a second place. Then the years before and after.

INSERT INTO enrollment (
    enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type, active, no_show,
    start_date, start_status, end_date, end_status, end_action, next_grade, state_exclude,
    local_student_number, serving_district, resident_district, resident_school, percent_enrolled,
    meal_status, english_proficiency, title1, transportation, migrant, homeless, gifted_talented, section504,
    special_ed_status, special_ed_setting, disability1, cohort_year, enrollment_guid)
SELECT person_id, person_id, calendar_id, structure_id, end_year(), grade_code, 'P', true, no_show,
    start_date, CASE WHEN transferred THEN 'R1' WHEN start_date > first_day THEN 'E3' ELSE 'E1' END,
    end_date, CASE WHEN no_show THEN 'NS'
        WHEN end_date IS NOT NULL THEN one_of('leave', person_id, ARRAY['W1', 'W2', 'W3']) END,
    CASE WHEN grade < 12 THEN 'P' ELSE 'G' END, CASE WHEN grade < 12 THEN grade_code(grade + 1) END, false,
    (200000 + person_id)::text, left(district_number(), 13), left(district_number(), 13),
    lpad((school_id * 10)::text, 4, '0'), 100, meals,
    CASE WHEN learns_english THEN 'EL' ELSE 'NE' END, CASE WHEN meals = 'F' THEN 'S' ELSE 'N' END,
    CASE WHEN chance('student.bus', household) < 0.4 THEN 'IN' ELSE 'NO' END, migrant, homeless,
    CASE WHEN gifted THEN 'GT' END, section504, CASE WHEN special_education THEN 'Y' ELSE 'N' END,
    CASE WHEN special_education THEN one_of('setting', person_id, ARRAY['A', 'B', 'C']) END,
    CASE WHEN special_education THEN one_of('disability', person_id,
        ARRAY['SLD', 'SLI', 'OHI', 'AUT', 'ID', 'ED']) END,
    CASE WHEN grade >= 9 THEN end_year() + 12 - grade END, guid('enrollment', person_id)
FROM generator.students
ORDER BY person_id;

-- The school before the move is the next one of the same level; where there is only one, the student came
-- back.
INSERT INTO enrollment (
    enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type, active, no_show,
    start_date, start_status, end_date, end_status, end_action, state_exclude, local_student_number,
    serving_district, resident_district, percent_enrolled, enrollment_guid)
SELECT students() + row_number() OVER (ORDER BY person_id), person_id, c.calendar_id, t.structure_id,
    end_year(), grade_code, 'P', false, false, c.first_day, 'E1', s.start_date - 1, 'W1', 'T', false,
    (200000 + person_id)::text, left(district_number(), 13), left(district_number(), 13), 100,
    guid('enrollment.earlier', person_id)
FROM generator.students AS s
JOIN generator.schools AS o ON o.level = s.level AND o.place = (s.place + 1) % o.of_level
JOIN generator.calendars AS c ON c.school_id = o.school_id AND c.step = 0 AND c.kind = 'year'
JOIN generator.structures AS t ON t.calendar_id = c.calendar_id AND t.seq = 1
WHERE s.transferred;

INSERT INTO enrollment (
    enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type, active, no_show,
    start_date, start_status, end_date, state_exclude, local_student_number, serving_district,
    percent_enrolled, enrollment_guid)
WITH summer AS (
    SELECT c.*, row_number() OVER (PARTITION BY level ORDER BY calendar_id) - 1 AS nth,
        count(*) OVER (PARTITION BY level) AS of_level
    FROM generator.calendars AS c WHERE kind = 'summer'
), special AS (
    SELECT c.*, row_number() OVER (ORDER BY calendar_id) - 1 AS nth, count(*) OVER () AS of_level
    FROM generator.calendars AS c WHERE level = 'X' AND step = 0 AND kind IN ('year', 'extra')
), second AS (
    SELECT s.person_id, s.grade_code, c.calendar_id, c.first_day AS start_date, c.last_day AS end_date,
        20 AS percent
    FROM generator.students AS s JOIN summer AS c ON c.level = s.level AND c.nth = s.person_id % c.of_level
    WHERE s.finishes AND chance('student.summer', person_id) < 0.22
    UNION ALL
    SELECT s.person_id, s.grade_code, c.calendar_id, s.start_date, s.end_date,
        10 * (1 + pick('student.partial_percent', person_id, 4))
    FROM generator.students AS s
    JOIN generator.schools AS o ON o.level = s.level AND o.place = (s.place + 2) % o.of_level
    JOIN generator.calendars AS c ON c.school_id = o.school_id AND c.step = 0 AND c.kind = 'year'
    WHERE NOT s.no_show AND chance('student.partial', person_id) < 0.274
    UNION ALL
    SELECT s.person_id, s.grade_code, c.calendar_id, s.start_date, s.end_date, 40
    FROM (
        SELECT *, row_number() OVER (ORDER BY dice('student.special_program', person_id)) AS nth
        FROM generator.students WHERE finishes AND grade >= 9
    ) AS s
    JOIN special AS c ON c.nth = s.nth % c.of_level
    WHERE s.nth <= 2 + students() / 3000
)
SELECT (SELECT max(enrollment_id) FROM enrollment)
        + row_number() OVER (ORDER BY person_id, calendar_id, percent),
    person_id, calendar_id, t.structure_id, end_year(), grade_code, 'S', true, false, start_date,
    'E1', end_date, false, (200000 + person_id)::text, left(district_number(), 13), percent,
    guid('enrollment.second', row_number() OVER (ORDER BY person_id, calendar_id, percent))
FROM second JOIN generator.structures AS t USING (calendar_id)
WHERE t.seq = 1;

INSERT INTO enrollment (
    enrollment_id, person_id, calendar_id, structure_id, end_year, grade, service_type, active, no_show,
    start_date, start_status, end_date, end_status, end_action, state_exclude, local_student_number,
    serving_district, resident_district, percent_enrolled, enrollment_guid)
WITH beside AS (
    SELECT s.person_id, s.household, y.step, y.end_year, y.first_day, y.last_day, g.grade,
        g.code AS grade_code, g.level
    FROM generator.students AS s JOIN generator.years AS y ON y.step <> 0
    JOIN generator.grades AS g ON g.grade = s.grade + y.step
    WHERE chance('student.beside.' || y.end_year, s.person_id) < 0.88 AND (y.step < 0 OR s.finishes)
)
SELECT (SELECT max(enrollment_id) FROM enrollment) + row_number() OVER (ORDER BY b.end_year, person_id),
    person_id, c.calendar_id, t.structure_id, b.end_year, b.grade_code, 'P', true, false, b.first_day,
    CASE WHEN b.step < 0 THEN 'E1' ELSE 'E2' END, CASE WHEN b.step < 0 THEN b.last_day END,
    CASE WHEN b.step < 0 THEN 'PR' END, 'P', false, (200000 + person_id)::text,
    left(district_number(), 13), left(district_number(), 13), 100,
    guid('enrollment.' || b.end_year, person_id)
FROM beside AS b
JOIN generator.schools AS o ON o.level = b.level
    AND o.place = pick('household.zone.' || b.level, household, o.of_level)
JOIN generator.calendars AS c ON c.school_id = o.school_id AND c.end_year = b.end_year AND c.kind = 'year'
JOIN generator.structures AS t USING (calendar_id);

INSERT INTO graduation (
    graduation_id, person_id, enrollment_id, grade9_date, cohort_year, projected_graduation_date,
    diploma_date, diploma_type, diploma_period, post_grad_plans, post_grad_location)
SELECT row_number() OVER (ORDER BY person_id), person_id, person_id,
    CASE WHEN grade >= 9 THEN first_day(end_year() + 9 - grade) END, end_year() + 12 - grade,
    make_date(end_year() + 12 - grade, 6, 5), CASE WHEN done THEN make_date(end_year(), 6, 5) END,
    CASE WHEN done THEN one_of('diploma', person_id, ARRAY['ST', 'ST', 'ST', 'AD', 'CC']) END,
    CASE WHEN done THEN 'S2' END,
    CASE WHEN done THEN one_of('plans', person_id, ARRAY['4YR', '2YR', 'WORK', 'MIL', 'UNK']) END,
    CASE WHEN done THEN one_of('plans.place', person_id, ARRAY['IN', 'OUT']) END
FROM generator.students
CROSS JOIN LATERAL (
    SELECT grade = 12 AND finishes AND chance('student.diploma', person_id) < 0.88 AS done
) AS d
WHERE grade >= 7;

ANALYZE enrollment;
