from django.db import migrations

# A rule over two tables, which a check constraint cannot hold. Being due begins with an alert and ends for good, so
# there is nothing to watch but the deletion.
FORWARD = """
CREATE FUNCTION process_alerts_keep_what_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM process_alerts_processalert WHERE id = NEW.alert_id AND due_on IS NOT NULL AND settled_at IS NULL)
    THEN
        RAISE EXCEPTION 'Alert % is due: it stays until it is settled.', NEW.alert_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_is_due_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER what_is_due_stays BEFORE INSERT OR UPDATE OF deleted_at ON process_alerts_alertrecipient
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION process_alerts_keep_what_is_due();
"""
BACKWARD = """
DROP TRIGGER what_is_due_stays ON process_alerts_alertrecipient;
DROP FUNCTION process_alerts_keep_what_is_due();
"""


class Migration(migrations.Migration):
    dependencies = [("process_alerts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
