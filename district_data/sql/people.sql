-- Students with their households, staff, and the grown-ups at home. Students have the first keys, then staff,
-- then guardians.

CREATE UNLOGGED TABLE generator.households AS
SELECT household, g.code, g.language,
    one_of('household.last', household, g.last) AS last_name,
    one_of('household.other', household, g.last) AS other_name,
    address('household', household) AS address, zip('household', household) AS zip,
    phone('household', household) AS phone
FROM generate_series(1, (students() * 5 + 7) / 8) AS household
JOIN generator.name_groups AS g ON g.code = (group_slots())[1 + pick('household.group', household, 100)];

-- Eight students live in five households: brothers and sisters are neighbours in the list.
CREATE UNLOGGED TABLE generator.students AS
WITH thrown AS (
    SELECT person_id, (person_id * 5 + 7) / 8 AS household, chance('student.stay', person_id) AS stay,
        CASE WHEN pick('student.grade', person_id, 1000) < 20 THEN -1
            ELSE (pick('student.grade', person_id, 1000) - 20) * 13 / 980 END AS grade,
        CASE WHEN chance('student.gender', person_id) < 0.487 THEN 'F'
            WHEN chance('student.gender', person_id) < 0.997 THEN 'M' ELSE 'X' END AS gender
    FROM generate_series(1, students()) AS person_id
), placed AS (
    SELECT t.*, h.code, h.language, h.last_name, g.level,
        pick('household.zone.' || g.level, household,
            CASE g.level
                WHEN 'E' THEN elementary_schools() WHEN 'M' THEN middle_schools() ELSE high_schools()
            END) AS place
    FROM thrown AS t JOIN generator.households AS h USING (household) JOIN generator.grades AS g USING (grade)
)
SELECT p.person_id, p.household, p.code, p.gender, p.grade, grade_code(p.grade) AS grade_code, p.level,
    p.place, p.last_name,
    one_of('student.first', p.person_id, CASE p.gender WHEN 'F' THEN n.girls ELSE n.boys END) AS first_name,
    one_of('student.middle', p.person_id, CASE p.gender WHEN 'F' THEN n.girls ELSE n.boys END) AS middle_name,
    -- Five years old by the end of August before kindergarten; a few are a year older than their class.
    make_date(end_year() - 6 - p.grade, 8, 31) - pick('student.birthday', p.person_id, 365)
        - CASE WHEN chance('student.retained', p.person_id) < 0.04 THEN 365 ELSE 0 END AS birthdate,
    c.school_id, c.calendar_id, s.structure_id, c.first_day, c.last_day,
    stay < 0.006 AS no_show,
    stay >= 0.07 AND stay < 0.22 AS transferred,
    CASE WHEN stay >= 0.07 AND stay < 0.30 THEN late.date ELSE c.first_day END AS start_date,
    CASE WHEN stay < 0.006 THEN c.first_day WHEN stay < 0.07 THEN early.date END AS end_date,
    stay >= 0.07 AS finishes,
    p.language <> 'eng' AND chance('student.english', p.person_id) < 0.27 AS learns_english,
    p.language AS household_language, n.countries,
    chance('student.special', p.person_id) < 0.125 AS special_education,
    chance('student.section504', p.person_id) < 0.03 AS section504,
    chance('student.gifted', p.person_id) < 0.05 AS gifted,
    chance('student.homeless', p.person_id) < 0.025 AS homeless,
    chance('student.migrant', p.person_id) < 0.004 AS migrant,
    CASE WHEN chance('student.meals', p.household) < 0.52 THEN 'F'
        WHEN chance('student.meals', p.household) < 0.60 THEN 'R' ELSE 'P' END AS meals
FROM placed AS p
JOIN generator.name_groups AS n USING (code)
JOIN generator.schools AS o ON o.level = p.level AND o.place = p.place
JOIN generator.calendars AS c ON c.school_id = o.school_id AND c.step = 0 AND c.kind = 'year'
JOIN generator.structures AS s ON s.calendar_id = c.calendar_id
    AND s.seq = CASE WHEN chance('student.track', p.household) < 0.3
        AND spread(o.school_id, extra_structures(), regular_schools()) THEN 2 ELSE 1 END
