// Package chdb is ClickHouse in this process: libchdb, the engine as a shared
// library, behind the part of ClickHouse's HTTP protocol that clickhouse-go
// speaks. It is what frontdesk runs where no ClickHouse server is named.
//
//	clickhouse-go ──HTTP on loopback──▶ [Engine.Serve] ──▶ one engine connection per request ──▶ libchdb
//
// A request is taken as a server takes it: the query in the URL or the body,
// settings and {name:Type} parameters as URL parameters, compression both
// ways, exceptions with their code. Three things are done here because the
// library has no protocol of its own:
//
//   - Results. The library writes Native blocks of revision 0; they are decoded
//     and encoded again at the client_protocol_version that was asked for.
//   - Inserts. The library reads data from files alone, so the body goes into
//     one and in as INSERT … FROM INFILE.
//   - Ends. A statement has a time limit, is killed when its client leaves, and
//     one that outlives both stops the engine, so that its supervisor starts a
//     new one.
//
// Not served: sessions, external tables, streaming of results (a result is
// held whole), brotli.
//
// The engine is meant for a process of its own: it is several hundred
// megabytes of C++ that may end the process it lives in. A process can hold
// one engine at a time.
package chdb
