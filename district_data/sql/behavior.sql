-- Behavior: the types that every school keeps, and incidents with events, roles and resolutions.
-- A special program has no types of its own: what stands in its place belongs to the whole district.
-- The first 25 of a school's 33 event types have a state code; the others are its own business. Events use
-- the former.

CREATE UNLOGGED TABLE generator.event_names AS
SELECT nth::int, name
FROM unnest(ARRAY['Defiance', 'Disruption', 'Fighting', 'Assault', 'Battery', 'Bullying', 'Cyberbullying',
    'Harassment', 'Sexual harassment', 'Intimidation', 'Threat', 'Theft', 'Robbery', 'Vandalism', 'Arson',
    'Trespassing', 'Tobacco', 'Vaping', 'Alcohol', 'Possession of drugs', 'Distribution of drugs', 'Weapon',
    'Extortion', 'Gang activity', 'Bomb threat', 'Late to class', 'Dress code', 'Cell phone', 'Profanity',
    'Cheating', 'Forgery', 'Bus misconduct', 'Horseplay']) WITH ORDINALITY AS n(name, nth);

INSERT INTO behavior_type (type_id, school_id, code, name, state_event_code, category, severity, active)
SELECT row_number() OVER (ORDER BY school_id, nth), CASE WHEN level <> 'X' THEN school_id END, 'B'
    || lpad(nth::text, 2, '0'), n.name, CASE WHEN nth <= 25 THEN '1' || lpad(nth::text, 2, '0') END,
    CASE WHEN nth <= 25 THEN 'Major' ELSE 'Minor' END, CASE WHEN nth <= 25 THEN 2 + nth % 4 ELSE 1 END, true
FROM generator.schools CROSS JOIN generator.event_names AS n
UNION ALL
SELECT (SELECT count(*) FROM generator.schools) * 33 + nth, NULL, 'D' || lpad(nth::text, 3, '0'),
    'District event ' || nth, CASE WHEN nth % 2 = 0 THEN '2' || lpad((nth % 100)::text, 2, '0') END,
    'District', 1, true
FROM generate_series(1, district_behavior_types()) AS nth
ORDER BY 1;

INSERT INTO behavior_resolution_type (
    type_id, school_id, code, name, state_resolution_code, category, removal, active)
SELECT row_number() OVER (ORDER BY school_id, nth), CASE WHEN level <> 'X' THEN school_id END, 'R' || nth,
    n.name, '50' || nth, CASE WHEN nth > 2 THEN 'Removal' ELSE 'Other' END, nth > 2, true
FROM generator.schools
CROSS JOIN unnest(ARRAY['Conference', 'Detention', 'In-school suspension', 'Out-of-school suspension'])
    WITH ORDINALITY AS n(name, nth)
UNION ALL
SELECT (SELECT count(*) FROM generator.schools) * 4 + nth, NULL, 'DR' || lpad(nth::text, 3, '0'),
    'District resolution ' || nth, CASE WHEN nth % 2 = 0 THEN '6' || lpad((nth % 100)::text, 2, '0') END,
    'District', false, true
FROM generate_series(1, district_resolution_types()) AS nth
ORDER BY 1;

INSERT INTO behavior_response_type (type_id, school_id, code, name, state_response_code, active)
SELECT row_number() OVER (ORDER BY school_id, nth), CASE WHEN level <> 'X' THEN school_id END, 'P' || nth,
    n.name, '70' || nth, true
FROM generator.schools
CROSS JOIN unnest(ARRAY['Restorative circle', 'Call home', 'Counseling']) WITH ORDINALITY AS n(name, nth)
UNION ALL
SELECT (SELECT count(*) FROM generator.schools) * 3 + nth, NULL, 'DP' || lpad(nth::text, 3, '0'),
    'District response ' || nth, '8' || lpad((nth % 100)::text, 2, '0'), true
FROM generate_series(1, district_response_types()) AS nth
ORDER BY 1;

-- An incident has one event, and one or two students take part in it.
CREATE UNLOGGED TABLE generator.incidents AS
SELECT n AS incident_id, s.person_id AS offender, s.calendar_id, s.school_id, d.date,
    time '08:00' + pick('incident.minute', n, 390) * interval '1 minute' AS at,
    1 + pick('incident.type', n, 25) AS type,
    one_of('incident.place', n, ARRAY['CLASS', 'HALL', 'CAFE', 'BUS', 'GYM', 'FIELD', 'ONLINE']) AS location,
    1 + pick('incident.other', n, students()) AS other, chance('incident.two', n) < 0.4 AS has_other
