package media

// SetQuota bounds what a tenant's files may take.
func (s *Store) SetQuota(n int64) { s.quota = n }
