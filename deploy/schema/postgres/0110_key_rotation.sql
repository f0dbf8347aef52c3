-- A key may have a plan below its business's, and for a time two secrets, so
-- that whoever holds one can change over without a gap: the secret before the
-- present one is good until older_until. A key that another one made by the API
-- has in root the first of that line, with which it shares its limits.

-- +goose Up
ALTER TABLE api_keys
    ADD COLUMN plan         text NOT NULL DEFAULT '', -- empty: the business's
    ADD COLUMN root         text NOT NULL DEFAULT '', -- empty: itself
    ADD COLUMN older_lookup text,
    ADD COLUMN older_hash   bytea,
    ADD COLUMN older_pepper text,
    ADD COLUMN older_until  timestamptz,
    ADD CONSTRAINT api_keys_older_lookup UNIQUE (older_lookup),
    ADD CONSTRAINT api_keys_older CHECK (num_nulls(older_lookup, older_hash, older_pepper, older_until) IN (0, 4));

DROP TRIGGER directory_keys ON api_keys;
CREATE TRIGGER directory_keys AFTER INSERT OR DELETE
    OR UPDATE OF name, lookup, hash, older_lookup, older_until, scopes, mode, dialect, plan, expires_at, revoked_at ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION frontdesk_directory_changed();
