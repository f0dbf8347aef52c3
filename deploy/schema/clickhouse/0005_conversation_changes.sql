-- +goose Up
-- One row for each change of a conversation's state or owner: opened, closed, handoff, resumed.
CREATE TABLE IF NOT EXISTS conversation_changes (
    tenant_id    String,
    day          Date,
    event_id     String,
    conversation String,
    at           DateTime64(3, 'UTC'),
    change       LowCardinality(String),
    channel      String,
    contact      String,
    agent        String,
    reason       LowCardinality(String),
    changed_by   String,
    test         Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
