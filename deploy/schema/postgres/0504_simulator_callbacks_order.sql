-- The callbacks of a message are delivered one after the other: for each that is
-- due an earlier one is looked for, among all of the tenant's without this. The
-- index is built beside what is written meanwhile; one that an earlier attempt
-- left unfinished goes first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS simulator_callbacks_order;
CREATE INDEX CONCURRENTLY simulator_callbacks_order ON simulator_callbacks (tenant_id, message_id, seq);
