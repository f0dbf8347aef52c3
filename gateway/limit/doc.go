// Package limit allows and refuses requests by limits that all gateways share,
// exactly, and without asking anybody for most of them.
//
// A limit is a bucket in Postgres, kept by the generic cell rate algorithm: a
// window's worth at once, refilled evenly. A gateway takes small leases from it,
// the 256th part of a window and at least one, and spends them in memory. The
// next lease is taken in the background before the last is used up; what comes
// sooner is allowed on credit while there is plenty. So a request waits for
// Postgres only where its key is new to this gateway, where many come at once,
// and for the last few of a bucket. That a bucket is empty is known here too, and
// refused without asking.
//
//	Take ──▶ lease in hand ──▶ allowed
//	   ├───▶ bucket known to be empty ──▶ refused until it is not
//	   ├───▶ plenty known to be in it ──▶ allowed, and told with the next question
//	   └───▶ ask, with all who ask at this moment, and wait at most Config.Wait
//
// What is granted is taken from the bucket at once, and credit is told within a
// round trip, so all gateways together allow what one would. What a gateway did not spend within
// Config.Hold goes back. A gateway that dies takes at most its lease with it:
// 0.4 % of a window.
//
// Is Postgres away or too slow, a gateway goes on with its share of the limit,
// one part in as many as there were gateways: neither open nor closed. What was
// spent so is taken from the bucket later.
package limit
