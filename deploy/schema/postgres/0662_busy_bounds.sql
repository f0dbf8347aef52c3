-- Busy times by two plain columns instead of a range with its index: what asks
-- whether ranges overlap bounds no index under row-level security. And an
-- appointment's number is looked up.

-- +goose Up
ALTER TABLE staff_busy ADD COLUMN starts_at timestamptz, ADD COLUMN ends_at timestamptz;
UPDATE staff_busy SET starts_at = lower(during), ends_at = upper(during);
DROP INDEX staff_busy_of;
ALTER TABLE staff_busy
    DROP COLUMN during,
    ALTER COLUMN starts_at SET NOT NULL,
    ALTER COLUMN ends_at SET NOT NULL,
    ADD CONSTRAINT staff_busy_lasts CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at));
CREATE INDEX staff_busy_of ON staff_busy (staff_id, starts_at) INCLUDE (ends_at, tenant_id);

ALTER TABLE appointments ADD CONSTRAINT appointments_number UNIQUE (tenant_id, number);
