-- +goose Up
-- Whether inbound messages of a channel are shown to their sender as read, and
-- an answer as being written.
ALTER TABLE channels ADD COLUMN mark_read boolean NOT NULL DEFAULT false;
