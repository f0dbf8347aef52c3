-- +goose Up
-- The rate of an endpoint holds over all processes that send: what may be sent
-- at once stands with the endpoint, and who leases deliveries takes from it.
ALTER TABLE webhook_endpoints
    ADD COLUMN tokens    double precision NOT NULL DEFAULT 0, -- left at tokens_at; time adds rate a second, up to rate
    ADD COLUMN tokens_at timestamptz      NOT NULL DEFAULT 'epoch';
