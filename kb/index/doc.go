// Package index finds passages of one tenant in memory: by vectors, compared
// with every one, and by words, weighed by how rare they are (BM25). Both are
// exact; the two rankings are fused by place.
//
// It holds no text. What it finds is read from the database, where a passage
// that was retracted meanwhile is not: such a find is reported with
// [Index.Forget] and the search repeated.
package index