JOIN generator.school_days AS late
    ON late.end_year = end_year() AND late.number = 6 + pick('student.late', p.person_id, 140)
JOIN generator.school_days AS early
    ON early.end_year = end_year() AND early.number = 10 + pick('student.early', p.person_id, 150);

CREATE UNLOGGED TABLE generator.staff AS
WITH thrown AS (
    SELECT number, students() + number AS person_id,
        1 + pick('staff.school', number, regular_schools()) AS school_id,
        chance('staff.gender', number) < 0.74 AS woman, chance('staff.teacher', number) < 0.55 AS teacher,
        1 + pick('staff.years', number, 30) AS years
    FROM generate_series(1, staff()) AS number
)
SELECT t.number::int, t.person_id, t.school_id, t.teacher, t.years,
    CASE WHEN t.woman THEN 'F' ELSE 'M' END AS gender, g.code,
    one_of('staff.last', number, g.last) AS last_name,
    one_of('staff.first', number, CASE WHEN t.woman THEN g.girls ELSE g.boys END) AS first_name,
    first_day(end_year() + 1 - t.years) - 7 AS hired,
    make_date(end_year() - 22 - t.years - pick('staff.age', number, 15), 1, 1)
        + pick('staff.birthday', number, 365) AS birthdate
FROM thrown AS t
JOIN generator.name_groups AS g ON g.code = (group_slots())[1 + pick('staff.group', number, 100)];

CREATE UNLOGGED TABLE generator.guardians AS
SELECT students() + staff() + row_number() OVER (ORDER BY household, seq) AS person_id, household, seq,
    h.code, woman,
    CASE WHEN seq = 2 AND chance('guardian.name', household) < 0.3 THEN h.other_name ELSE h.last_name END
        AS last_name,
    one_of('guardian.first', household * 4 + seq, CASE WHEN woman THEN g.girls ELSE g.boys END) AS first_name,
    phone('guardian', household * 4 + seq) AS phone
FROM generator.households AS h
JOIN generator.name_groups AS g USING (code)
CROSS JOIN LATERAL generate_series(1, 1 + (chance('household.two', household) < 0.28)::int) AS seq
CROSS JOIN LATERAL (SELECT (seq = 1) = (chance('household.mother', household) < 0.8) AS woman) AS w;

CREATE INDEX ON generator.students (person_id);
ANALYZE generator.households, generator.students, generator.staff, generator.guardians;

INSERT INTO person_identity (
    person_id, identity_id, state_id, student_number, last_name, first_name, middle_name, gender, birthdate,
    effective_date, race_ethnicity, race_ethnicity_fed, race_ethnicity_determination, hispanic_ethnicity,
    birth_country, birth_state, birth_city, birth_verification, date_entered_us, date_entered_state,
    date_entered_us_school, immigrant, home_primary_language, legal_last_name, legal_first_name,
    legal_middle_name, origin_country, multiple_birth, tribal_enrollment, person_guid)
SELECT person_id, person_id,
    CASE WHEN chance('student.unknown', person_id) >= 0.004 THEN state_id('student', person_id) END,
    (200000 + person_id)::text, last_name, first_name,
    CASE WHEN chance('student.has_middle', person_id) < 0.7 THEN middle_name END,
    gender, birthdate, first_day - pick('student.effective', person_id, 1500),
    lpad(code::text, 2, '0'), code::text, '01', CASE WHEN code = 1 THEN 'Y' ELSE 'N' END, COALESCE(origin, 'US'),
    CASE WHEN origin IS NULL THEN postal_state() END, CASE WHEN origin IS NULL THEN city() END, '1',
    CASE WHEN origin IS NOT NULL THEN LEAST(birthdate + 2000, first_day - 30) END,
    CASE WHEN origin IS NOT NULL THEN LEAST(birthdate + 2100, first_day - 25) END,
    CASE WHEN origin IS NOT NULL THEN LEAST(birthdate + 2200, first_day - 20) END,
    origin IS NOT NULL, household_language, CASE WHEN renamed THEN last_name || '-' || middle_name END,
    CASE WHEN renamed THEN first_name END, CASE WHEN renamed THEN middle_name END, origin,
    chance('student.twin', household) < 0.01,
    CASE WHEN code = 2 THEN one_of('student.tribe', household, tribes()) END, guid('person', person_id)
