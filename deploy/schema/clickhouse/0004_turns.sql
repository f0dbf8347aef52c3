-- +goose Up
-- One row for each turn that an agent decided.
CREATE TABLE IF NOT EXISTS turns (
    tenant_id    String,
    day          Date,
    event_id     String,
    turn_id      String,
    at           DateTime64(3, 'UTC'),
    received_at  DateTime64(3, 'UTC'),
    number       UInt32,
    conversation String,
    channel      String,
    contact      String,
    agent        String,
    brain        LowCardinality(String),
    language     LowCardinality(String),
    outcome      LowCardinality(String),
    reason       LowCardinality(String),
    acts         Array(LowCardinality(String)),
    articles     Array(String),
    messages     Array(String),
    reply        String,
    confidence   Float64,
    test         Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
