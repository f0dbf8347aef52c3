-- What a merge changed, so that it can be undone exactly.

-- +goose Up
-- journal is both contacts as they were and every row that was pointed from one
-- to the other. A merge that was undone keeps its row.
CREATE TABLE contact_merges (
    tenant_id   text        NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    survivor_id text        NOT NULL,
    merged_id   text        NOT NULL,
    actor       text        NOT NULL DEFAULT '', -- contact: what they wrote showed it
    journal     jsonb       NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_at   timestamptz,
    CONSTRAINT contact_merges_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contact_merges_apart CHECK (survivor_id <> merged_id),
    CONSTRAINT contact_merges_survivor FOREIGN KEY (tenant_id, survivor_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT contact_merges_merged FOREIGN KEY (tenant_id, merged_id) REFERENCES contacts (tenant_id, id)
);
-- A contact is merged into one other at a time.
CREATE UNIQUE INDEX contact_merges_once ON contact_merges (merged_id, tenant_id) WHERE undone_at IS NULL;
CREATE INDEX contact_merges_by_survivor ON contact_merges (survivor_id, tenant_id);
SELECT frontdesk_isolate('contact_merges');

ALTER TABLE contacts ADD CONSTRAINT contacts_merged_apart CHECK (merged_into <> id);
ALTER TABLE contact_history DROP CONSTRAINT contact_history_kind;
ALTER TABLE contact_history ADD CONSTRAINT contact_history_kind CHECK (kind IN ('merged', 'rekeyed', 'reassigned', 'unmerged'));
