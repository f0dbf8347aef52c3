-- +goose Up
-- Whom a conversation was given to: a name, an address or an id of the
-- business's own. Empty: to whoever looks.
ALTER TABLE conversations ADD COLUMN assignee text NOT NULL DEFAULT '';
