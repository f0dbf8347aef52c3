-- An appointment's number is looked up. The index is built beside what is written
-- meanwhile; one that an earlier attempt left unfinished goes first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS appointments_number;
CREATE UNIQUE INDEX CONCURRENTLY appointments_number ON appointments (tenant_id, number);
