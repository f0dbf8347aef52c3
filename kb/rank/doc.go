// Package rank finds which of a tenant's articles answers a question, or that
// none does. It is pure: no database, no network, no clock, no randomness; the
// same articles and question give the same result on every machine.
//
// [Train] learns from the tenant's own articles alone. Three judges are asked
// about each question:
//
//   - a linear classifier (one against the rest, squared hinge, trained by dual
//     coordinate descent) over stems, pairs of stems and letter n-grams of the
//     phrasings that the tenant gave its articles;
//   - the likeness to the nearest single phrasing;
//   - the words of the article's own text, weighed by how rare they are.
//
// Their sum ranks. Whether the best is good enough is decided apart, from how
// far it is ahead, how much of what was said the article speaks of, how much of
// it the tenant has never spoken of, and the like: [Result.Confidence]. Its
// weights are general, the same for every tenant.
package rank
