-- What the district's employees do, and what they learned for it.

INSERT INTO employment (
    employment_id, person_id, start_date, start_status, teaching_start_year, years_experience, license_number,
    seniority_date, fte_percent)
SELECT number, person_id, hired, '01', CASE WHEN teacher THEN extract(year FROM hired) END, years,
    'L' || lpad((100000 + pick('license', number, 900000))::text, 6, '0'), hired,
    CASE WHEN pick('fte', number, 10) < 9 THEN 1 ELSE 0.5 END
FROM generator.staff;

INSERT INTO employment_assignment (
    assignment_id, person_id, school_id, employment_id, start_date, title, assignment_code, department,
    fte_percent, is_primary, teacher, special_ed, behavior_admin, exclude)
SELECT row_number() OVER (ORDER BY number, seq), person_id,
    CASE WHEN seq = 1 THEN school_id ELSE 1 + pick('staff.second_school', number, regular_schools()) END,
    number,
    first_day(end_year()) - 7,
    CASE WHEN teacher THEN 'Teacher' ELSE one_of('staff.title', number,
        ARRAY['Counselor', 'Paraprofessional', 'Librarian', 'Nurse', 'Office manager', 'Assistant principal',
            'Custodian', 'Psychologist']) END,
    CASE WHEN teacher THEN '2100' ELSE (3000 + pick('staff.title', number, 8) * 100)::text END,
    CASE WHEN teacher THEN one_of('staff.department', number,
        ARRAY['English', 'Mathematics', 'Science', 'Social Studies', 'Elementary', 'Special Education',
            'Arts']) END,
    CASE WHEN seq = 1 THEN 0.8 ELSE 0.2 END, seq = 1, teacher, chance('staff.special', number) < 0.12,
    chance('staff.behavior', number) < 0.04, false
FROM generator.staff
CROSS JOIN LATERAL generate_series(1, 1 + (chance('staff.second', number) < 0.15)::int) AS seq;

INSERT INTO employment_credential (
    credential_id, person_id, credential_type, credential_code, number, subject_area, level, issue_date,
    expiration_date, institution, highly_qualified)
SELECT row_number() OVER (ORDER BY s.number, seq), person_id,
    (ARRAY['DEGREE', 'LICENSE', 'ENDORSEMENT'])[seq], (ARRAY['BA', 'STD', 'END'])[seq],
    'C' || s.number || '-' || seq,
    one_of('credential.subject', s.number * 4 + seq,
        ARRAY['English', 'Mathematics', 'Science', 'Social Studies', 'Elementary']),
    (ARRAY['Bachelor', 'Standard', 'Add-on'])[seq], hired - 90 * (4 - seq::int),
    CASE WHEN seq > 1 THEN make_date(end_year() + 1 + pick('credential.expires', s.number, 4), 6, 30) END,
    CASE WHEN seq = 1 THEN one_of('credential.from', s.number,
        ARRAY['Basin State University', 'Silver State College', 'High Plains University',
            'Pacific Crest College']) END, teacher
FROM generator.staff AS s
CROSS JOIN LATERAL generate_series(1, 1 + (chance('credential.two', s.number) < 0.65)::int
    + (chance('credential.two', s.number) < 0.265)::int) AS seq;
