package booking

import (
	"context"
	"time"

	"frontdesk/ingest"
)

// Missed marks one appointment that was found to be missed a moment ago.
func Missed(ctx context.Context, s *Store, tenant ingest.TenantID, id ingest.AppointmentID, after time.Duration) error {
	return s.missed(ctx, tenant, id, after)
}
