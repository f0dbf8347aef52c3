-- A tenant's messages of some days, which its usage counts. The index of blocks
-- that was there before knew no tenant: to count a day, all of everybody's rows
-- of that day were read. It is built beside what is written meanwhile; one that
-- an earlier attempt left unfinished goes first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS messages_of_days;
CREATE INDEX CONCURRENTLY messages_of_days ON messages (tenant_id, created_at);
DROP INDEX CONCURRENTLY IF EXISTS messages_by_day;
