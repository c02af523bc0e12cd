-- Courses, sections and rosters. The students of a grade at a school take the same six subjects, each in as
-- many sections as the grade needs.

CREATE UNLOGGED TABLE generator.subjects AS
SELECT g.grade, slot, c.code || lpad((g.grade + 2)::text, 2, '0') || slot AS number,
    CASE g.level
        WHEN 'E' THEN (ARRAY[
            'Language Arts ', 'Mathematics ', 'Science ', 'Social Studies ', 'Arts ', 'Physical Education '
        ])[slot] || g.code
        WHEN 'M' THEN (ARRAY[
            'English ', 'Mathematics ', 'Science ', 'Social Studies ', 'Physical Education ', 'Exploratory '
        ])[slot] || g.code
        ELSE (ARRAY[
            ['English 7', 'Mathematics 7', 'Life Science', 'Geography 7', 'Physical Education 7', 'Band 7'],
            ['English 8', 'Pre-Algebra', 'Earth Science', 'US History 8', 'Physical Education 8', 'Band 8'],
            ['English 9', 'Algebra I', 'Biology', 'World Geography', 'Physical Education I', 'Spanish I'],
            ['English 10', 'Geometry', 'Chemistry', 'World History', 'Health', 'Spanish II'],
            ['English 11', 'Algebra II', 'Physics', 'US History', 'Computer Science', 'Theatre'],
            ['English 12', 'Precalculus', 'Environmental Science', 'American Government', 'Personal Finance',
                'Senior Project']
        ])[g.grade - 6][slot]
    END AS name,
    (ARRAY['English', 'Mathematics', 'Science', 'Social Studies', 'Wellness', 'Electives'])[slot]
        AS department,
    CASE WHEN g.grade >= 9 THEN 1.0 ELSE 0 END AS credit
FROM generator.grades AS g
CROSS JOIN LATERAL generate_series(1, 6) AS slot
CROSS JOIN LATERAL (SELECT (ARRAY['ENG', 'MAT', 'SCI', 'SOC', 'WEL', 'ELE'])[slot] AS code) AS c;

INSERT INTO course_code (
    course_code_id, code, name, description, subject_area, course_level, credits, low_grade, high_grade,
    active)
SELECT row_number() OVER (ORDER BY grade, slot), number, name, name || ' for grade '
    || generator.grade_code(grade) || '.', department, CASE WHEN grade >= 9 THEN 'G' ELSE 'B' END, credit,
    generator.grade_code(grade), generator.grade_code(grade), true
FROM generator.subjects;

-- seat numbers the students of a grade at a school; present numbers all who come to lessons.
CREATE UNLOGGED TABLE generator.seats AS
SELECT person_id, school_id, grade, calendar_id, structure_id, start_date, end_date,
    row_number() OVER (PARTITION BY school_id, grade ORDER BY person_id)::int AS seat,
    row_number() OVER (ORDER BY person_id) AS present
FROM generator.students WHERE NOT no_show;

CREATE UNLOGGED TABLE generator.lessons AS
WITH sized AS (
    SELECT school_id, calendar_id, grade,
        ceil(count(*) / CASE WHEN grade <= 5 THEN 27.0 ELSE 31.0 END)::int AS sections
    FROM generator.seats GROUP BY school_id, calendar_id, grade
)
SELECT s.*, structure_id, t.level,
    (sum(sections) OVER (ORDER BY s.calendar_id, grade) - sections)::int * 6 AS sections_before,
    ((row_number() OVER (ORDER BY s.calendar_id, grade) - 1) * 6)::int AS courses_before
FROM sized AS s JOIN generator.structures AS t ON t.calendar_id = s.calendar_id AND t.seq = 1;

-- Courses that nobody takes this year: what a district closes, and what its special programs keep on the
-- books.
CREATE UNLOGGED TABLE generator.closed_courses AS
SELECT (SELECT count(*) FROM generator.lessons) * 6 + row_number() OVER (ORDER BY calendar_id, nth)
        AS course_id,
    calendar_id, structure_id, school_id, level, nth,
    (ARRAY['Journalism', 'Robotics', 'Latin I', 'Ceramics', 'Debate', 'Film', 'Astronomy', 'Yearbook'])
        [1 + (pick('course.closed', school_id, 4) * 2 + nth) % 8] AS name
