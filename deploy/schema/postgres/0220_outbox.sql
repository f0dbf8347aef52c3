-- What must be announced, written in the transaction that makes it so and
-- deleted once Kafka has it. A reader takes the rows that are there, in the
-- order of seq, and never remembers a position: a slow transaction's rows may
-- appear behind it.

-- +goose Up
CREATE TABLE outbox (
    seq        bigint      GENERATED ALWAYS AS IDENTITY,
    tenant_id  text        NOT NULL,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    value      bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_pkey PRIMARY KEY (seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
SELECT frontdesk_isolate('outbox');
SELECT frontdesk_share('outbox');
