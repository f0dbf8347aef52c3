-- Usage counts the messages of some days. They lie in the table in the order in
-- which they came, so an index of blocks finds them, at next to no cost for who
-- writes them.

-- +goose Up
CREATE INDEX messages_by_day ON messages USING brin (created_at) WITH (pages_per_range = 32);
