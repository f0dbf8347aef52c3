-- Files that were uploaded to be sent, and those of messages, fetched from the
-- provider before its addresses end. A file goes with its message. The bytes
-- stand apart, so that a list reads none of them, and are not written down by
-- the audit log, which the file itself is.

-- +goose Up
CREATE TABLE media (
    tenant_id  text        NOT NULL,
    id         text        NOT NULL,
    message_id text,
    position   integer     NOT NULL DEFAULT 0, -- among the message's files, from 0
    kind       text        NOT NULL,
    mime_type  text        NOT NULL,
    filename   text        NOT NULL DEFAULT '',
    bytes      integer     NOT NULL,
    sha256     text        NOT NULL,
    test       boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT media_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT media_once UNIQUE (tenant_id, message_id, position),
    CONSTRAINT media_message FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE CASCADE
);
SELECT frontdesk_isolate('media');

CREATE TABLE media_files (
    tenant_id text  NOT NULL,
    media_id  text  NOT NULL,
    body      bytea NOT NULL,
    CONSTRAINT media_files_pkey PRIMARY KEY (tenant_id, media_id),
    CONSTRAINT media_files_media FOREIGN KEY (tenant_id, media_id) REFERENCES media (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT media_files_size CHECK (octet_length(body) BETWEEN 1 AND 16777216)
);
ALTER TABLE media_files ALTER body SET STORAGE EXTERNAL; -- pictures are compressed already
SELECT frontdesk_isolate('media_files');
DROP TRIGGER IF EXISTS audited ON media_files;
