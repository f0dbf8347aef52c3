-- Messages that are to be sent later. A row leaves in the transaction that
-- stores the message under the same id, so that it is sent once whatever dies
-- when; cancelled and failed ones stay to be looked at. channel and
-- conversation are as asked for and may be empty: where it goes is decided when
-- it is sent.

-- +goose Up
CREATE TABLE scheduled_messages (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    send_at         timestamptz NOT NULL,
    status          text        NOT NULL DEFAULT 'scheduled',
    contact_id      text        NOT NULL,
    channel_id      text        NOT NULL DEFAULT '',
    conversation_id text        NOT NULL DEFAULT '',
    plan            json        NOT NULL,
    errors          json,
    request_key     text,
    request_hash    bytea,
    leased_until    timestamptz,
    attempts        int         NOT NULL DEFAULT 0, -- to hand it over
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scheduled_messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT scheduled_messages_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT scheduled_messages_status CHECK (status IN ('scheduled', 'cancelled', 'failed'))
);
CREATE UNIQUE INDEX scheduled_messages_request ON scheduled_messages (request_key, tenant_id) WHERE request_key IS NOT NULL;
CREATE INDEX scheduled_messages_due ON scheduled_messages (send_at) WHERE status = 'scheduled';
SELECT frontdesk_isolate('scheduled_messages');
SELECT frontdesk_share('scheduled_messages');
