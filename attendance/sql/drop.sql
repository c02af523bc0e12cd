-- Takes back what tables.sql and triggers.sql made, with everything in it; the schema and who may use it stay.
-- Without CASCADE: what somebody built on it stops the drop.

DO $$
BEGIN
    IF (SELECT relkind = 'v' FROM pg_class WHERE oid = to_regclass('public.att_day_aggregation')) THEN
        DROP VIEW public.att_day_aggregation;
    END IF;
END
$$;

DROP TABLE IF EXISTS attendance.period_attendance, attendance.touched, attendance.att_day_aggregation;
DROP FUNCTION IF EXISTS attendance.touch()
