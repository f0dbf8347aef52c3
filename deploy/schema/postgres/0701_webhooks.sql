-- Developers' endpoints for events, and what is delivered to them.

-- +goose Up

-- secrets is sealed: the HMAC secrets and Ed25519 keys, those being replaced
-- too. agent_id and channels narrow an endpoint to one agent's and some
-- channels' events; empty is all. schedule is the pauses between the attempts;
-- empty is the default. The last five columns of health are written by the
-- sender alone, and only where something changes.
CREATE TABLE webhook_endpoints (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    agent_id        text        NOT NULL DEFAULT '',
    url             text        NOT NULL,
    description     text        NOT NULL DEFAULT '',
    events          text[]      NOT NULL,
    format          text        NOT NULL,
    channels        text[]      NOT NULL DEFAULT '{}',
    mode            text        NOT NULL DEFAULT 'all',
    rate            integer     NOT NULL DEFAULT 0, -- attempts a second; 0 is no limit
    concurrency     integer     NOT NULL DEFAULT 8,
    timeout_ms      integer     NOT NULL DEFAULT 15000,
    schedule        integer[]   NOT NULL DEFAULT '{}', -- seconds
    secrets         bytea       NOT NULL,
    public_key      text        NOT NULL,
    older_until     timestamptz, -- the secret before this one signs too until then
    enabled         boolean     NOT NULL DEFAULT true,
    disabled_reason text        NOT NULL DEFAULT '',
    disabled_at     timestamptz,
    failures        integer     NOT NULL DEFAULT 0, -- in a row
    failing_since   timestamptz, -- the first of these
    failed_at       timestamptz, -- the last
    open_until      timestamptz, -- nothing is sent before: the circuit is open, or it asked to wait
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_endpoints_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT webhook_endpoints_url UNIQUE (tenant_id, url, agent_id),
    CONSTRAINT webhook_endpoints_mode CHECK (mode IN ('all', 'live', 'test')),
    CONSTRAINT webhook_endpoints_pace CHECK (rate >= 0 AND concurrency BETWEEN 1 AND 64 AND timeout_ms BETWEEN 1000 AND 30000)
);
SELECT frontdesk_isolate('webhook_endpoints');
SELECT frontdesk_share('webhook_endpoints');

-- One row for each event and endpoint. The id is derived from the two, so the
-- key lets an event in once however often it is read. A pending row is sent
-- when due and not leased; attempt counts all attempts and fences them: what a
-- sender learned is written only if no other attempt was begun meanwhile. tries
-- counts those since the row was made or replayed. A lease does not move due_at,
-- so taking one touches no index.
CREATE TABLE webhook_deliveries (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    endpoint_id     text        NOT NULL,
    event_id        text        NOT NULL,
    event_type      text        NOT NULL, -- as the endpoint's format calls it
    body            bytea       NOT NULL,
    status          text        NOT NULL DEFAULT 'pending',
    due_at          timestamptz NOT NULL DEFAULT now(),
    leased_until    timestamptz,
    attempt         integer     NOT NULL DEFAULT 0,
    tries           integer     NOT NULL DEFAULT 0,
    response_status integer     NOT NULL DEFAULT 0, -- of the last attempt; 0: there was no answer
    error           text        NOT NULL DEFAULT '',
    log             jsonb       NOT NULL DEFAULT '[]', -- the last attempts with request and response
    created_at      timestamptz NOT NULL DEFAULT now(),
    settled_at      timestamptz,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_deliveries_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed'))
) WITH (fillfactor = 70);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, endpoint_id, due_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id, tenant_id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries USING brin (created_at);
SELECT frontdesk_isolate('webhook_deliveries');
SELECT frontdesk_share('webhook_deliveries');
