-- Indexes, and what fills attendance.touched: whoever changes attendance, by whatever program, leaves a trace of the
-- days that must be added up again. A row that is deleted leaves one too.

CREATE INDEX IF NOT EXISTS period_attendance_day ON attendance.period_attendance (calendar_id, person_id, date);
CREATE INDEX IF NOT EXISTS att_day_aggregation_key ON attendance.att_day_aggregation (att_day_aggregation_id);
CREATE INDEX IF NOT EXISTS att_day_aggregation_day
    ON attendance.att_day_aggregation (calendar_id, person_id, date);
CREATE INDEX IF NOT EXISTS touched_at ON attendance.touched (touched_at);

-- With the rights of its owner: whoever enters attendance needs none on the queue.
CREATE OR REPLACE FUNCTION attendance.touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO attendance.touched (person_id, calendar_id, date)
        SELECT DISTINCT person_id, calendar_id, date FROM is_there;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO attendance.touched (person_id, calendar_id, date)
        SELECT DISTINCT person_id, calendar_id, date FROM was_there;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER touched_by_insert AFTER INSERT ON attendance.period_attendance
REFERENCING NEW TABLE AS is_there FOR EACH STATEMENT EXECUTE FUNCTION attendance.touch();

CREATE OR REPLACE TRIGGER touched_by_update AFTER UPDATE ON attendance.period_attendance
REFERENCING OLD TABLE AS was_there NEW TABLE AS is_there FOR EACH STATEMENT EXECUTE FUNCTION attendance.touch();

CREATE OR REPLACE TRIGGER touched_by_delete AFTER DELETE ON attendance.period_attendance
REFERENCING OLD TABLE AS was_there FOR EACH STATEMENT EXECUTE FUNCTION attendance.touch();
