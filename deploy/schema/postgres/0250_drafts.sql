-- What a conversation knows of a booking under way: the draft that its last turn
-- left. It is written with the turn, in the statement that counts the
-- conversation up, and is empty for most.

-- +goose Up
ALTER TABLE conversations ADD COLUMN draft json;
