-- +goose Up

-- Customers that a developer made up, one per channel and number.
CREATE TABLE simulator_customers (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    channel_id   text        NOT NULL,
    phone        text        NOT NULL,
    name         text        NOT NULL DEFAULT '',
    user_id      text        NOT NULL,
    typing_until timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT simulator_customers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT simulator_customers_once UNIQUE (tenant_id, channel_id, phone)
);
SELECT frontdesk_isolate('simulator_customers');

-- What passed between a channel and a made-up customer, as the customer's phone
-- would show it. version moves on each change, so that a page asks for news only.
CREATE SEQUENCE simulator_versions;
GRANT USAGE ON SEQUENCE simulator_versions TO frontdesk_tenant, frontdesk_system;
CREATE TABLE simulator_messages (
    tenant_id   text        NOT NULL,
    id          text        NOT NULL,
    channel_id  text        NOT NULL,
    customer_id text        NOT NULL,
    provider_id text        NOT NULL,
    correlation text        NOT NULL DEFAULT '',
    inbound     boolean     NOT NULL, -- written by the customer
    content     jsonb       NOT NULL,
    reply_to    text        NOT NULL DEFAULT '',
    status      text        NOT NULL,
    code        text        NOT NULL DEFAULT '', -- why it failed
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     bigint      NOT NULL DEFAULT nextval('simulator_versions'),
    CONSTRAINT simulator_messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT simulator_messages_provider UNIQUE (tenant_id, provider_id),
    CONSTRAINT simulator_messages_customer FOREIGN KEY (tenant_id, customer_id)
        REFERENCES simulator_customers (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX simulator_messages_thread ON simulator_messages (tenant_id, customer_id, version);
SELECT frontdesk_isolate('simulator_messages');
SELECT frontdesk_share('simulator_messages');

-- Callbacks that the simulator has yet to deliver to the gateway. A row leaves
-- once it was answered 2xx, or was refused for good.
CREATE TABLE simulator_callbacks (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    message_id   text        NOT NULL, -- of simulator_messages
    channel_id   text        NOT NULL,
    path         text        NOT NULL,
    content_type text        NOT NULL,
    body         bytea       NOT NULL,
    status       text        NOT NULL, -- that the message has once this is delivered
    seq          bigint      GENERATED ALWAYS AS IDENTITY,
    attempts     integer     NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    CONSTRAINT simulator_callbacks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT simulator_callbacks_message FOREIGN KEY (tenant_id, message_id)
        REFERENCES simulator_messages (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX simulator_callbacks_due ON simulator_callbacks (due_at);
SELECT frontdesk_isolate('simulator_callbacks');
SELECT frontdesk_share('simulator_callbacks');

-- Files that were uploaded to the simulator, by either side.
CREATE TABLE simulator_media (
    tenant_id text        NOT NULL,
    id        text        NOT NULL,
    mime_type text        NOT NULL,
    body      bytea       NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT simulator_media_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT simulator_media_size CHECK (octet_length(body) <= 5242880)
);
SELECT frontdesk_isolate('simulator_media');