FROM generator.structures CROSS JOIN LATERAL generate_series(1, 2) AS nth
WHERE step = 0 AND kind IN ('year', 'extra') AND seq = 1;

INSERT INTO course (
    course_id, calendar_id, end_year, number, name, state_code, department, subject_type, credit, homeroom,
    active, state_exclude)
SELECT courses_before + slot, calendar_id, end_year(), j.number, j.name, j.number, department,
    left(department, 15), credit, grade <= 5 AND slot = 1, true, false
FROM generator.lessons JOIN generator.subjects AS j USING (grade)
UNION ALL
SELECT course_id, calendar_id, end_year(), 'CLO' || nth, name, NULL, 'Electives', 'Electives', 0.5, false,
    true, false
FROM generator.closed_courses
ORDER BY 1;

CREATE UNLOGGED TABLE generator.sections AS
WITH every AS (
    SELECT sections_before + (slot - 1) * sections + nth AS section_id, courses_before + slot AS course_id,
        school_id, calendar_id, structure_id, grade, slot, nth, level, true AS held
    FROM generator.lessons CROSS JOIN LATERAL generate_series(1, 6) AS slot
    CROSS JOIN LATERAL generate_series(1, sections) AS nth
    UNION ALL
    SELECT (SELECT COALESCE(sum(sections), 0) FROM generator.lessons) * 6
            + row_number() OVER (ORDER BY course_id, nth_section),
        course_id, school_id, calendar_id, structure_id, NULL, NULL, nth_section, level, false
    FROM generator.closed_courses CROSS JOIN LATERAL generate_series(1, 5) AS nth_section
)
SELECT e.section_id::int, e.course_id, e.school_id, e.calendar_id, e.structure_id, e.grade, e.slot, e.nth,
    e.level, e.held, f.person_id AS teacher_person_id, f.last_name || ', ' || f.first_name AS teacher
FROM every AS e
JOIN generator.staff AS f ON f.number = 1 + pick('section.teacher', e.section_id::bigint, staff());

ANALYZE generator.seats, generator.lessons, generator.sections, course;

INSERT INTO section (
    section_id, course_id, structure_id, end_year, number, teacher_display, teacher_person_id, room_name,
    max_students, homeroom_section, instructional_setting)
SELECT section_id, course_id, structure_id, end_year(), nth::text, left(teacher, 60), teacher_person_id,
    'Room ' || (100 + pick('section.room', section_id, 80)), 35, grade <= 5 AND slot = 1, 'CL'
FROM generator.sections
ORDER BY section_id;

INSERT INTO course_section (
    section_id, calendar_id, school_id, end_year, course_id, course_number, course_name, course_state_code,
    course_active, course_state_exclude, department, subject_type, credit, section_number, structure_id,
    teacher_display, teacher_person_id, room_name, max_students, homeroom_section, term_start, term_end,
    start_date, end_date, instructional_setting, medium_of_instruction, section_guid)
SELECT s.section_id, s.calendar_id, s.school_id, end_year(), course_id, c.number, c.name, c.state_code,
    c.active, c.state_exclude, c.department, c.subject_type, c.credit, s.nth::text, structure_id,
    left(teacher, 60), teacher_person_id, 'Room ' || (100 + pick('section.room', section_id, 80)), 35,
    grade <= 5 AND slot = 1, CASE WHEN level = 'H' THEN 'S1' ELSE 'Y1' END,
    CASE WHEN level = 'H' THEN 'S2' ELSE 'Y1' END, first_day(end_year()), last_day(end_year()), 'CL', 'ENG',
    guid('section', section_id)
FROM generator.sections AS s JOIN course AS c USING (course_id)
ORDER BY section_id;

INSERT INTO roster (
    roster_id, person_id, enrollment_id, calendar_id, structure_id, grade_level_id, section_id, end_year,
    start_date, end_date, repeat_course, roster_guid)
SELECT (present - 1) * 6 + slot, person_id, person_id, s.calendar_id, s.structure_id, g.grade_level_id,
    sections_before + (slot - 1) * sections + 1 + (seat + slot * 3) % sections, end_year(), start_date,
    s.end_date, false, guid('roster', (present - 1) * 6 + slot)
