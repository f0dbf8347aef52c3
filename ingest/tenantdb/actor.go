package tenantdb

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
)

// Kinds of actors.
const (
	ByKey   = "key"   // a request with an API key
	ByAdmin = "admin" // who runs the system, by a business's file
)

// Actor is on whose behalf transactions are opened: the database writes a row
// of the audit log for each object that they change.
type Actor struct {
	Kind    string `json:"actor"`
	ID      string `json:"id"`      // of the key
	Action  string `json:"action"`  // the operation: "createService"
	Request string `json:"request"` // "req_…"
}

type actorKey struct{}

// As returns a context in which [DB.InTenant], [DB.Batch] and [DB.Staged] open
// their transactions on behalf of a. What a part does by itself has no actor and
// leaves no row.
func As(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns on whose behalf transactions of ctx are, the zero Actor for
// nobody's. Who lets calls share a transaction asks it: they must be the same's,
// but for the request, which [QueueRequests] tells.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// QueueRequests tells the transaction of b, which requests of one actor share,
// which request it was by the id of the object that it makes. Other objects are
// of the request that opened the transaction.
func QueueRequests(b *pgx.Batch, byObject map[string]string) {
	text, err := json.Marshal(byObject)
	if err != nil {
		panic(err) // strings can be written down
	}
	b.Queue(`SELECT set_config('app.requests', $1, true)`, string(text))
}

// queueActor tells the transaction that b opens whose it is.
func queueActor(ctx context.Context, b *pgx.Batch) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	if !ok {
		return
	}
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // four strings can be written down
	}
	b.Queue(`SELECT set_config('app.actor', $1, true)`, string(text))
}
