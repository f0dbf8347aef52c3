-- Statistics for tables that are still empty. Without any, the planner takes a
-- tenant for one row, so that reading all of a tenant looks as cheap as one row
-- by its key; connections keep such plans until the first ANALYZE, which
-- autovacuum makes a minute later: on a new database single statements read all
-- of a tenant's messages for one row. The samples below are of ten tenants, nine
-- of whom ANALYZE does not remember by name, are counted, and are removed again;
-- what was learnt of them stays until there is something better.

-- +goose Up
ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_identifiers NO FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_preferences NO FORCE ROW LEVEL SECURITY;
ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;
ALTER TABLE early_receipts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE turns NO FORCE ROW LEVEL SECURITY;
ALTER TABLE turns_due NO FORCE ROW LEVEL SECURITY;

INSERT INTO contacts (tenant_id, id, number)
SELECT 'sample ' || i % 10, 'con_' || i, i FROM generate_series(1, 2000) i;
INSERT INTO contact_identifiers (tenant_id, kind, value, contact_id)
SELECT 'sample ' || i % 10, 'phone', '+1555' || i, 'con_' || i FROM generate_series(1, 2000) i;
INSERT INTO contact_preferences (tenant_id, contact_id, channel_id, category, allowed, source, at)
SELECT 'sample ' || i % 10, 'con_' || i, 'chn_1', 'all', false, 'keyword', now() FROM generate_series(1, 2000) i;
INSERT INTO conversations (tenant_id, id, number, channel_id, contact_id, party)
SELECT 'sample ' || i % 10, 'cnv_' || i, i, 'chn_1', 'con_' || i, '{}' FROM generate_series(1, 2000) i;
INSERT INTO messages (tenant_id, id, number, conversation_id, channel_id, direction, provider_id, status, prompt, message, at)
SELECT 'sample ' || i % 10, 'msg_' || i, i, 'cnv_' || 10 + i % 1990, 'chn_1', CASE i % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END, 'wamid.' || i,
    CASE i % 2 WHEN 0 THEN 'received' ELSE 'delivered' END, i % 2 = 0, '{}', now()
FROM generate_series(1, 8000) i;
INSERT INTO early_receipts (tenant_id, channel_id, provider_id, status, at)
SELECT 'sample ' || i % 10, 'chn_1', 'wamid.' || i, 'delivered', now() FROM generate_series(1, 1000) i;
INSERT INTO turns (tenant_id, conversation_id, number, id, brain, outcome, input, decision, received_at, decided_at)
SELECT 'sample ' || i % 10, 'cnv_' || 10 + i % 1990, 1 + i / 1990, 'trn_' || i, 'builtin/1', 'answered', '{}', '{}', now(), now() FROM generate_series(0, 3999) i;
INSERT INTO turns_due (tenant_id, conversation_id, due_at)
SELECT 'sample ' || i % 10, 'cnv_' || i, now() + i * interval '1 second' FROM generate_series(1, 1000) i;

-- One remembered value, so that an unknown tenant is a tenth of the rows.
ALTER TABLE contacts ALTER tenant_id SET STATISTICS 1;
ALTER TABLE contact_identifiers ALTER tenant_id SET STATISTICS 1;
ALTER TABLE contact_preferences ALTER tenant_id SET STATISTICS 1;
ALTER TABLE conversations ALTER tenant_id SET STATISTICS 1;
ALTER TABLE messages ALTER tenant_id SET STATISTICS 1;
ALTER TABLE early_receipts ALTER tenant_id SET STATISTICS 1;
ALTER TABLE turns ALTER tenant_id SET STATISTICS 1;
ALTER TABLE turns_due ALTER tenant_id SET STATISTICS 1;
ANALYZE contacts, contact_identifiers, contact_preferences, conversations, messages, early_receipts, turns, turns_due;
TRUNCATE contacts, contact_identifiers, contact_history, contact_preferences, conversations, messages, early_receipts, turns, turns_due;

ALTER TABLE contacts ALTER tenant_id SET STATISTICS -1;
ALTER TABLE contact_identifiers ALTER tenant_id SET STATISTICS -1;
ALTER TABLE contact_preferences ALTER tenant_id SET STATISTICS -1;
ALTER TABLE conversations ALTER tenant_id SET STATISTICS -1;
ALTER TABLE messages ALTER tenant_id SET STATISTICS -1;
ALTER TABLE early_receipts ALTER tenant_id SET STATISTICS -1;
ALTER TABLE turns ALTER tenant_id SET STATISTICS -1;
ALTER TABLE turns_due ALTER tenant_id SET STATISTICS -1;

ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_identifiers FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_preferences FORCE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
ALTER TABLE early_receipts FORCE ROW LEVEL SECURITY;
ALTER TABLE turns FORCE ROW LEVEL SECURITY;
ALTER TABLE turns_due FORCE ROW LEVEL SECURITY;
