-- Where a staff member's own calendar is fetched from: an address of an
-- iCalendar file, which is a secret and sealed. What it says is in staff_busy,
-- with the source 'fetch', and stays there while fetching fails. version counts
-- the addresses, so that what was fetched from one before is not taken for this
-- one's.

-- +goose Up
CREATE TABLE busy_sources (
    tenant_id  text        NOT NULL,
    staff_id   text        NOT NULL,
    sealed_url bytea       NOT NULL,
    origin     text        NOT NULL, -- what may be shown of the address
    version    bigint      NOT NULL DEFAULT 1,
    etag       text        NOT NULL DEFAULT '',
    modified   text        NOT NULL DEFAULT '', -- Last-Modified, as it came
    due_at     timestamptz NOT NULL,
    checked_at timestamptz, -- the last attempt
    fetched_at timestamptz, -- the last that found out how things are
    read_at    timestamptz, -- the last that read a whole calendar
    spans      integer     NOT NULL DEFAULT 0,
    failures   integer     NOT NULL DEFAULT 0, -- in a row
    error      text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT busy_sources_pkey PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT busy_sources_staff FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
);
CREATE INDEX busy_sources_due ON busy_sources (due_at);
SELECT frontdesk_isolate('busy_sources');
SELECT frontdesk_share('busy_sources'); -- one worker looks for what is due of all
