-- Callbacks that Kafka could not take. A provider was answered 200 once its row
-- was here; the row goes once the log has it. One body may hold updates of
-- several tenants, so the table has no tenant_id and is the system role's alone.

-- +goose Up
CREATE TABLE callback_spool (
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    provider    text        NOT NULL,
    body        bytea       NOT NULL,
    routes      jsonb       NOT NULL, -- for whom the signature was good
    correlation text        NOT NULL, -- our id of the message, from the callback's URL
    received_at timestamptz NOT NULL,
    parked      text,                 -- why people must look at it
    CONSTRAINT callback_spool_pkey PRIMARY KEY (id)
);
CREATE INDEX callback_spool_waiting ON callback_spool (id) WHERE parked IS NULL;
ALTER TABLE callback_spool ENABLE ROW LEVEL SECURITY;
ALTER TABLE callback_spool FORCE ROW LEVEL SECURITY;
SELECT frontdesk_share('callback_spool');
