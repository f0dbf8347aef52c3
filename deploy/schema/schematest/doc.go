// Package schematest gives a test a database of its own, migrated and empty.
//
// Migrating takes a second and copying a migrated database a tenth of one, so
// all test binaries share a template, named after the hash of the migrations
// and made once by whoever comes first. A test's copy is dropped at its end.
//
// FRONTDESK_TEST_POSTGRES_URL names a server on which the user may make
// databases and roles. Without it these tests are skipped, or fail if
// FRONTDESK_TEST_REQUIRE is set.
package schematest
