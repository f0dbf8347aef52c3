package tenantdb

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// Poisonous reports whether err may come of what was to be stored, and not of
// how Postgres is: a value that it cannot hold (class 22), a broken constraint
// (23), a limit such as the size of an index row (54). The same again fails
// again, and fails what shares its transaction: a batch is to be taken apart,
// and what fails alone is not to be waited for.
func Poisonous(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	class := pg.Code[:min(2, len(pg.Code))]
	return class == "22" || class == "23" || class == "54"
}
