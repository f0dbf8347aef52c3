-- +goose Up
-- One row for each report of a provider, as it came: also those whose message is not known, and the price.
-- message_id is empty where the provider does not give it back; reference is an HMAC of the provider's own id.
CREATE TABLE IF NOT EXISTS receipts (
    tenant_id        String,
    day              Date,
    event_id         String,
    message_id       String,
    reference        String,
    at               DateTime64(3, 'UTC'),
    status           LowCardinality(String),
    error            LowCardinality(String),
    provider         LowCardinality(String),
    channel          String,
    party            String,
    billable         Nullable(Bool),
    pricing_model    LowCardinality(String),
    pricing_category LowCardinality(String),
    amount           Nullable(Decimal(18, 6)),
    currency         LowCardinality(String),
    test             Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
