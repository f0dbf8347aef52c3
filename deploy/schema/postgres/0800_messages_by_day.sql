-- Usage counts the messages of some days. They lie in the table in the order in
-- which they came, so an index of blocks finds them, at next to no cost for who
-- writes them. It is built beside what is written meanwhile; one that an earlier
-- attempt left unfinished goes first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS messages_by_day;
CREATE INDEX CONCURRENTLY messages_by_day ON messages USING brin (created_at) WITH (pages_per_range = 32);
