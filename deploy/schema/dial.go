package schema

import (
	"context"
	"net"
	"time"
)

// gone is after how long without a sign of life the host of Postgres is given
// up. A process or a failover would be noticed at once; this is for a machine
// that vanishes, which the system would otherwise wait a quarter of an hour for.
const gone = 20 * time.Second

// dial connects to Postgres so that its disappearance is noticed: while it is
// silent, and while it does not confirm what is sent.
func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: gone / 2, Interval: gone / 8, Count: 4},
		Control:         giveUpAfter(gone),
	}
	return d.DialContext(ctx, network, addr)
}
