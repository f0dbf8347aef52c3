// Package edge is HTTP and nothing else: the server with its limits, the shape
// of a handler, strict decoding, replies and faults, rate limits and
// idempotency keys.
//
// A [Handler] gets a context with the route's deadline, does its work and
// returns nil after [Reply], or an error. The server turns the error into a
// [Fault]: one it is itself, one that [Config.Explain] knows, or 500.
//
// Nothing of a *fasthttp.RequestCtx may be kept once the handler has returned:
// its bytes belong to the next request. It must not be used as a context
// either, since fasthttp cancels it at the start of a shutdown, while requests
// in hand are still allowed to finish.
package edge
