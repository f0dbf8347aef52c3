-- Answers kept for requests with an Idempotency-Key, so that a repeat gets the
-- same one. The key is scoped to tenant, mode, method and route: without the
-- tenant one caller could read another's answer. answer is null while the first
-- request runs; locked_until is when a repeat may take over from one that died.

-- +goose Up
CREATE TABLE idempotency_keys (
    tenant_id    text        NOT NULL,
    mode         text        NOT NULL,
    method       text        NOT NULL,
    route        text        NOT NULL,
    key          text        NOT NULL,
    fingerprint  bytea       NOT NULL,
    owner        text        NOT NULL, -- the request that runs or ran
    effect       text        NOT NULL, -- the first owner: it names the effect for who takes over
    locked_until timestamptz NOT NULL,
    status       integer,
    answer       bytea,               -- sealed: it may bear a secret shown once
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, mode, method, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
SELECT frontdesk_isolate('idempotency_keys');
SELECT frontdesk_share('idempotency_keys');
