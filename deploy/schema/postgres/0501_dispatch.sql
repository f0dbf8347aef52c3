-- +goose Up

-- Outbound messages that must wait: for their turn in the channel's pace, for a
-- provider to recover, or behind an earlier message to the same person. One row
-- a message; the row with the lowest seq of a lane is the only one worked on, so
-- order is kept. held says which pacing slots due_at already is.
CREATE TABLE dispatch_parked (
    tenant_id    text        NOT NULL,
    message_id   text        NOT NULL,
    seq          bigint      GENERATED ALWAYS AS IDENTITY,
    lane         text        NOT NULL,
    channel_id   text        NOT NULL,
    sandbox      boolean     NOT NULL,
    reason       text        NOT NULL,
    held         smallint    NOT NULL DEFAULT 0,
    spent        boolean     NOT NULL DEFAULT false, -- counted against the tenant's budget
    attempts     integer     NOT NULL DEFAULT 0,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    CONSTRAINT dispatch_parked_pkey PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT dispatch_parked_held CHECK (held BETWEEN 0 AND 2)
);
CREATE UNIQUE INDEX dispatch_parked_lane ON dispatch_parked (tenant_id, lane, seq);
CREATE INDEX dispatch_parked_due ON dispatch_parked (due_at);
SELECT frontdesk_isolate('dispatch_parked');
SELECT frontdesk_share('dispatch_parked');

-- Channels that may not send until blocked_until: asked to wait by the provider,
-- or down (down_since is set) and tried again with one message after that time.
-- A channel in order has no row.
CREATE TABLE dispatch_channels (
    tenant_id     text        NOT NULL,
    channel_id    text        NOT NULL,
    sandbox       boolean     NOT NULL,
    blocked_until timestamptz NOT NULL,
    down_since    timestamptz,
    code          text        NOT NULL DEFAULT '',
    credentials   text        NOT NULL DEFAULT '', -- fingerprint: new ones are tried at once
    probes        integer     NOT NULL DEFAULT 0,
    CONSTRAINT dispatch_channels_pkey PRIMARY KEY (tenant_id, channel_id, sandbox)
);
SELECT frontdesk_isolate('dispatch_channels');
SELECT frontdesk_share('dispatch_channels');

-- What a tenant with a daily budget has sent of its own accord, by the tenant's
-- own date. Tenants without a budget have no rows.
CREATE TABLE dispatch_usage (
    tenant_id text    NOT NULL,
    day       date    NOT NULL,
    messages  integer NOT NULL,
    CONSTRAINT dispatch_usage_pkey PRIMARY KEY (tenant_id, day)
);
SELECT frontdesk_isolate('dispatch_usage');
