// Package api is /v1: its route table, its names for fields and its envelope,
// over the operations.
//
// A [Route] binds method, path, scope and limit class to a function from a
// tagged input to a tagged output ([Bind], [BindList]). Everything else follows
// from the table: authentication, limits, idempotency, decoding, checking, the
// reply and the OpenAPI document at /v1/openapi.json. A dialect is another
// table with another [Style], mounted by the same [Server].
//
// Inputs and outputs are tagged: `json` names a field of the body, `path` and
// `query` those of the URL; `required`, `enum`, `min`, `max`, `maxLength` and
// `format` are checked and documented alike, `doc` and `example` documented.
package api
