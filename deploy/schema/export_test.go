package schema

// CheckRole is checked on roles that a pool never gets.
var CheckRole = checkRole
