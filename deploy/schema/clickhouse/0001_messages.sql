-- +goose Up
-- Every table here starts with the tenant in its key, so that what a query reads is one tenant's alone; then the day
-- (UTC, of the row's own time, so that the same event lies on the same day however often it comes) and the event's id.
-- ReplacingMergeTree drops repeats when it merges; until then they are there, so every read must count distinct ids.
-- The window keeps the tokens of the last inserts: a batch inserted again under its token adds nothing.
-- No table holds text, a phone number or a provider's message id (WhatsApp's has the phone number in it): "contact" and
-- "party" are HMACs under a key per tenant.
CREATE TABLE IF NOT EXISTS messages (
    tenant_id    String,
    day          Date,
    event_id     String,
    message_id   String,
    at           DateTime64(3, 'UTC'),
    direction    LowCardinality(String),
    provider     LowCardinality(String),
    channel      String,
    content_type LowCardinality(String),
    author       LowCardinality(String),
    category     LowCardinality(String),
    agent        String,
    conversation String,
    turn         String,
    contact      String,
    party        String,
    test         Bool
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, day, event_id)
SETTINGS non_replicated_deduplication_window = 10000;
