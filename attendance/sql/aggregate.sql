-- Adds the periods of chosen days of students up to one row a day. docs/attendance.md has the rules in words.
--
-- A row keeps its key for ever, and one that comes out as it was is not written: the state sees only real changes. A
-- day without absence any more keeps its row, with zeros, because a resync never deletes at the state.
--
-- The parts in braces come from aggregation.py: which days are chosen, and what modified_date becomes. The district's
-- tables promise nothing, so a key may be there twice, and a time may be unreadable.

WITH {chosen},
calendars AS (
    SELECT DISTINCT ON (calendar_id) calendar_id, end_year, student_day, whole_day_absence, half_day_absence
    FROM public.calendar
    ORDER BY calendar_id, end_year
),
excuses AS (
    SELECT DISTINCT ON (excuse_id) excuse_id, excuse FROM public.attendance_excuse ORDER BY excuse_id, excuse
),
lengths AS (
    SELECT DISTINCT ON (period_id) period_id, structure_id, period_schedule_id,
        CASE
            WHEN non_instructional THEN 0
            WHEN start_time ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$' AND end_time ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$'
            THEN GREATEST(0, (extract(epoch FROM end_time::time - start_time::time) / 60)::int
                - GREATEST(0, COALESCE(lunch_minutes, 0)))
        END AS minutes
    FROM public.period_schedule
    ORDER BY period_id, structure_id, start_time, end_time
),
periods AS (
    SELECT period_id, structure_id, minutes,
        sum(minutes) OVER (PARTITION BY structure_id, period_schedule_id) AS bell_minutes
    FROM lengths
),
longest_bells AS (
    SELECT structure_id, max(bell_minutes) AS minutes FROM periods GROUP BY structure_id
),
-- A day counts for who is enrolled in the calendar then; of several enrollments the primary one is named.
enrolled AS (
    SELECT DISTINCT ON (c.person_id, c.calendar_id, c.date) c.person_id, c.calendar_id, c.date, e.enrollment_id,
        e.structure_id
    FROM chosen AS c
    JOIN public.enrollment AS e ON e.person_id = c.person_id AND e.calendar_id = c.calendar_id
    WHERE c.date BETWEEN e.start_date AND COALESCE(e.end_date, 'infinity') AND e.no_show IS NOT TRUE
    ORDER BY c.person_id, c.calendar_id, c.date, COALESCE(e.service_type = 'P', false) DESC, e.enrollment_id
),
days AS (
    SELECT DISTINCT ON (n.person_id, n.calendar_id, n.date) n.person_id, n.calendar_id, n.date, d.student_day,
        COALESCE(d.attendance, d.instruction, d.school_day, true) AS attendance
    FROM enrolled AS n
    JOIN public.day AS d ON d.calendar_id = n.calendar_id AND d.date = n.date
        AND (d.structure_id = n.structure_id OR d.structure_id IS NULL)
    ORDER BY n.person_id, n.calendar_id, n.date, d.structure_id, d.day_id
),
-- An exempt excuse (X) makes the student present. Being late is not an absence.
events AS (
    SELECT c.person_id, c.calendar_id, c.date, a.period_id, p.minutes AS period_minutes, p.bell_minutes,
        a.status = 'T' AS tardy, COALESCE(x.excuse = 'E', false) AS excused,
        CASE a.status WHEN 'A' THEN COALESCE(a.minutes, p.minutes, 0) WHEN 'E' THEN COALESCE(a.minutes, 0) ELSE 0 END
            AS minutes
    FROM chosen AS c
    JOIN attendance.period_attendance AS a USING (person_id, calendar_id, date)
    LEFT JOIN periods AS p USING (period_id)
    LEFT JOIN excuses AS x USING (excuse_id)
    WHERE x.excuse IS DISTINCT FROM 'X'
),
-- Nobody misses more of a period than there is; what is not excused comes first. LEAST passes over an unknown length.
by_period AS (
    SELECT person_id, calendar_id, date, min(period_minutes) AS period_minutes, max(bell_minutes) AS bell_minutes,
        bool_or(tardy) AS tardy, COALESCE(sum(minutes) FILTER (WHERE excused), 0) AS excused,
        LEAST(COALESCE(sum(minutes) FILTER (WHERE NOT excused), 0), min(period_minutes)) AS unexcused
    FROM events
    GROUP BY person_id, calendar_id, date, period_id
),
by_day AS (
    SELECT person_id, calendar_id, date, max(bell_minutes) AS bell_minutes, bool_or(tardy) AS tardy,
        sum(unexcused) AS unexcused, sum(LEAST(excused, period_minutes - unexcused)) AS excused
    FROM by_period
    GROUP BY person_id, calendar_id, date
),
scheduled AS (
    SELECT c.person_id, c.calendar_id, c.date, k.end_year, k.whole_day_absence, k.half_day_absence,
        n.enrollment_id, n.structure_id, counts,
        COALESCE(counts AND b.tardy, false) AS tardy, b.unexcused, b.excused,
        -- The bell schedule in which attendance was taken; a day that is shorter counts with its own length.
        CASE WHEN counts THEN GREATEST(0, LEAST(
            COALESCE(b.bell_minutes, l.minutes, d.student_day, k.student_day, 0), d.student_day, 1440)) ELSE 0
        END AS minutes
    FROM chosen AS c
    JOIN calendars AS k USING (calendar_id)
    LEFT JOIN enrolled AS n USING (person_id, calendar_id, date)
    LEFT JOIN days AS d USING (person_id, calendar_id, date)
    LEFT JOIN by_day AS b USING (person_id, calendar_id, date)
    LEFT JOIN longest_bells AS l ON l.structure_id = n.structure_id
    CROSS JOIN LATERAL (SELECT n.person_id IS NOT NULL AND COALESCE(d.attendance, true) AS counts) AS x
),
missed AS (
    SELECT s.*, unexcused_minutes, LEAST(COALESCE(excused, 0), minutes - unexcused_minutes) AS excused_minutes
    FROM scheduled AS s
    CROSS JOIN LATERAL (SELECT LEAST(COALESCE(unexcused, 0), minutes) AS unexcused_minutes) AS u
),
result AS (
    SELECT m.*, absent_minutes,
        CASE
            WHEN absent_minutes = 0 THEN 0
            WHEN COALESCE(whole_day_absence, half_day_absence) IS NULL THEN round(absent_minutes / minutes, 3)
            WHEN absent_minutes >= LEAST(whole_day_absence, minutes) THEN 1
            WHEN absent_minutes >= half_day_absence THEN 0.5
            ELSE 0
        END AS absent_days
    FROM missed AS m
    CROSS JOIN LATERAL (SELECT (unexcused_minutes + excused_minutes)::numeric AS absent_minutes) AS a
),
updated AS (
    UPDATE attendance.att_day_aggregation AS t
    SET structure_id = COALESCE(r.structure_id, t.structure_id),
        enrollment_id = COALESCE(r.enrollment_id, t.enrollment_id), end_year = r.end_year,
        scheduled_minutes = r.minutes, absent_minutes = r.absent_minutes,
        excused_absent_minutes = r.excused_minutes, unexcused_absent_minutes = r.unexcused_minutes,
        absent_days = r.absent_days, tardy = r.tardy, modified_date = {modified}
    FROM result AS r
    WHERE t.person_id = r.person_id AND t.calendar_id = r.calendar_id AND t.date = r.date
        AND (t.structure_id, t.enrollment_id, t.end_year, t.scheduled_minutes, t.absent_minutes,
            t.excused_absent_minutes, t.unexcused_absent_minutes, t.absent_days, t.tardy)
        IS DISTINCT FROM (COALESCE(r.structure_id, t.structure_id), COALESCE(r.enrollment_id, t.enrollment_id),
            r.end_year, r.minutes, r.absent_minutes, r.excused_minutes, r.unexcused_minutes, r.absent_days, r.tardy)
    RETURNING 1
),
inserted AS (
    INSERT INTO attendance.att_day_aggregation (
        att_day_aggregation_id, person_id, calendar_id, structure_id, enrollment_id, end_year, date,
        scheduled_minutes, absent_minutes, excused_absent_minutes, unexcused_absent_minutes, absent_days, tardy,
        modified_date)
    SELECT (SELECT COALESCE(max(att_day_aggregation_id), 0) FROM attendance.att_day_aggregation)
            + row_number() OVER (ORDER BY r.person_id, r.date, r.calendar_id),
        r.person_id, r.calendar_id, r.structure_id, r.enrollment_id, r.end_year, r.date, r.minutes,
        r.absent_minutes, r.excused_minutes, r.unexcused_minutes, r.absent_days, r.tardy, {modified}
    FROM result AS r
    WHERE (r.absent_minutes > 0 OR r.tardy) AND NOT EXISTS (
        SELECT FROM attendance.att_day_aggregation AS t
        WHERE t.person_id = r.person_id AND t.calendar_id = r.calendar_id AND t.date = r.date)
    ORDER BY 1
    RETURNING 1
)
SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)
