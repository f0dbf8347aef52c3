-- Businesses, their channels and keys. Names are the
-- identity within a tenant, so that a file can be applied again and again.

-- +goose Up
CREATE TABLE tenants (
    tenant_id    text        NOT NULL,
    slug         text        NOT NULL,
    name         text        NOT NULL,
    timezone     text        NOT NULL DEFAULT 'UTC',
    phone        text        NOT NULL DEFAULT '',
    email        text        NOT NULL DEFAULT '',
    languages    text[]      NOT NULL DEFAULT '{}',
    plan         text        NOT NULL,
    hours        jsonb       NOT NULL DEFAULT '{}', -- {"monday": ["08:00-12:00"]}
    closed       text[]      NOT NULL DEFAULT '{}', -- dates, 2026-12-25
    quiet_hours  text        NOT NULL DEFAULT '',   -- "21:00-08:00"; empty is none
    daily_budget integer     NOT NULL DEFAULT 0,    -- messages of its own accord a day; 0 is no limit
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT tenants_slug UNIQUE (slug)
);
SELECT frontdesk_isolate('tenants');
SELECT frontdesk_share('tenants');

-- credentials is sealed with the master key, bound to tenant and channel.
-- simulated: its credentials were made up here, so only the simulator serves
-- it. A channel that is no longer wanted keeps its row, as messages refer to
-- it; removed_at takes it out of use and frees its address.
CREATE TABLE channels (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    type            text        NOT NULL,
    name            text        NOT NULL,
    phone           text        NOT NULL DEFAULT '',
    account         text        NOT NULL DEFAULT '',
    ref             text        NOT NULL,
    base_url        text        NOT NULL DEFAULT '',
    api_version     text        NOT NULL DEFAULT '',
    rate_per_second integer     NOT NULL DEFAULT 0,
    simulated       boolean     NOT NULL DEFAULT false,
    credentials     bytea       NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    removed_at      timestamptz,
    CONSTRAINT channels_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT channels_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
-- One number belongs to one business, over all of them: callbacks are told
-- apart by it.
CREATE UNIQUE INDEX channels_ref ON channels (type, ref) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX channels_name ON channels (tenant_id, name) WHERE removed_at IS NULL;
SELECT frontdesk_isolate('channels');
SELECT frontdesk_share('channels');

-- lookup is the public part of a key, hash the HMAC of the whole under a pepper
-- that is not in the database; pepper says which. A name is free again once its
-- key is revoked.
CREATE TABLE api_keys (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    name         text        NOT NULL,
    lookup       text        NOT NULL,
    hash         bytea       NOT NULL,
    pepper       text        NOT NULL,
    scopes       text[]      NOT NULL,
    mode         text        NOT NULL,
    dialect      text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_keys_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT api_keys_lookup UNIQUE (lookup),
    CONSTRAINT api_keys_mode CHECK (mode IN ('live', 'test'))
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (tenant_id, name) WHERE revoked_at IS NULL;
SELECT frontdesk_isolate('api_keys');
SELECT frontdesk_share('api_keys');

-- Each process keeps tenants, channels and keys in memory and asks for this
-- number every half second: a key revoked in one process is dead in all within
-- one. The row is locked until commit, so a reader that sees a version sees
-- all that came before it.
CREATE TABLE directory_version (
    single  boolean NOT NULL DEFAULT true,
    version bigint  NOT NULL,
    CONSTRAINT directory_version_pkey PRIMARY KEY (single),
    CONSTRAINT directory_version_single CHECK (single)
);
INSERT INTO directory_version (version) VALUES (1);
GRANT SELECT, UPDATE ON directory_version TO frontdesk_tenant, frontdesk_system;

-- +goose StatementBegin
CREATE FUNCTION frontdesk_directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET version = version + 1;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER directory_tenants AFTER INSERT OR UPDATE OR DELETE ON tenants
    FOR EACH STATEMENT EXECUTE FUNCTION frontdesk_directory_changed();
CREATE TRIGGER directory_channels AFTER INSERT OR UPDATE OR DELETE ON channels
    FOR EACH STATEMENT EXECUTE FUNCTION frontdesk_directory_changed();
-- Not on last_used_at, which is written all the time.
CREATE TRIGGER directory_keys AFTER INSERT OR DELETE OR UPDATE OF name, hash, scopes, mode, dialect, expires_at, revoked_at ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION frontdesk_directory_changed();