FROM generator.students
CROSS JOIN LATERAL (
    SELECT chance('student.legal', person_id) < 0.02 AS renamed,
        CASE WHEN household_language <> 'eng' AND chance('student.abroad', person_id) < 0.12
            THEN one_of('student.country', person_id, countries) END AS origin
) AS o
ORDER BY person_id;

INSERT INTO person_identity (
    person_id, identity_id, staff_number, staff_state_id, last_name, first_name, gender, birthdate,
    effective_date, race_ethnicity_fed, home_primary_language, person_guid)
SELECT person_id, person_id, lpad(number::text, 6, '0'), state_id('staff', number), last_name, first_name,
    gender, birthdate, hired, code::text, 'eng', guid('person', person_id)
FROM generator.staff
ORDER BY person_id;

INSERT INTO person_identity (
    person_id, identity_id, last_name, first_name, gender, effective_date, race_ethnicity_fed,
    home_primary_language, person_guid)
SELECT person_id, person_id, g.last_name, first_name, CASE WHEN woman THEN 'F' ELSE 'M' END,
    first_day(end_year()) - pick('guardian.effective', person_id, 1500), g.code::text, h.language,
    guid('person', person_id)
FROM generator.guardians AS g JOIN generator.households AS h USING (household)
ORDER BY person_id;

INSERT INTO person_identity_no_state_id_only (
    person_id, student_number, last_name, first_name, middle_name, gender, birthdate, race_ethnicity_fed,
    birth_country, home_primary_language, person_guid)
SELECT person_id, student_number, last_name, first_name, middle_name, gender, birthdate, race_ethnicity_fed,
    birth_country, home_primary_language, person_guid
FROM person_identity
WHERE student_number IS NOT NULL AND state_id IS NULL
ORDER BY person_id;

INSERT INTO census_contact_summary (
    summary_id, person_id, contact_person_id, relationship, guardian, last_name, first_name, home_phone,
    cell_phone, work_phone, email, address, city, state, zip, emergency_priority)
WITH contacts AS (
    SELECT s.person_id, s.household, g.seq, g.person_id AS contact_person_id, g.last_name, g.first_name,
        g.phone, CASE WHEN g.woman THEN 'Mother' ELSE 'Father' END AS relationship
    FROM generator.students AS s JOIN generator.guardians AS g USING (household)
    UNION ALL
    SELECT s.person_id, s.household, 2 + other, NULL,
        CASE other WHEN 1 THEN h.last_name ELSE h.other_name END,
        one_of('contact.first', s.person_id * 2 + other, g.girls),
        phone('contact', s.person_id * 2 + other),
        one_of('contact.kind', s.person_id * 2 + other,
            CASE other WHEN 1 THEN ARRAY['Grandmother', 'Aunt', 'Sister']
                ELSE ARRAY['Neighbor', 'Family friend'] END)
    FROM generator.students AS s JOIN generator.households AS h USING (household)
    JOIN generator.name_groups AS g ON g.code = h.code
    CROSS JOIN LATERAL generate_series(1, 1 + (chance('contact.two', s.person_id) < 0.45)::int) AS other
)
SELECT row_number() OVER (ORDER BY c.person_id, seq), c.person_id, contact_person_id, relationship, seq < 3,
    c.last_name, first_name, CASE WHEN seq < 3 THEN h.phone END, c.phone,
    CASE WHEN chance('contact.works', c.person_id * 8 + seq) < 0.4
        THEN phone('contact.work', c.person_id * 8 + seq) END,
    CASE WHEN seq < 3 THEN email(first_name, c.last_name, contact_person_id) END,
    CASE WHEN seq < 3 THEN h.address END, CASE WHEN seq < 3 THEN city() END,
    CASE WHEN seq < 3 THEN postal_state() END,
    CASE WHEN seq < 3 THEN h.zip END, row_number() OVER (PARTITION BY c.person_id ORDER BY seq)
FROM contacts AS c JOIN generator.households AS h USING (household);

ANALYZE person_identity;
