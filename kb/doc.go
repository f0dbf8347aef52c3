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
// The nearest passages are found by an exact scan: in Postgres, or, for a tenant
// of some thousands and more, in memory (kb/index). At 100,000 passages a search
// takes some 11 ms on one processor, so there is no approximate index.
//
// What was deleted or replaced is in no answer once [Store.Delete] or
// [Store.Put] has returned, on any replica: each tenant has a generation that
// every change counts up in its transaction. No answer kept in memory is used for
// another generation than the one it was made from, and an index holds no text:
// what it finds is read from Postgres as it is then.
package kb