FROM generate_series(1, GREATEST(2, students() * 6 / 100)) AS n
JOIN generator.students AS s ON s.person_id = 1 + pick('incident.student', n, students())
JOIN generator.school_days AS d ON d.end_year = end_year() AND d.number = 1 + pick('incident.day', n, 160);

CREATE UNLOGGED TABLE generator.roles AS
SELECT row_number() OVER (ORDER BY incident_id, part)::int AS role_id, i.*, part,
    CASE part WHEN 1 THEN offender ELSE other END AS person_id
FROM generator.incidents AS i
CROSS JOIN LATERAL generate_series(1, CASE WHEN has_other AND other <> offender THEN 2 ELSE 1 END) AS part;

ANALYZE generator.incidents, generator.roles;

INSERT INTO behavior_incident (
    incident_id, calendar_id, end_year, occurred_on, title, status, location, location_description, context,
    alignment, details)
SELECT incident_id, calendar_id, end_year(), (date + at) AT TIME ZONE 'UTC', e.name || ' in '
    || initcap(location), 'Complete', location,
    CASE WHEN incident_id % 4 = 0 THEN 'Near the main entrance' END, 'DURING', 'SCHOOL',
    CASE WHEN incident_id % 3 = 0 THEN 'Reported by staff on duty.' END
FROM generator.incidents AS i JOIN generator.event_names AS e ON e.nth = i.type
ORDER BY incident_id;

INSERT INTO behavior_event (
    event_id, incident_id, event_type_id, end_year, event_code, event_name, violent, police_notified)
SELECT incident_id, incident_id, (school_id - 1) * 33 + type, end_year(), 'B' || lpad(type::text, 2, '0'),
    e.name, type IN (3, 4, 5, 13), type IN (4, 5, 13, 15, 20, 21, 22)
FROM generator.incidents AS i JOIN generator.event_names AS e ON e.nth = i.type
ORDER BY incident_id;

INSERT INTO behavior_role (role_id, event_id, person_id, end_year, role, injury, demerits)
SELECT role_id, incident_id, person_id, end_year(), CASE part WHEN 1 THEN 'OFFENDER' ELSE 'PARTICIPANT' END,
    CASE WHEN chance('role.injury', role_id) < 0.05 THEN 'MINOR' ELSE 'NONE' END,
    pick('role.demerits', role_id, 4)
FROM generator.roles
ORDER BY role_id;

INSERT INTO behavior_resolution (
    resolution_id, role_id, resolution_type_id, end_year, start_date, end_date, school_days, shortened,
    educational_services)
SELECT incident_id, role_id, (school_id - 1) * 4 + kind, end_year(), date + 1, date + 1 + days, days, false,
    kind = 4
FROM generator.roles
CROSS JOIN LATERAL (SELECT 1 + pick('resolution.kind', incident_id, 4) AS kind) AS k
CROSS JOIN LATERAL (
    SELECT CASE WHEN kind > 2 THEN 1 + pick('resolution.days', incident_id, 5) ELSE 0 END AS days
) AS d
WHERE part = 1
ORDER BY incident_id;

INSERT INTO behavior (
    behavior_id, person_id, calendar_id, end_year, incident_id, event_id, role_id, resolution_id,
    incident_date, location, role, event_type_id, event_code, event_name, resolution_type_id,
    resolution_code, resolution_name, resolution_start_date, resolution_end_date, days_removed, injury,
    weapon_code, drug_code)
SELECT r.incident_id, r.person_id, r.calendar_id, end_year(), r.incident_id, r.incident_id, r.role_id,
    v.resolution_id, r.date, r.location, 'OFFENDER', e.event_type_id, e.event_code, e.event_name,
    v.resolution_type_id, t.code, t.name, v.start_date, v.end_date, v.school_days, 'NONE',
    CASE WHEN r.type = 22 THEN 'KNIFE' END, CASE WHEN r.type IN (20, 21) THEN 'THC' END
FROM generator.roles AS r
JOIN behavior_event AS e ON e.event_id = r.incident_id
JOIN behavior_resolution AS v ON v.role_id = r.role_id
JOIN behavior_resolution_type AS t ON t.type_id = v.resolution_type_id
WHERE part = 1
ORDER BY r.incident_id;

ANALYZE behavior_type, behavior_resolution_type, behavior_event, behavior_role;
