// Package kb is what a business knows, and how the right piece of it is found
// or the question declined.
//
// An article is pushed as text, Markdown, HTML, FAQ, PDF or DOCX, cut into
// passages along its structure, embedded, and kept with its earlier versions.
// A question is matched against the tenant's own articles only:
//
//	Draft ─▶ extract ─▶ passages ─▶ embeddings ─▶ Postgres
//	                                                 │
//	Query ─▶ vectors + full text, fused ─▶ rank ─────┴▶ Answer, or none
//
// Ranking and declining live in kb/rank, are pure, and learn from the tenant's
// own titles, phrasings and texts alone. `frontdesk kb eval` measures that very
// code on files (kb/eval).
//
// What was deleted or replaced is in no answer once [Store.Delete] or
// [Store.Put] has returned, on any replica: each tenant has a generation that
// every change counts up in its transaction, and nothing kept in memory is used
// for another generation than the one it was made from.
package kb
