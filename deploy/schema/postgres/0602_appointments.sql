-- What is booked. No two appointments or holds have the same staff member or
-- resource at the same time, buffers included: claims_apart says so, whatever
-- the program believes.

-- +goose Up

-- place of an appointment: starts_at to ends_at is what the customer is told;
-- the claims below have the buffers.
CREATE TABLE appointments (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    number          bigint      NOT NULL,
    service_id      text        NOT NULL,
    staff_id        text,
    resource_ids    text[]      NOT NULL DEFAULT '{}',
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    contact_id      text        NOT NULL,
    conversation_id text,
    status          text        NOT NULL DEFAULT 'scheduled',
    note            text        NOT NULL DEFAULT '',
    source          text        NOT NULL DEFAULT '',
    test            boolean     NOT NULL DEFAULT false,
    version         bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    confirmed_at    timestamptz,
    cancelled_at    timestamptz,
    cancel_reason   text        NOT NULL DEFAULT '',
    CONSTRAINT appointments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT appointments_service FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    CONSTRAINT appointments_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    CONSTRAINT appointments_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT appointments_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT appointments_lasts CHECK (ends_at > starts_at),
    CONSTRAINT appointments_status CHECK (status IN ('scheduled', 'completed', 'cancelled', 'no_show')),
    CONSTRAINT appointments_cancelled CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE INDEX appointments_by_start ON appointments (tenant_id, starts_at, id);
CREATE INDEX appointments_by_contact ON appointments (contact_id, starts_at, tenant_id);
SELECT frontdesk_isolate('appointments');

CREATE TABLE holds (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    service_id      text        NOT NULL,
    staff_id        text,
    resource_ids    text[]      NOT NULL DEFAULT '{}',
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    contact_id      text,
    conversation_id text,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT holds_service FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    CONSTRAINT holds_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    CONSTRAINT holds_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT holds_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT holds_lasts CHECK (ends_at > starts_at)
);
CREATE INDEX holds_by_contact ON holds (contact_id, tenant_id);
CREATE INDEX holds_by_expiry ON holds (expires_at);
SELECT frontdesk_isolate('holds');
SELECT frontdesk_share('holds'); -- those that are over are swept for all tenants

-- claims says what of whom is taken. subject is the id of a staff member or a
-- resource; of the service, where it needs neither; or of the tenant, where the
-- business lists no staff. An expired hold's claim still stands in the way of an
-- insert: who wants the time deletes it first, under the subject's lock.
CREATE TABLE claims (
    tenant_id      text        NOT NULL,
    owner          text        NOT NULL GENERATED ALWAYS AS (coalesce(appointment_id, hold_id)) STORED,
    subject        text        NOT NULL,
    during         tstzrange   NOT NULL, -- with buffers
    starts_at      timestamptz NOT NULL, -- of the appointment, without
    service_id     text        NOT NULL,
    appointment_id text,
    hold_id        text,
    expires_at     timestamptz,
    CONSTRAINT claims_pkey PRIMARY KEY (tenant_id, owner, subject),
    CONSTRAINT claims_owner CHECK (num_nonnulls(appointment_id, hold_id) = 1 AND (hold_id IS NULL) = (expires_at IS NULL)),
    CONSTRAINT claims_appointment FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE CASCADE
        DEFERRABLE INITIALLY DEFERRED, -- a time is claimed before anything else is written
    CONSTRAINT claims_hold FOREIGN KEY (tenant_id, hold_id) REFERENCES holds (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT claims_during CHECK (NOT isempty(during) AND during @> starts_at),
    CONSTRAINT claims_apart EXCLUDE USING gist (subject WITH =, during WITH &&, tenant_id WITH =)
);
CREATE INDEX claims_by_subject ON claims (subject, starts_at) INCLUDE (during, tenant_id, owner, expires_at);
CREATE INDEX claims_by_service ON claims (service_id, starts_at) INCLUDE (tenant_id, owner, expires_at);
SELECT frontdesk_isolate('claims');
SELECT frontdesk_share('claims'); -- goes with its hold

CREATE TABLE appointment_history (
    tenant_id      text        NOT NULL,
    id             bigint      GENERATED ALWAYS AS IDENTITY,
    appointment_id text        NOT NULL,
    kind           text        NOT NULL,
    actor          text        NOT NULL DEFAULT '',
    reason         text        NOT NULL DEFAULT '',
    version        bigint      NOT NULL,
    at             timestamptz NOT NULL,
    service_id     text        NOT NULL,
    staff_id       text,
    resource_ids   text[]      NOT NULL DEFAULT '{}',
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    CONSTRAINT appointment_history_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT appointment_history_appointment FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX appointment_history_of ON appointment_history (appointment_id, id, tenant_id);
SELECT frontdesk_isolate('appointment_history');

-- A request that bore a key, with the answer it was given. Refusals are not
-- kept: the same request may be taken later.
CREATE TABLE booking_requests (
    tenant_id  text        NOT NULL,
    key        text        NOT NULL,
    hash       bytea       NOT NULL,
    answer     jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT booking_requests_pkey PRIMARY KEY (tenant_id, key)
);
CREATE INDEX booking_requests_age ON booking_requests (created_at);
SELECT frontdesk_isolate('booking_requests');
SELECT frontdesk_share('booking_requests'); -- swept for all tenants

-- Times at which staff are busy elsewhere, as their calendars say. They may
-- overlap what is booked here, so no constraint keeps them apart: who books
-- looks at them under the staff member's lock, under which they are replaced.
CREATE TABLE staff_busy (
    tenant_id text      NOT NULL,
    id        bigint    GENERATED ALWAYS AS IDENTITY,
    staff_id  text      NOT NULL,
    source    text      NOT NULL,
    uid       text      NOT NULL DEFAULT '',
    during    tstzrange NOT NULL,
    CONSTRAINT staff_busy_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT staff_busy_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    CONSTRAINT staff_busy_during CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during))
);
CREATE INDEX staff_busy_of ON staff_busy USING gist (staff_id, during);
SELECT frontdesk_isolate('staff_busy');

-- Secret links of calendar feeds: of one staff member, or of all where staff_id
-- is ''. Only the hash is kept.
CREATE TABLE calendar_feeds (
    tenant_id  text        NOT NULL,
    staff_id   text        NOT NULL DEFAULT '',
    token_hash bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT calendar_feeds_pkey PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT calendar_feeds_token UNIQUE (token_hash)
);
SELECT frontdesk_isolate('calendar_feeds');
SELECT frontdesk_share('calendar_feeds'); -- the link comes without a tenant
