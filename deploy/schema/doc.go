// Package schema holds the migrations of both databases and opens Postgres the
// one way the rest may use it: as roles that own nothing and see one tenant.
//
// Migrations only go forward. Each is a file in postgres/ or clickhouse/ whose
// number never changes; they are embedded, and applied in order under a lock,
// so that any number of processes may start at once.
//
// A table with a tenant_id must be handed to frontdesk_isolate in the migration
// that makes it. [OpenPostgres] refuses to start on one that was not.
package schema
