-- Busy times by two plain columns instead of a range with its index: what asks
-- whether ranges overlap bounds no index under row-level security.
--
-- Programs of release 0.2 write and read the range while a deployment is brought
-- up to date, so it stays, and is kept in step with the two columns, until the
-- release after this one.

-- +goose Up
ALTER TABLE staff_busy ADD COLUMN starts_at timestamptz, ADD COLUMN ends_at timestamptz;
UPDATE staff_busy SET starts_at = lower(during), ends_at = upper(during);
DROP INDEX staff_busy_of;
ALTER TABLE staff_busy
    DROP CONSTRAINT staff_busy_during,
    ALTER COLUMN during DROP NOT NULL,
    ALTER COLUMN starts_at SET NOT NULL,
    ALTER COLUMN ends_at SET NOT NULL,
    ADD CONSTRAINT staff_busy_lasts CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at));
CREATE INDEX staff_busy_of ON staff_busy (staff_id, starts_at) INCLUDE (ends_at, tenant_id);

-- +goose StatementBegin
CREATE FUNCTION frontdesk_busy_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.starts_at IS NULL THEN
        NEW.starts_at := lower(NEW.during);
        NEW.ends_at := upper(NEW.during);
    ELSIF NEW.during IS NULL AND NEW.ends_at > NEW.starts_at THEN
        NEW.during := tstzrange(NEW.starts_at, NEW.ends_at);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER busy_bounds BEFORE INSERT ON staff_busy FOR EACH ROW EXECUTE FUNCTION frontdesk_busy_bounds();
