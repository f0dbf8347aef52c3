-- Messages and turns no longer check that their conversation is there. Each of
-- the checks read and locked a row that the transaction holds already: messages
-- and turns are written only by who has locked the conversation, or has just
-- opened it, and a conversation's row is never deleted, also not when its
-- contact is erased. There were three for each message that is answered, a
-- twelfth of what Postgres spends on it.

-- +goose Up
ALTER TABLE messages DROP CONSTRAINT messages_conversation;
ALTER TABLE turns DROP CONSTRAINT turns_conversation;
