-- What a person who is erased is found by. Without these all of the tenant's rows
-- were read, while nobody could make or merge its contacts: to find who was
-- merged into them, whose identifier they had before, what was scheduled for
-- them and what they wait for; and for each appointment that went with them, all
-- claims, as for each hold that ends. They are built beside what is written
-- meanwhile; those that an earlier attempt left unfinished go first.

-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS contacts_merged;
CREATE INDEX CONCURRENTLY contacts_merged ON contacts (merged_into, tenant_id) WHERE merged_into IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS contact_identifiers_former;
CREATE INDEX CONCURRENTLY contact_identifiers_former ON contact_identifiers (former_contact_id, tenant_id) WHERE former_contact_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS contact_merges_by_merged;
CREATE INDEX CONCURRENTLY contact_merges_by_merged ON contact_merges (merged_id, tenant_id);
DROP INDEX CONCURRENTLY IF EXISTS contact_history_merges;
CREATE INDEX CONCURRENTLY contact_history_merges ON contact_history (tenant_id, id) WHERE kind IN ('merged', 'unmerged');
DROP INDEX CONCURRENTLY IF EXISTS scheduled_messages_by_contact;
CREATE INDEX CONCURRENTLY scheduled_messages_by_contact ON scheduled_messages (contact_id, tenant_id);
DROP INDEX CONCURRENTLY IF EXISTS waitlist_by_contact;
CREATE INDEX CONCURRENTLY waitlist_by_contact ON waitlist (contact_id, tenant_id);
DROP INDEX CONCURRENTLY IF EXISTS claims_of_appointments;
CREATE INDEX CONCURRENTLY claims_of_appointments ON claims (appointment_id, tenant_id) WHERE appointment_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS claims_of_holds;
CREATE INDEX CONCURRENTLY claims_of_holds ON claims (hold_id, tenant_id) WHERE hold_id IS NOT NULL;
