package kb

import (
	"frontdesk/ingest"
	"frontdesk/kb/embed"
)

// Settle waits for the work in the background.
func (s *Store) Settle() { s.busy.Wait() }

// Indexed reports whether a tenant's passages are in an index.
func (s *Store) Indexed(tenant ingest.TenantID) bool {
	return s.shelf.has(shelved{tenant, embed.Hashing{}.Model() + ":256"})
}
