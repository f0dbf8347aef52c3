-- +goose Up
-- One row for each status that one of our messages took, as the conversation's writer settled it.
CREATE TABLE IF NOT EXISTS deliveries (
    tenant_id    String,
    day          Date,
    event_id     String,
    message_id   String,
    at           DateTime64(3, 'UTC'),
    status       LowCardinality(String),
    error        LowCardinality(String),
    channel      String,
    conversation String,
    contact      String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
