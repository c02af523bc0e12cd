-- The district, its schools, and which grades and school years there are.

CREATE UNLOGGED TABLE generator.grades AS
SELECT grade, generator.grade_code(grade) AS code,
    CASE
        WHEN middle_schools() = 0 THEN CASE WHEN grade <= 6 THEN 'E' ELSE 'H' END
        WHEN grade <= 5 THEN 'E' WHEN grade <= 8 THEN 'M' ELSE 'H'
    END AS level
FROM generate_series(-1, 12) AS grade;

CREATE UNLOGGED TABLE generator.schools AS
WITH levels(level, rank, schools, suffix, school_type) AS (
    VALUES ('E', 1, elementary_schools(), ' Elementary School', '01'),
        ('M', 2, middle_schools(), ' Middle School', '02'), ('H', 3, high_schools(), ' High School', '03'),
        ('X', 4, special_schools(), ' Learning Center', '09')
), numbered AS (
    SELECT row_number() OVER (ORDER BY rank, place) AS school_id, *
    FROM levels CROSS JOIN LATERAL generate_series(0, schools - 1) AS place
)
SELECT school_id::int, level, place::int, schools::int AS of_level, school_type,
    -- The step has no factor in common with the length of the list: a name comes again only when all were
    -- used.
    list[1 + (pick('schools.first', 0, cardinality(list)) + school_id * 47) % cardinality(list)]
        || CASE WHEN school_id > cardinality(list) THEN ' '
        || (school_id / cardinality(list) + 1)::text ELSE '' END
        AS short_name, suffix,
    COALESCE(lowest, 9) AS low, COALESCE(highest, 12) AS high
FROM numbered
CROSS JOIN (SELECT school_names() AS list) AS n
LEFT JOIN (SELECT level, min(grade) AS lowest, max(grade) AS highest
    FROM generator.grades GROUP BY level) AS range
    USING (level);

ANALYZE generator.schools, generator.grades;

INSERT INTO district (
    district_key, number, name, address, city, state, zip, county, phone, superintendent_name, district_guid)
SELECT 1, district_number(), left(district_name(), 60), address('district', 1), city(), postal_state(),
    zip('district', 1), city() || ' County', phone('district', 1), 'Dr. Rosalind Hartwell',
    guid('district', 1);

INSERT INTO school (
    school_id, district_key, number, name, standard_code, school_type, low_grade, high_grade, address, city,
    state, zip, phone, principal_name, principal_email, state_exclude, school_guid)
SELECT school_id, 1, lpad((school_id * 10)::text, 4, '0'), short_name || suffix,
    lpad((100 + pick('district.code', 1, 800))::text, 3, '0') || lpad(school_id::text, 5, '0'), school_type,
    generator.grade_code(low), generator.grade_code(high), address('school', school_id), city(),
    postal_state(), zip('school', school_id), phone('school', school_id),
    one_of('school.first', school_id, girls()) || ' ' || one_of('school.last', school_id, last_names()),
    'principal' || school_id || '@example.org', false, guid('school', school_id)
FROM generator.schools;

-- The current year has everything; the years beside it have what a resync of the previous or next year shows
-- first.
CREATE UNLOGGED TABLE generator.years AS
SELECT end_year() + step AS end_year, step, first_day(end_year() + step) AS first_day,
    last_day(end_year() + step) AS last_day
FROM generate_series(-1, 1) AS step;

CREATE UNLOGGED TABLE generator.holidays AS
SELECT DISTINCT ON (date) date::date, name
FROM generator.years AS y
CROSS JOIN LATERAL (
    VALUES (nth_weekday(y.end_year - 1, 9, 1, 1), 1, 'Labor Day'),
        (make_date(y.end_year - 1, 11, 1) - 1 - (extract(isodow
            FROM make_date(y.end_year - 1, 11, 1) - 1)::int + 2) % 7, 1, 'Nevada Day'),
        (make_date(y.end_year - 1, 11, 11), 1, 'Veterans Day'),
        (nth_weekday(y.end_year - 1, 11, 4, 4), 2, 'Thanksgiving'),
        (nth_weekday(y.end_year - 1, 12, 1, 3), 19, 'Winter break'),
        (nth_weekday(y.end_year, 1, 1, 3), 1, 'Martin Luther King Day'),
        (nth_weekday(y.end_year, 2, 1, 3), 1, 'Presidents Day'),
        (nth_weekday(y.end_year, 3, 1, 3), 5, 'Spring break')
) AS holiday(start, days, name)
CROSS JOIN LATERAL generate_series(start, start + days - 1, '1 day'::interval) AS date
ORDER BY date, name;

CREATE UNLOGGED TABLE generator.school_days AS
SELECT y.end_year, date::date, row_number() OVER (PARTITION BY y.end_year ORDER BY date)::int AS number
FROM generator.years AS y
CROSS JOIN LATERAL generate_series(first_day, last_day, '1 day'::interval) AS date
WHERE extract(isodow FROM date) < 6 AND date::date NOT IN (SELECT h.date FROM generator.holidays AS h);

ANALYZE generator.years, generator.holidays, generator.school_days;