FROM generator.seats AS s
JOIN generator.lessons AS l USING (school_id, grade)
JOIN structure_grade_level AS g ON g.structure_id = s.structure_id AND g.grade = grade_code(s.grade)
CROSS JOIN LATERAL generate_series(1, 6) AS slot;

INSERT INTO roster_verification_request (
    request_id, calendar_id, end_year, name, status, start_date, end_date, requested_on)
SELECT row_number() OVER (ORDER BY calendar_id), calendar_id, end_year(), 'Fall verification', 'CLOSED',
    make_date(end_year() - 1, 10, 1), make_date(end_year() - 1, 10, 20),
    make_date(end_year() - 1, 9, 25) + time '09:00'
FROM generator.calendars
WHERE step = 0 AND kind = 'year' AND level <> 'X';

-- One subject of the upper grades is verified.
INSERT INTO roster_verification_section (
    verification_section_id, request_id, section_id, end_year, status, verified_on, verified_by_person_id)
SELECT row_number() OVER (ORDER BY section_id), r.request_id, section_id, end_year(), 'VERIFIED',
    make_date(end_year() - 1, 10, 3 + pick('verification', section_id, 15)) + time '15:30', teacher_person_id
FROM generator.sections AS s JOIN roster_verification_request AS r USING (calendar_id)
WHERE s.held AND s.slot = 1 AND s.grade >= 3;

INSERT INTO roster_verification_section_staff (
    verification_staff_id, verification_section_id, person_id, end_year, staff_type, start_date,
    percent_responsible)
SELECT verification_section_id, verification_section_id, verified_by_person_id, end_year(), 'PRIMARY',
    first_day(end_year()), 100
FROM roster_verification_section;

INSERT INTO roster_verification_section_student (
    verification_student_id, verification_section_id, person_id, end_year, start_date, end_date,
    percent_enrolled, confirmed)
SELECT row_number() OVER (ORDER BY r.roster_id), v.verification_section_id, r.person_id, end_year(),
    r.start_date, r.end_date, 100, true
FROM roster AS r JOIN roster_verification_section AS v USING (section_id);

INSERT INTO transcript_course_se (
    transcript_id, person_id, end_year, school_name, school_number, course_number, course_name, state_code,
    grade, start_term, end_term, score, gpa_value, credits_attempted, credits_earned)
SELECT row_number() OVER (ORDER BY y.end_year, person_id, slot), person_id, y.end_year, o.short_name
    || o.suffix, lpad((o.school_id * 10)::text, 4, '0'), j.number, j.name, j.number, grade_code(j.grade), 1,
    2, (ARRAY['A', 'A', 'B', 'B', 'C', 'C', 'D', 'F'])[1 + mark], (ARRAY[4, 4, 3, 3, 2, 2, 1, 0])[1 + mark],
    1, CASE WHEN mark < 7 THEN 1 ELSE 0 END
FROM generator.students AS s
JOIN generator.schools AS o USING (school_id)
JOIN generator.years AS y ON y.step < 1
JOIN generator.subjects AS j ON j.grade = s.grade + y.step AND j.grade >= 9
CROSS JOIN LATERAL (SELECT pick('transcript', person_id * 64 + j.grade * 8 + slot, 8) AS mark) AS m
WHERE s.finishes;

INSERT INTO school_year_gpa (
    gpa_id, person_id, calendar_id, end_year, grade, gpa, weighted_gpa, credits_earned, class_rank,
    class_size)
WITH means AS (
    SELECT s.person_id, s.calendar_id, s.school_id, s.grade_code, avg(t.gpa_value) AS gpa,
        sum(t.credits_earned) AS credits
    FROM generator.students AS s JOIN transcript_course_se AS t USING (person_id)
    WHERE t.end_year = end_year()
    GROUP BY s.person_id, s.calendar_id, s.school_id, s.grade_code
)
SELECT row_number() OVER (ORDER BY person_id), person_id, calendar_id, end_year(), grade_code, round(gpa, 4),
    round(gpa * 1.05, 4), credits, rank() OVER (PARTITION BY school_id, grade_code ORDER BY gpa DESC),
    count(*) OVER (PARTITION BY school_id, grade_code)
FROM means;
