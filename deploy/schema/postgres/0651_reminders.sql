-- Reminders belong to an appointment: they are written, moved and dropped in
-- the transaction that makes, moves or ends it. The waitlist is who would take
-- a time that becomes free.

-- +goose Up

-- version is the appointment's when the reminder was set: one taken for sending
-- before a move is stale after it. A due one is leased to one worker at a time.
CREATE TABLE reminders (
    tenant_id      text        NOT NULL,
    id             text        NOT NULL,
    appointment_id text        NOT NULL,
    before_minutes integer     NOT NULL,
    template       text        NOT NULL DEFAULT '',
    body           text        NOT NULL DEFAULT '',
    due_at         timestamptz NOT NULL,
    status         text        NOT NULL DEFAULT 'waiting',
    attempts       integer     NOT NULL DEFAULT 0,
    leased_until   timestamptz,
    detail         text        NOT NULL DEFAULT '', -- the message sent, or why none was
    done_at        timestamptz,
    CONSTRAINT reminders_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT reminders_appointment FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT reminders_once UNIQUE (tenant_id, appointment_id, before_minutes),
    CONSTRAINT reminders_status CHECK (status IN ('waiting', 'sent', 'dropped'))
);
CREATE INDEX reminders_due ON reminders (due_at) WHERE status = 'waiting';
SELECT frontdesk_isolate('reminders');
SELECT frontdesk_share('reminders'); -- one worker sends those of all tenants

CREATE TABLE waitlist (
    tenant_id       text        NOT NULL,
    id              text        NOT NULL,
    service_id      text        NOT NULL,
    staff_id        text,
    contact_id      text        NOT NULL,
    conversation_id text,
    wanted          tstzrange   NOT NULL, -- a slot that begins within would do
    status          text        NOT NULL DEFAULT 'waiting',
    offered_until   timestamptz,
    created_at      timestamptz NOT NULL,
    CONSTRAINT waitlist_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT waitlist_service FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    CONSTRAINT waitlist_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
    CONSTRAINT waitlist_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    CONSTRAINT waitlist_conversation FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT waitlist_status CHECK (status IN ('waiting', 'offered', 'booked', 'left')),
    CONSTRAINT waitlist_wanted CHECK (NOT isempty(wanted) AND NOT lower_inf(wanted) AND NOT upper_inf(wanted))
);
CREATE INDEX waitlist_waiting ON waitlist (service_id, created_at, tenant_id) WHERE status IN ('waiting', 'offered');
SELECT frontdesk_isolate('waitlist');
