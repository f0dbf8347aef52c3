-- Only primary keys begin with the tenant, here and in the next migrations: where
-- several indexes do, a planner without statistics takes any of them for any
-- row of the tenant and reads all of them. Ids are unique beyond the tenant.
--
-- People as a tenant knows them. A contact has an id of its own; what providers
-- call the person are its identifiers, so that a phone and a WhatsApp user id
-- seen together are one contact and a changed number keeps its history.

-- +goose Up
CREATE TABLE contacts (
    tenant_id   text        NOT NULL,
    id          text        NOT NULL,
    number      bigint      NOT NULL,
    name        text        NOT NULL DEFAULT '',
    name_at     timestamptz NOT NULL DEFAULT 'epoch', -- provider's time of the message that bore name and username
    username    text        NOT NULL DEFAULT '',
    language    text        NOT NULL DEFAULT '',
    merged_into text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contacts_number UNIQUE (number, tenant_id),
    CONSTRAINT contacts_merged_into FOREIGN KEY (tenant_id, merged_into) REFERENCES contacts (tenant_id, id)
);
SELECT frontdesk_isolate('contacts');

-- retired_at is set when a provider says that the person left this identifier:
-- messages up to then are still theirs, whoever writes from it later is someone
-- else, who then has it, with the one before kept as former.
CREATE TABLE contact_identifiers (
    tenant_id  text        NOT NULL,
    kind       text        NOT NULL,
    value      text        NOT NULL,
    contact_id text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    former_contact_id text,
    former_until      timestamptz,
    CONSTRAINT contact_identifiers_pkey PRIMARY KEY (tenant_id, kind, value),
    CONSTRAINT contact_identifiers_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT contact_identifiers_former FOREIGN KEY (tenant_id, former_contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_identifiers_by_contact ON contact_identifiers (contact_id, tenant_id);
SELECT frontdesk_isolate('contact_identifiers');

-- What was merged or re-keyed and why, so that it can be looked at and undone.
CREATE TABLE contact_history (
    tenant_id  text        NOT NULL,
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    contact_id text        NOT NULL,
    kind       text        NOT NULL,
    detail     jsonb       NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_history_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contact_history_kind CHECK (kind IN ('merged', 'rekeyed', 'reassigned')),
    CONSTRAINT contact_history_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_history_by_contact ON contact_history (contact_id, tenant_id, id);
SELECT frontdesk_isolate('contact_history');

-- The latest wish by the time it was made at; an older one that comes later
-- changes nothing.
CREATE TABLE contact_preferences (
    tenant_id  text        NOT NULL,
    contact_id text        NOT NULL,
    channel_id text        NOT NULL,
    category   text        NOT NULL,
    allowed    boolean     NOT NULL,
    source     text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT contact_preferences_pkey PRIMARY KEY (tenant_id, contact_id, channel_id, category),
    CONSTRAINT contact_preferences_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
SELECT frontdesk_isolate('contact_preferences');
