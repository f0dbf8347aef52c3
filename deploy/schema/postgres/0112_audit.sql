-- Who changed what. A row is written by the database itself, in the transaction
-- of the change: whoever opens a transaction on somebody's behalf says so in
-- app.actor, and triggers on all tables do the rest. So a change cannot be
-- without its row, nor a row without its change, and a new table is audited
-- unless it is named below. Rows hold the names of columns, never what is in
-- them.

-- +goose Up
CREATE TABLE audit_log (
    tenant_id  text        NOT NULL,
    id         text        NOT NULL,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL, -- key, admin
    actor_id   text        NOT NULL, -- of the key
    action     text        NOT NULL, -- the operation: createService
    request_id text        NOT NULL,
    change     text        NOT NULL,
    object     text        NOT NULL, -- service
    object_id  text        NOT NULL,
    fields     text[]      NOT NULL, -- what changed
    CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT audit_log_once UNIQUE (tenant_id, request_id, object, object_id, change),
    CONSTRAINT audit_log_change CHECK (change IN ('created', 'changed', 'deleted'))
);
CREATE INDEX audit_log_by_object ON audit_log (tenant_id, object_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, id);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, id);

-- frontdesk_id returns prefix and a ULID of this moment, whose random part uses
-- half of the digits it might.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_id(prefix text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    millis bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    made   text := '';
BEGIN
    FOR i IN 1 .. 10 LOOP
        made := substr(digits, (millis & 31)::int + 1, 1) || made;
        millis := millis >> 5;
    END LOOP;
    RETURN prefix || made || upper(right(replace(gen_random_uuid()::text, '-', ''), 16));
END
$$;
-- +goose StatementEnd

-- frontdesk_audited is what the triggers run. Their arguments are the object's
-- word, the column of its id, whether the table is a part of the object, and the
-- columns that are not worth a row. Where requests of one actor share a
-- transaction, app.requests says by the object's id which it was. A row is taken apart only where its id or
-- its changes ask for it: most of what is written are new rows with an id.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_audited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who    jsonb := current_setting('app.actor')::jsonb;
    kind   text := CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'changed' END;
    names  text[] := '{}';
    tenant text;
    object text;
    was    jsonb;
    now_is jsonb;
    request text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        tenant := NEW.tenant_id;
    ELSE
        tenant := OLD.tenant_id;
    END IF;
    IF TG_OP = 'INSERT' AND TG_ARGV[1] = 'id' THEN
        object := NEW.id;
    ELSE
        -- A json column may hold NUL characters, which jsonb takes none of.
        was := CASE WHEN TG_OP <> 'INSERT' THEN replace(to_json(OLD)::text, '\u0000', '\ufffd')::jsonb END;
        now_is := CASE WHEN TG_OP <> 'DELETE' THEN replace(to_json(NEW)::text, '\u0000', '\ufffd')::jsonb END;
        object := COALESCE(COALESCE(now_is, was) ->> TG_ARGV[1], '');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT COALESCE(array_agg(n.key ORDER BY n.key), '{}') INTO names
        FROM jsonb_each(now_is) n
        WHERE n.value IS DISTINCT FROM was -> n.key AND n.key <> ALL (TG_ARGV[3]::text[]) AND n.key <> 'updated_at';
        IF names = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_ARGV[2]::boolean THEN
        kind := 'changed';
        names := ARRAY[TG_TABLE_NAME::text];
    END IF;
    request := COALESCE(NULLIF(current_setting('app.requests', true), '')::jsonb ->> object, who ->> 'request');
    INSERT INTO audit_log AS a (tenant_id, id, at, actor, actor_id, action, request_id, change, object, object_id, fields)
    VALUES (tenant, frontdesk_id('aud_'), now(), who ->> 'actor', who ->> 'id', who ->> 'action', request, kind, TG_ARGV[0], object, names)
    ON CONFLICT ON CONSTRAINT audit_log_once DO UPDATE
        SET fields = (SELECT array_agg(DISTINCT f ORDER BY f) FROM unnest(a.fields || excluded.fields) f)
        WHERE NOT excluded.fields <@ a.fields;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- frontdesk_audit has changes of target written down.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_audit(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    -- What is no object of anybody: machinery, and what follows from other rows.
    silent constant text[] := ARRAY[
        'audit_log', 'counters', 'idempotency_keys', 'outbox', 'early_receipts', 'turns', 'turns_due', 'booking_requests', 'claims',
        'knowledge', 'article_versions', 'passages', 'passage_vectors', 'article_vectors', 'contact_history', 'appointment_history',
        'dispatch_parked', 'dispatch_channels', 'dispatch_usage', 'simulator_customers', 'simulator_messages', 'simulator_callbacks', 'simulator_media',
        'reminders', 'openings', 'erased_wishes', 'erased_identifiers'];
    -- Table, the object's word, the column of its id, whether it is a part of it.
    known constant text[] := ARRAY[
        ['tenants', 'business', 'tenant_id', 'false'], ['channels', 'channel', 'id', 'false'], ['api_keys', 'key', 'id', 'false'],
        ['contacts', 'contact', 'id', 'false'], ['contact_identifiers', 'contact', 'contact_id', 'true'],
        ['contact_preferences', 'contact', 'contact_id', 'true'], ['contact_fields', 'contact_field', 'name', 'false'],
        ['conversations', 'conversation', 'id', 'false'], ['messages', 'message', 'id', 'false'], ['agents', 'agent', 'id', 'false'],
        ['articles', 'article', 'id', 'false'], ['knowledge_gaps', 'knowledge_gap', 'id', 'false'],
        ['services', 'service', 'id', 'false'], ['staff', 'staff', 'id', 'false'], ['resources', 'resource', 'id', 'false'],
        ['service_staff', 'service', 'service_id', 'true'], ['service_resources', 'service', 'service_id', 'true'],
        ['appointments', 'appointment', 'id', 'false'], ['holds', 'hold', 'id', 'false'], ['staff_busy', 'staff', 'staff_id', 'true'],
        ['busy_sources', 'staff', 'staff_id', 'true'], ['calendar_feeds', 'calendar', 'staff_id', 'false'], ['waitlist', 'wait', 'id', 'false'],
        ['webhook_endpoints', 'webhook', 'id', 'false'], ['webhook_deliveries', 'webhook_delivery', 'id', 'false'],
        ['templates', 'template', 'id', 'false'], ['scheduled_messages', 'scheduled_message', 'id', 'false'],
        ['contact_merges', 'contact_merge', 'id', 'false'], ['contact_erasures', 'contact_erasure', 'id', 'false']];
    -- What conversations keep for the turns, and changes with every message.
    quiet text[] := CASE target::text WHEN 'conversations'
        THEN ARRAY['version', 'last_message_at', 'last_inbound_at', 'answered', 'turns', 'failures', 'language'] ELSE '{}' END;
    word  text := target::text;
    at    text := 'id';
    part  text := 'false';
BEGIN
    IF target::text = ANY (silent) THEN
        RETURN;
    END IF;
    FOR i IN 1 .. array_length(known, 1) LOOP
        IF known[i][1] = target::text THEN
            word := known[i][2];
            at := known[i][3];
            part := known[i][4];
        END IF;
    END LOOP;
    EXECUTE format($trigger$
        CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW
            WHEN (current_setting('app.actor', true) <> '') EXECUTE FUNCTION frontdesk_audited(%L, %L, %L, %L)
        $trigger$, target, word, at, part, quiet);
END
$$;
-- +goose StatementEnd

-- frontdesk_isolate is as before, and audits its table.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION frontdesk_isolate(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format($policy$
        CREATE POLICY tenant_only ON %s TO frontdesk_tenant
            USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), ''))
            WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), ''))
        $policy$, target);
    PERFORM frontdesk_grant(target, 'frontdesk_tenant');
    PERFORM frontdesk_audit(target);
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION frontdesk_audit(regclass) FROM PUBLIC;

SELECT frontdesk_audit(polrelid) FROM pg_policy WHERE polname = 'tenant_only';

-- The role that all parts run as may add rows, and to the fields of one. It may
-- not change who, what or when, nor remove any.
SELECT frontdesk_isolate('audit_log');
REVOKE UPDATE, DELETE ON audit_log FROM frontdesk_tenant;
GRANT UPDATE (fields) ON audit_log TO frontdesk_tenant;
