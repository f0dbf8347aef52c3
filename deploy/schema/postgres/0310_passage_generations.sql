-- A replica that holds a large tenant's passages in an index of its own reads,
-- after a change, only what was written since: the passages of later generations.

-- +goose Up
ALTER TABLE passages ADD COLUMN generation bigint NOT NULL DEFAULT 0; -- the knowledge's, when this was written
CREATE INDEX passages_by_generation ON passages (tenant_id, generation);
