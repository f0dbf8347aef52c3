-- What is left of a person who was erased: that it was done, and what they
-- did not want.

-- +goose Up
-- hash chains the receipts of a tenant: it covers the one before and all of this
-- row, so that none can be changed or taken out unseen.
CREATE TABLE contact_erasures (
    tenant_id  text        NOT NULL,
    id         text        NOT NULL,
    number     bigint      NOT NULL,
    contact_id text        NOT NULL,
    actor      text        NOT NULL DEFAULT '',
    counts     jsonb       NOT NULL,
    hash       bytea       NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT contact_erasures_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contact_erasures_number UNIQUE (number, tenant_id)
);
SELECT frontdesk_isolate('contact_erasures');

-- identifier is a keyed hash, whose key is not in the database: a phone number
-- could be found by trying all. Whoever comes back under it still does not want
-- what they did not want.
CREATE TABLE erased_wishes (
    tenant_id  text        NOT NULL,
    identifier bytea       NOT NULL,
    channel_id text        NOT NULL,
    category   text        NOT NULL,
    source     text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT erased_wishes_pkey PRIMARY KEY (tenant_id, identifier, channel_id, category)
);
SELECT frontdesk_isolate('erased_wishes');

-- When who had an identifier was erased last, by the same hash: a notice of
-- their wishes from before then is not to make them known again.
CREATE TABLE erased_identifiers (
    tenant_id  text        NOT NULL,
    identifier bytea       NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT erased_identifiers_pkey PRIMARY KEY (tenant_id, identifier)
);
SELECT frontdesk_isolate('erased_identifiers');
