-- Limits that all gateways share. A bucket is when it is full again, as the
-- generic cell rate algorithm has it; gateways take small leases from it and
-- spend those in memory. Unlogged: after a crash of the server the buckets are
-- full, and nothing else is lost with them. Neither table belongs to a tenant:
-- leases are taken for many keys at once.

-- +goose Up
CREATE UNLOGGED TABLE rate_buckets (
    bucket  text   NOT NULL,
    full_at bigint NOT NULL, -- microseconds since 1970, by this server's clock
    CONSTRAINT rate_buckets_pkey PRIMARY KEY (bucket)
) WITH (fillfactor = 50); -- updated in place, over and over

-- The gateways there are. When this server is away, each goes on with its share.
CREATE UNLOGGED TABLE rate_nodes (
    node text        NOT NULL,
    seen timestamptz NOT NULL,
    CONSTRAINT rate_nodes_pkey PRIMARY KEY (node)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_buckets, rate_nodes TO frontdesk_system;

-- frontdesk_lease takes up to wanted[i] out of buckets[i], which allows counts[i]
-- in pers[i] microseconds, and returns how many it got and in how many
-- microseconds the bucket is full. spent[i] is what was spent without a lease,
-- below zero what comes back of one; of what was spent beyond the limit no more
-- than a 16th of it is made good. Callers sort the buckets, so that two of
-- them never wait for each other.
-- +goose StatementBegin
CREATE FUNCTION frontdesk_lease(buckets text[], wanted int[], spent int[], counts int[], pers bigint[])
    RETURNS TABLE (granted int, full_in bigint) LANGUAGE plpgsql AS $$
DECLARE
    at     bigint;
    due    bigint;
    step   double precision;
BEGIN
    FOR i IN 1 .. cardinality(buckets) LOOP
        SELECT full_at INTO due FROM rate_buckets WHERE bucket = buckets[i] FOR UPDATE;
        IF NOT FOUND THEN
            INSERT INTO rate_buckets (bucket, full_at) VALUES (buckets[i], 0) ON CONFLICT DO NOTHING;
            SELECT full_at INTO due FROM rate_buckets WHERE bucket = buckets[i] FOR UPDATE;
        END IF;
        at := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint; -- after the wait for the lock
        step := pers[i]::double precision / counts[i];
        IF spent[i] < 0 THEN
            due := GREATEST(due + (spent[i] * step)::bigint, at);
        ELSE
            due := LEAST(GREATEST(due, at) + (spent[i] * step)::bigint, at + pers[i] + pers[i] / 16);
        END IF;
        granted := LEAST(wanted[i], floor((at + pers[i] - due) / step + 0.001)::int);
        granted := GREATEST(granted, 0);
        due := due + (granted * step)::bigint;
        UPDATE rate_buckets SET full_at = due WHERE bucket = buckets[i];
        full_in := due - at;
        RETURN NEXT;
    END LOOP;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION frontdesk_lease(text[], int[], int[], int[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION frontdesk_lease(text[], int[], int[], int[], bigint[]) TO frontdesk_system;
