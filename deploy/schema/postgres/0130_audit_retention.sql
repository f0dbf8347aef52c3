-- Old rows of the audit log may go, and none else: the role that works for all
-- tenants sees and deletes those of more than 30 days, whatever it is asked to.
-- The primary key finds them, as an id begins with its time.

-- +goose Up
GRANT SELECT, DELETE ON audit_log TO frontdesk_system;
CREATE POLICY old_seen ON audit_log FOR SELECT TO frontdesk_system USING (at < now() - interval '30 days');
CREATE POLICY old_deleted ON audit_log FOR DELETE TO frontdesk_system USING (at < now() - interval '30 days');
