-- What a business knows of its contacts besides what providers tell.

-- +goose Up
-- fields is what the business made up: by its definitions where there are any.
-- A contact that was erased keeps its row, empty: conversations and counts refer
-- to it, and nothing in it says who it was.
ALTER TABLE contacts
    ADD COLUMN email      text        NOT NULL DEFAULT '',
    ADD COLUMN notes      text        NOT NULL DEFAULT '',
    ADD COLUMN tags       text[]      NOT NULL DEFAULT '{}',
    ADD COLUMN fields     jsonb       NOT NULL DEFAULT '{}',
    ADD COLUMN segment    text        NOT NULL DEFAULT 'lead',
    ADD COLUMN stage      text        NOT NULL DEFAULT '',
    ADD COLUMN source     text        NOT NULL DEFAULT '',
    ADD COLUMN request_key text,
    ADD COLUMN erased_at  timestamptz,
    ADD CONSTRAINT contacts_segment CHECK (segment IN ('lead', 'active', 'inactive', 'vip'));
CREATE UNIQUE INDEX contacts_request ON contacts (request_key, tenant_id) WHERE request_key IS NOT NULL;

CREATE TABLE contact_fields (
    tenant_id  text        NOT NULL,
    name       text        NOT NULL,
    type       text        NOT NULL,
    options    text[]      NOT NULL DEFAULT '{}', -- of a choice
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_fields_pkey PRIMARY KEY (tenant_id, name),
    CONSTRAINT contact_fields_type CHECK (type IN ('text', 'number', 'boolean', 'date', 'choice'))
);
SELECT frontdesk_isolate('contact_fields');
