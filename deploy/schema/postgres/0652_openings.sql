-- What the waitlist needs to be worked through: which offer stands, which were
-- not taken, and a queue of times that became free. Nothing of it is kept in
-- memory, so that a crash neither loses an offer nor makes it twice.

-- +goose Up

-- hold_id, offered_start and offered_staff_id are of the last offer; they stay
-- when it is over, so that a late yes can still be understood. passed is when
-- the slots began that were offered and not taken: those are not offered again.
ALTER TABLE waitlist
    ADD COLUMN hold_id          text,
    ADD COLUMN offered_start    timestamptz,
    ADD COLUMN offered_staff_id text,
    ADD COLUMN offers           integer       NOT NULL DEFAULT 0,
    ADD COLUMN passed           timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN test             boolean       NOT NULL DEFAULT false,
    ADD COLUMN request_key      text,
    ADD COLUMN detail           text          NOT NULL DEFAULT '', -- why the last offer came to nothing
    ADD CONSTRAINT waitlist_request UNIQUE (tenant_id, request_key);
DROP INDEX waitlist_waiting;
CREATE INDEX waitlist_waiting ON waitlist (tenant_id, created_at) WHERE status IN ('waiting', 'offered');
CREATE INDEX waitlist_offered ON waitlist (offered_until) WHERE status = 'offered';
CREATE INDEX waitlist_over ON waitlist (upper(wanted)) WHERE status = 'waiting';
CREATE INDEX waitlist_hold ON waitlist (hold_id) WHERE hold_id IS NOT NULL;
SELECT frontdesk_share('waitlist'); -- offers that ran out are ended for all tenants

-- A time that became free while somebody waits for one about then. source is
-- what made it free: each is worked through once, so the row stays for a while
-- after it is done.
CREATE TABLE openings (
    tenant_id    text        NOT NULL,
    source       text        NOT NULL,
    service_id   text        NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    done_at      timestamptz,
    CONSTRAINT openings_pkey PRIMARY KEY (tenant_id, source)
);
CREATE INDEX openings_due ON openings (due_at) WHERE done_at IS NULL;
SELECT frontdesk_isolate('openings');
SELECT frontdesk_share('openings'); -- one worker offers those of all tenants

-- Both are off unless set. no_show_after_minutes is how long after its end an
-- appointment that is still scheduled is marked as missed. waitlist_template is
-- the approved template by which a free time is offered where WhatsApp takes
-- nothing else.
ALTER TABLE tenants
    ADD COLUMN no_show_after_minutes integer NOT NULL DEFAULT 0,
    ADD COLUMN waitlist_template     text    NOT NULL DEFAULT '';
