// Package tenant is the businesses on this system: their channels with sealed
// credentials, their API keys, plans and webhook endpoints, and the file by
// which a business is set up.
//
// [Store] owns the tables. [Directory] holds tenants, channels and keys in
// memory for the paths that must not wait for a database; it follows the tables
// within a second, on every replica. [Vault] holds the master key: credentials
// are sealed with it and keys hashed under it, so that a copy of the database
// opens nothing.
//
// A business's file is read by [Parse], which reports everything wrong with it
// at once, and put into effect by [Applier.Apply].
package tenant
