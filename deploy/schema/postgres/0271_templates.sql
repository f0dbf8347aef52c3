-- Message templates as far as they are known here: made by API, fetched from the
-- provider, or heard of in its notices. components is null where only a notice
-- told of one. status_at, category_at and quality_at are the provider's times of
-- the last notice that told of each, in whole seconds: an older one changes
-- nothing.

-- +goose Up
CREATE TABLE templates (
    tenant_id        text        NOT NULL,
    id               text        NOT NULL,
    account          text        NOT NULL,
    test             boolean     NOT NULL,
    name             text        NOT NULL,
    language         text        NOT NULL,
    category         text        NOT NULL DEFAULT '',
    status           text        NOT NULL,
    quality          text        NOT NULL DEFAULT '',
    reason           text        NOT NULL DEFAULT '',
    parameter_format text        NOT NULL DEFAULT '',
    components       json,
    provider_id      text        NOT NULL DEFAULT '',
    status_at        timestamptz NOT NULL DEFAULT 'epoch',
    category_at      timestamptz NOT NULL DEFAULT 'epoch',
    quality_at       timestamptz NOT NULL DEFAULT 'epoch',
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT templates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT templates_name UNIQUE (tenant_id, account, test, name, language)
);
SELECT frontdesk_isolate('templates');
