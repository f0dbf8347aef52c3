-- Tables of contacts that are read in. The job's row is moved on in the
-- transaction that writes the contacts of some rows, so that a crash neither
-- leaves a row out nor does it twice.

-- +goose Up
-- columns says what each column of the table is; offset_bytes and line are how
-- far it is done. The parts go when it is done; only counts and errors stay.
CREATE TABLE contact_imports (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    number       bigint      NOT NULL,
    status       text        NOT NULL,
    actor        text        NOT NULL DEFAULT '',
    dry_run      boolean     NOT NULL,
    separator    text        NOT NULL,
    home         text        NOT NULL DEFAULT '', -- whose country's numbers need no code
    columns      text[]      NOT NULL,
    size_bytes   bigint      NOT NULL DEFAULT 0,
    offset_bytes bigint      NOT NULL DEFAULT 0,
    line         bigint      NOT NULL DEFAULT 0,
    rows         bigint      NOT NULL DEFAULT 0,
    created      bigint      NOT NULL DEFAULT 0,
    updated      bigint      NOT NULL DEFAULT 0,
    failed       bigint      NOT NULL DEFAULT 0,
    detail       text        NOT NULL DEFAULT '', -- why it ended early
    attempts     integer     NOT NULL DEFAULT 0,  -- in a row that got no further
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    request_key  text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    CONSTRAINT contact_imports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT contact_imports_number UNIQUE (number, tenant_id),
    CONSTRAINT contact_imports_status CHECK (status IN ('uploading', 'running', 'done', 'failed'))
);
CREATE UNIQUE INDEX contact_imports_request ON contact_imports (request_key, tenant_id) WHERE request_key IS NOT NULL;
CREATE INDEX contact_imports_waiting ON contact_imports (leased_until) WHERE status = 'running';
CREATE INDEX contact_imports_uploading ON contact_imports (updated_at) WHERE status = 'uploading';
SELECT frontdesk_isolate('contact_imports');
SELECT frontdesk_share('contact_imports'); -- one worker reads those of all tenants

CREATE TABLE contact_import_parts (
    tenant_id text   NOT NULL,
    import_id text   NOT NULL,
    starts    bigint NOT NULL, -- byte
    body      bytea  NOT NULL,
    CONSTRAINT contact_import_parts_pkey PRIMARY KEY (tenant_id, import_id, starts),
    CONSTRAINT contact_import_parts_import FOREIGN KEY (tenant_id, import_id) REFERENCES contact_imports (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE contact_import_parts ALTER body SET STORAGE EXTERNAL; -- parts of it are read
SELECT frontdesk_isolate('contact_import_parts');
SELECT frontdesk_share('contact_import_parts'); -- those that nobody ends are removed for all tenants
DROP TRIGGER IF EXISTS audited ON contact_import_parts; -- the import is, of which these are parts

-- What was wrong with which row: never what stood there.
CREATE TABLE contact_import_errors (
    tenant_id text   NOT NULL,
    import_id text   NOT NULL,
    id        bigint GENERATED ALWAYS AS IDENTITY,
    line      bigint NOT NULL,
    field     text   NOT NULL,
    message   text   NOT NULL,
    CONSTRAINT contact_import_errors_pkey PRIMARY KEY (tenant_id, import_id, id),
    CONSTRAINT contact_import_errors_import FOREIGN KEY (tenant_id, import_id) REFERENCES contact_imports (tenant_id, id) ON DELETE CASCADE
);
SELECT frontdesk_isolate('contact_import_errors');
