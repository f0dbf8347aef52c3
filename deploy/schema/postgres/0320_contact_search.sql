-- How contacts are found among a hundred thousand, by the role that knowledge is
-- searched with.

-- +goose Up
-- Texts without case and accents, so that jose finds José. unaccent is STABLE
-- only because its dictionary may be changed; this one is not.
-- +goose StatementBegin
DO $$
DECLARE
    made text := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'unaccent');
BEGIN
    EXECUTE format($f$
        CREATE FUNCTION frontdesk_fold(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS
        $b$ BEGIN RETURN lower(%1$I.unaccent('%1$I.unaccent'::regdictionary, said)); END $b$
        $f$, made);
END
$$;
-- +goose StatementEnd
GRANT EXECUTE ON FUNCTION frontdesk_fold(text) TO frontdesk_tenant, frontdesk_search;

-- Stored, as each row that an index offers is compared again. It begins with a
-- space, so that every word has one before it.
ALTER TABLE contacts ADD COLUMN words text NOT NULL GENERATED ALWAYS AS (frontdesk_fold(' ' || name || ' ' || username || ' ' || email)) STORED;
CREATE INDEX contacts_words ON contacts USING gin (tenant_id, words gin_trgm_ops)
    WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX contact_identifiers_words ON contact_identifiers USING gin (tenant_id, value gin_trgm_ops) WHERE retired_at IS NULL;
CREATE INDEX contacts_tags ON contacts USING gin (tenant_id, tags) WHERE tags <> '{}';
CREATE INDEX contacts_segments ON contacts (tenant_id, segment, id) WHERE segment <> 'lead';
CREATE INDEX contacts_stages ON contacts (tenant_id, stage, id) WHERE stage <> '';
CREATE INDEX contacts_email ON contacts (tenant_id, lower(email)) WHERE email <> '';
CREATE INDEX contacts_names ON contacts (tenant_id, lower(name) COLLATE "C", id);

GRANT SELECT ON contacts, contact_identifiers, conversations TO frontdesk_search;
CREATE POLICY searched ON contacts FOR SELECT TO frontdesk_search USING (true);
CREATE POLICY searched ON contact_identifiers FOR SELECT TO frontdesk_search USING (true);
CREATE POLICY searched ON conversations FOR SELECT TO frontdesk_search USING (true);

-- frontdesk_find_contacts returns the ids of the tenant's contacts that wanted
-- asks for, in its order. LIKE and @> are not leakproof, so under a policy no
-- index would serve them; see frontdesk_search_passages for the same. The
-- statement is put together of the fragments below and nothing of wanted: its
-- values are parameters. Words are patterns.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_find_contacts(wanted jsonb, how_many int) RETURNS TABLE (contact_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    tenant text := NULLIF(current_setting('app.tenant_id', true), '');
    alive  text := ' c.tenant_id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL';
    person text := 'SELECT i.contact_id FROM contact_identifiers i WHERE i.tenant_id = $1 AND i.retired_at IS NULL';
    body   text := '';
    words  text[] := ARRAY(SELECT frontdesk_fold(w) FROM jsonb_array_elements_text(wanted->'words') w);
    named  text := 'true';
    firsts   text[] := '{}'; -- statements whose results are looked up first, each by its index
    tests    text[] := '{}'; -- the same of each, asked of a row
    one    text;
    found  text[];
    ids    text[];
    later   text;
    sorting text;
    sorted text := coalesce(wanted->>'sort', 'newest');
BEGIN
    FOR i IN 1..cardinality(words) LOOP
        named := named || format(' AND c.words LIKE $3[%s]', i);
    END LOOP;
    IF cardinality(words) > 0 THEN
        one := 'SELECT c.id FROM contacts c WHERE' || alive || ' AND ' || named;
        -- Written so that no index serves it: for rows that are read in their order.
        named := '(' || replace(named, 'c.words', '(c.words || '''')');
        IF wanted ? 'part' THEN
            one := one || ' UNION ALL ' || person || ' AND i.value LIKE $2->>''part''';
            named := named || ' OR EXISTS (' || person || ' AND i.contact_id = c.id AND i.value LIKE $2->>''part'' OFFSET 0)'; -- or all are hashed for it
        END IF;
        named := named || ')';
        firsts := firsts || one;
        tests := tests || named;
    END IF;
    IF wanted ? 'identifier' THEN
        one := person || ' AND i.kind = ANY(ARRAY[''phone'', ''whatsapp_user'', ''whatsapp_parent'', ''sender_id'', ''email'']) AND i.value = $2->>''identifier''';
        firsts := firsts || one;
        tests := tests || ('EXISTS (' || one || ' AND i.contact_id = c.id)');
    END IF;
    IF wanted ? 'email' THEN
        one := person || ' AND i.kind = ''email'' AND i.value = lower($2->>''email'')';
        later := ' AND lower(c.email) = lower($2->>''email'') AND c.email <> ''''';
        firsts := firsts || ('SELECT c.id FROM contacts c WHERE' || alive || later || ' UNION ALL ' || one);
        tests := tests || ('(true' || later || ' OR EXISTS (' || one || ' AND i.contact_id = c.id))');
    END IF;
    IF wanted ? 'segment' THEN body := body || ' AND c.segment = $2->>''segment''' || CASE WHEN wanted->>'segment' <> 'lead' THEN ' AND c.segment <> ''lead''' ELSE '' END; END IF;
    IF wanted ? 'stage' THEN body := body || ' AND c.stage = $2->>''stage'' AND c.stage <> '''''; END IF;
    IF wanted ? 'tag' THEN body := body || ' AND c.tags @> ARRAY[$2->>''tag''] AND c.tags <> ''{}'''; END IF;
    IF wanted ? 'created_from' THEN body := body || ' AND c.created_at >= ($2->>''created_from'')::timestamptz'; END IF;
    IF wanted ? 'created_to' THEN body := body || ' AND c.created_at < ($2->>''created_to'')::timestamptz'; END IF;
    IF wanted ? 'channel' OR wanted ? 'seen_from' OR wanted ? 'seen_to' THEN
        body := body || ' AND EXISTS (SELECT FROM conversations v WHERE v.tenant_id = $1 AND v.contact_id = c.id'
            || CASE WHEN wanted ? 'channel' THEN ' AND v.channel_id = $2->>''channel''' ELSE '' END
            || CASE WHEN wanted ? 'seen_from' THEN ' AND v.last_inbound_at >= ($2->>''seen_from'')::timestamptz' ELSE '' END || ')';
    END IF;
    IF wanted ? 'seen_to' THEN -- seen, and not since
        body := body || ' AND (SELECT max(v.last_inbound_at) FROM conversations v WHERE v.tenant_id = $1 AND v.contact_id = c.id) < ($2->>''seen_to'')::timestamptz';
    END IF;
    later := CASE WHEN NOT wanted ? 'after' THEN ''
        WHEN sorted = 'name' THEN ' AND (lower(c.name) COLLATE "C", c.id) > (lower($2->>''after_name'') COLLATE "C", $2->>''after'')'
        WHEN sorted = 'oldest' THEN ' AND c.id > $2->>''after'''
        ELSE ' AND c.id < $2->>''after''' END;
    sorting := CASE sorted WHEN 'name' THEN ' ORDER BY lower(c.name) COLLATE "C", c.id' WHEN 'oldest' THEN ' ORDER BY c.id' ELSE ' ORDER BY c.id DESC' END;
    -- What many contacts have is found among the first thousand in their order. What
    -- few have is taken from its index: to read all in their order until enough are
    -- found took 50 ms where there are none, and to sort all that an index has of a
    -- common word as long.
    IF cardinality(words) > 0 AND cardinality(firsts) = 1 THEN
        EXECUTE 'SELECT array_agg(f.id) FROM (SELECT c.id FROM (SELECT * FROM contacts c WHERE' || alive || later || sorting || ' LIMIT 1000) c WHERE '
            || named || body || sorting || ' LIMIT $5) f' INTO found USING tenant, wanted, words, ids, how_many;
        IF cardinality(found) = how_many THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
    END IF;
    FOR i IN 1..cardinality(firsts) LOOP
        EXECUTE 'SELECT array_agg(f.id) FROM (SELECT * FROM (' || firsts[i] || ') g (id) LIMIT 5001) f' INTO found USING tenant, wanted, words;
        IF coalesce(cardinality(found), 0) > 5000 THEN -- a common word, or an address that thousands share
            body := body || ' AND ' || tests[i];
        ELSIF ids IS NULL THEN
            ids := coalesce(found, '{}');
        ELSE
            ids := ARRAY(SELECT unnest(ids) INTERSECT SELECT unnest(found));
        END IF;
    END LOOP;
    body := ' WHERE' || alive || body || later || sorting || ' LIMIT $5';
    IF ids IS NULL THEN
        body := 'SELECT c.id FROM contacts c' || body;
    ELSE
        body := 'SELECT c.id FROM (SELECT * FROM contacts c WHERE c.tenant_id = $1 AND c.id = ANY($4) OFFSET 0) c' || body;
    END IF;
    RETURN QUERY EXECUTE body USING tenant, wanted, words, ids, how_many;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    made text := current_schema();
BEGIN
    EXECUTE format('ALTER FUNCTION frontdesk_find_contacts(jsonb, int) SET search_path = %I, pg_catalog, pg_temp', made);
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO frontdesk_search', made);
    ALTER FUNCTION frontdesk_find_contacts(jsonb, int) OWNER TO frontdesk_search;
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM frontdesk_search', made);
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION frontdesk_find_contacts(jsonb, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION frontdesk_find_contacts(jsonb, int) TO frontdesk_tenant;
