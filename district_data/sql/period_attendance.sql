-- Who was away, period by period. Most students are away for a few days, some for weeks. Days 23 school days apart
-- never meet: the year has more than 161 of them, and 167 is a prime number.

INSERT INTO attendance.period_attendance (
    attendance_id, person_id, enrollment_id, calendar_id, structure_id, date, period_id, excuse_id, status, minutes)
WITH away AS (
    SELECT person_id, calendar_id, structure_id, d.date,
        (ARRAY['day', 'day', 'day', 'day', 'half', 'half', 'late'])
            [1 + pick('attendance.length', person_id * 64 + nth, 7)] AS kind,
        chance('attendance.excused', person_id * 64 + nth) AS excused,
        pick('attendance.reason', person_id * 64 + nth, 8) AS reason
    FROM generator.students AS s
    CROSS JOIN LATERAL generate_series(1, (power(chance('attendance', person_id), 3) * 28)::int) AS nth
    JOIN generator.school_days AS d ON d.end_year = end_year()
        AND d.number = 1 + (pick('attendance.first', person_id, 167) + nth * 23) % 167
    WHERE NOT s.no_show AND d.date BETWEEN s.start_date AND COALESCE(s.end_date, s.last_day)
), coded AS (
    SELECT *, CASE
        WHEN kind = 'late' THEN 'TDY'
        -- Away for the school: an exempt excuse, which counts as present
        WHEN excused < 0.03 THEN 'ACT'
        WHEN excused < 0.6 THEN (ARRAY['ILL', 'ILL', 'ILL', 'ILL', 'ILL', 'MED', 'MED', 'REL'])[1 + reason]
        WHEN reason < 2 THEN 'TRU' WHEN reason < 7 THEN 'UNX' END AS code
    FROM away
-- The second track of a school goes by the bells of the first.
), bells AS (
    SELECT calendar_id, period_id, p.seq, count(*) OVER (PARTITION BY calendar_id) AS periods
    FROM period_schedule AS p JOIN generator.structures AS t USING (structure_id)
)
SELECT row_number() OVER (ORDER BY person_id, date, b.seq), person_id, person_id, calendar_id, structure_id, date,
    b.period_id, x.excuse_id, CASE kind WHEN 'late' THEN 'T' ELSE 'A' END,
    CASE WHEN kind = 'late' THEN 20 WHEN kind = 'half' AND periods = 1 THEN 185 END
FROM coded JOIN bells AS b USING (calendar_id)
LEFT JOIN attendance_excuse AS x USING (calendar_id, code)
WHERE kind = 'day' OR (kind = 'half' AND (b.seq * 2 <= periods OR periods = 1)) OR (kind = 'late' AND b.seq = 1);

-- New attendance follows.
SELECT setval(pg_get_serial_sequence('attendance.period_attendance', 'attendance_id'),
    (SELECT COALESCE(max(attendance_id), 0) + 1 FROM attendance.period_attendance), false)
