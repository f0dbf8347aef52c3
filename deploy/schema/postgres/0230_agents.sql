-- Configured assistants, the turns they took, and the conversations that wait
-- for one.

-- +goose Up
CREATE TABLE agents (
    tenant_id     text        NOT NULL,
    id            text        NOT NULL,
    number        bigint      NOT NULL,
    name          text        NOT NULL,
    status        text        NOT NULL DEFAULT 'active',
    channels      text[]      NOT NULL DEFAULT '{}',
    debounce_ms   integer     NOT NULL DEFAULT 0,
    instructions  text        NOT NULL DEFAULT '',
    handoff_after integer     NOT NULL DEFAULT 0,
    handoff_words text[]      NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agents_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT agents_name UNIQUE (tenant_id, name),
    CONSTRAINT agents_number UNIQUE (tenant_id, number),
    CONSTRAINT agents_status CHECK (status IN ('active', 'paused')),
    CONSTRAINT agents_debounce CHECK (debounce_ms BETWEEN 0 AND 60000)
);
SELECT frontdesk_isolate('agents');

-- One row for each decided turn, whole: input is what the brain was given,
-- decision what it made of it. The key is the conversation and the turn's
-- number in it, so that a turn is stored once; id is derived from them.
CREATE TABLE turns (
    tenant_id       text        NOT NULL,
    conversation_id text        NOT NULL,
    number          integer     NOT NULL,
    id              text        NOT NULL,
    brain           text        NOT NULL,
    outcome         text        NOT NULL,
    input           json        NOT NULL,
    decision        json        NOT NULL,
    reply_id        text,
    received_at     timestamptz NOT NULL,
    decided_at      timestamptz NOT NULL,
    CONSTRAINT turns_pkey PRIMARY KEY (tenant_id, conversation_id, number),
    CONSTRAINT turns_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
SELECT frontdesk_isolate('turns');

-- Conversations with something unanswered, of all tenants. A row is made in the
-- transaction that stores the message and goes in the one that stores the turn,
-- while the conversation is locked; a worker that dies leaves a lease that ends.
-- It has no foreign key: the check would cost more than the row.
CREATE TABLE turns_due (
    tenant_id       text        NOT NULL,
    conversation_id text        NOT NULL,
    due_at          timestamptz NOT NULL,
    first_at        timestamptz NOT NULL DEFAULT now(), -- when the burst began, which bounds the debounce
    leased_until    timestamptz NOT NULL DEFAULT '-infinity',
    attempts        integer     NOT NULL DEFAULT 0,
    CONSTRAINT turns_due_pkey PRIMARY KEY (tenant_id, conversation_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX turns_due_at ON turns_due (due_at);
SELECT frontdesk_isolate('turns_due');
SELECT frontdesk_share('turns_due');
