-- A new contact is updated once, with the language of its first turn, and a
-- message that we send twice, when it is claimed and when it is settled. Without
-- room in its page the new row went into another one, and into every index. This
-- is for pages that are written from now on.

-- +goose Up
ALTER TABLE contacts SET (fillfactor = 70);
ALTER TABLE messages SET (fillfactor = 60);
