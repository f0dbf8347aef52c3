// Package audit reads who changed what. Nobody writes it from here: the database
// adds a row to audit_log in the transaction of each change that is made on
// somebody's behalf, as tenantdb.As says, and triggers that every table has.
package audit
