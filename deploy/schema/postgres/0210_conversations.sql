-- Conversations, their messages, and the receipts that came too early.

-- +goose Up
CREATE TABLE conversations (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    number          bigint      NOT NULL,
    channel_id      text        NOT NULL,
    contact_id      text        NOT NULL,
    agent_id        text        NOT NULL DEFAULT '',
    state           text        NOT NULL DEFAULT 'open',
    owner           text        NOT NULL DEFAULT 'bot',
    owner_reason    text        NOT NULL DEFAULT '',
    owner_since     timestamptz NOT NULL DEFAULT now(),
    version         bigint      NOT NULL DEFAULT 1,
    language        text        NOT NULL DEFAULT '',
    provider        text        NOT NULL DEFAULT '',
    party           json        NOT NULL,
    test            boolean     NOT NULL DEFAULT false,
    opened_at       timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    closed_reason   text        NOT NULL DEFAULT '',
    last_message_at timestamptz,
    last_inbound_at timestamptz,                    -- provider's time: it opens the 24-hour window
    answered        bigint      NOT NULL DEFAULT 0, -- number of the last inbound message that a turn has taken
    turns           integer     NOT NULL DEFAULT 0,
    failures        integer     NOT NULL DEFAULT 0, -- declined turns in a row
    CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversations_state CHECK (state IN ('open', 'closed')),
    CONSTRAINT conversations_owner CHECK (owner IN ('bot', 'person')),
    CONSTRAINT conversations_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) WITH (fillfactor = 70); -- nothing that a message changes is indexed, so that its updates stay in the page
CREATE UNIQUE INDEX conversations_open ON conversations (contact_id, channel_id, test, tenant_id) WHERE state = 'open';
CREATE INDEX conversations_by_contact ON conversations (contact_id, tenant_id, id);
SELECT frontdesk_isolate('conversations');

-- message is the ingest.Message as it came or as it was queued, kept as json
-- and not jsonb: it is given back byte for byte, NUL escapes included. The
-- contact stands in the conversation alone, so that merging two contacts
-- touches no message. number orders a conversation: it is taken while the
-- conversation is locked.
CREATE TABLE messages (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    number          bigint      NOT NULL,
    conversation_id text        NOT NULL,
    channel_id      text        NOT NULL,
    direction       text        NOT NULL,
    provider_id     text,
    status          text        NOT NULL,
    prompt          boolean     NOT NULL DEFAULT false, -- inbound, and asks for an answer
    message         json        NOT NULL,
    errors          json,
    request_key     text,
    request_hash    bytea,
    at              timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    sent_at         timestamptz,
    delivered_at    timestamptz,
    read_at         timestamptz,
    failed_at       timestamptz,
    CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_direction CHECK (direction IN ('inbound', 'outbound')),
    CONSTRAINT messages_status CHECK (status IN ('received', 'queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'))
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX messages_once ON messages (provider_id, channel_id, tenant_id) WHERE provider_id IS NOT NULL;
CREATE UNIQUE INDEX messages_request ON messages (request_key, tenant_id) WHERE request_key IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (conversation_id, number, tenant_id);
SELECT frontdesk_isolate('messages');

-- Receipts whose message has no provider id yet; taken out when it has.
CREATE TABLE early_receipts (
    tenant_id   text        NOT NULL,
    channel_id  text        NOT NULL,
    provider_id text        NOT NULL,
    status      text        NOT NULL,
    at          timestamptz NOT NULL,
    errors      json,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT early_receipts_pkey PRIMARY KEY (tenant_id, channel_id, provider_id, status)
);
SELECT frontdesk_isolate('early_receipts');
