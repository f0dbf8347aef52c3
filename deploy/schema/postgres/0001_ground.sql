-- What every later migration stands on: extensions, the two roles that all
-- parts run as, and the functions that put a table under row-level security.
-- Extensions that an administrator has made already are left as they are, so
-- the owner who migrates need not be a superuser.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- Roles belong to the whole cluster while advisory locks belong to a database:
-- two databases migrated at once meet here, hence the handlers. The owner must
-- be able to SET ROLE to both, as the pools log in as the owner.
-- +goose StatementBegin
DO $$
DECLARE
    wanted text;
    may    text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['frontdesk_tenant', 'frontdesk_system'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database's migration made it meanwhile
            END;
        END IF;
        FOR attempt IN 1..20 LOOP
            EXIT WHEN pg_has_role(current_user, wanted, may);
            BEGIN
                EXECUTE format('GRANT %I TO %I', wanted, current_user);
            EXCEPTION WHEN internal_error OR unique_violation THEN
                PERFORM pg_sleep(0.05); -- "tuple concurrently updated": the same grant from another database
            END;
        END LOOP;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), wanted);
    END LOOP;
END
$$;
-- +goose StatementEnd

-- frontdesk_isolate puts target, which has a tenant_id, under forced row-level
-- security: frontdesk_tenant sees and writes the rows of the tenant set in
-- app.tenant_id and nobody else sees any. Without a tenant there are no rows:
-- the setting is NULL at first and '' after a transaction that set it.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_isolate(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format($policy$
        CREATE POLICY tenant_only ON %s TO frontdesk_tenant
            USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), ''))
            WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), ''))
        $policy$, target);
    PERFORM frontdesk_grant(target, 'frontdesk_tenant');
END
$$;
-- +goose StatementEnd

-- frontdesk_share lets frontdesk_system work on all rows of target, on top of
-- frontdesk_isolate. It is for the few tables that are read before the tenant
-- is known, or worked through for all tenants.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_share(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY all_tenants ON %s TO frontdesk_system USING (true) WITH CHECK (true)', target);
    PERFORM frontdesk_grant(target, 'frontdesk_system');
END
$$;
-- +goose StatementEnd

-- frontdesk_grant lets grantee read and write target and use the sequences of
-- its columns.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_grant(target regclass, grantee name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owned regclass;
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', target, grantee);
    FOR owned IN
        SELECT d.objid::regclass
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.classid = 'pg_class'::regclass AND d.refobjid = target AND d.deptype IN ('a', 'i')
    LOOP
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO %I', owned, grantee);
    END LOOP;
END
$$;
-- +goose StatementEnd

REVOKE EXECUTE ON FUNCTION frontdesk_isolate(regclass), frontdesk_share(regclass), frontdesk_grant(regclass, name) FROM PUBLIC;

-- The numbers that people call a tenant's rows by.
CREATE TABLE counters (
    tenant_id text   NOT NULL,
    kind      text   NOT NULL,
    value     bigint NOT NULL,
    CONSTRAINT counters_pkey PRIMARY KEY (tenant_id, kind)
) WITH (fillfactor = 50); -- updated in place, over and over
SELECT frontdesk_isolate('counters');
SELECT frontdesk_share('counters');

-- frontdesk_next_number returns 1, 2, 3 … for the rows of one kind within a
-- tenant, without gaps: it keeps the counter locked until the transaction ends.
-- Call it late in a transaction, and once for many rows by asking for several:
-- it returns the last of how_many numbers in a row.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_next_number(tenant text, of_kind text, how_many int DEFAULT 1) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
BEGIN
    -- In plpgsql, which plans this once a connection; a function in SQL is
    -- planned each time it is called, at seven times the cost of running it.
    INSERT INTO counters AS c (tenant_id, kind, value) VALUES (tenant, of_kind, how_many)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET value = c.value + excluded.value
    RETURNING c.value INTO taken;
    RETURN taken;
END
$$;
-- +goose StatementEnd
