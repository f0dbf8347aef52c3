package schema

// CheckRole is checked on roles that a pool never gets.
var CheckRole = checkRole

// MigratePostgresFrom applies some of the migrations, as an older release did.
var MigratePostgresFrom = migratePostgres
