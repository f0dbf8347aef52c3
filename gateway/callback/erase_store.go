package callback

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Forget removes the parked callbacks that hold one of values, phone numbers
// with or without a plus: nobody will look at them any more. Those that wait for
// the log stay, as the provider was told that we have them. It may be called
// again.
func (s *Spool) Forget(ctx context.Context, values []string) (int64, error) {
	var names []string
	for _, v := range values {
		if v = strings.TrimPrefix(v, "+"); len(v) >= 6 { // a shorter one is in everything
			names = append(names, v)
		}
	}
	var gone int64
	err := s.db.AcrossTenants(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			DELETE FROM callback_spool c WHERE parked IS NOT NULL
				AND EXISTS (SELECT FROM unnest($1::text[]) n (name) WHERE position(convert_to(n.name, 'UTF8') IN c.body) > 0)`, names)
		gone = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget parked callbacks: %w", err)
	}
	return gone, nil
}
