-- Receipts of messages that were never ours go after thirty days. Without an
-- index all of the tenant's were read for each batch that brought one. It is
-- built beside what is written meanwhile; one that an earlier attempt left
-- unfinished goes first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS early_receipts_age;
CREATE INDEX CONCURRENTLY early_receipts_age ON early_receipts (tenant_id, created_at);
