-- What must be announced, written in the transaction that makes it so and
-- deleted once Kafka has it. A reader takes the rows that are there, in the
-- order of seq, and never remembers a position: a slow transaction's rows may
-- appear behind it.
--
-- A row holds all that a transaction announces, packed: a row for each event
-- cost as much as the rows that the events told of.

-- +goose Up
CREATE TABLE outbox (
    seq        bigint      GENERATED ALWAYS AS IDENTITY,
    tenant_id  text        NOT NULL,
    records    bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_pkey PRIMARY KEY (seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000);
ALTER TABLE outbox ALTER records SET STORAGE EXTERNAL; -- it is compressed already
SELECT frontdesk_isolate('outbox');
SELECT frontdesk_share('outbox');
