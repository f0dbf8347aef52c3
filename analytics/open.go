package analytics

import (
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says how to reach ClickHouse.
type Config struct {
	// URL is that of clickhouse-go and names the database:
	// http://user:password@host:8123/frontdesk, or clickhouse:// with port 9000.
	URL string
	// MaxConns bounds the statements that this process runs at once; 0 is 8.
	MaxConns int
	// ReadTimeout is how long an answer may take to begin; 0 is 30 s.
	ReadTimeout time.Duration
}

// Open returns a connection to a migrated database for [NewSink] and
// [NewStore]. It reaches out only when it is used, so ClickHouse may be down.
func Open(cfg Config) (driver.Conn, error) {
	opts, err := clickhouse.ParseDSN(cfg.URL)
	if err != nil {
		return nil, errors.New("open clickhouse: the connection URL is malformed") // the cause quotes the password
	}
	if opts.MaxOpenConns = cfg.MaxConns; cfg.MaxConns == 0 {
		opts.MaxOpenConns = 8
	}
	opts.MaxIdleConns = opts.MaxOpenConns
	if opts.ReadTimeout = cfg.ReadTimeout; cfg.ReadTimeout == 0 {
		opts.ReadTimeout = 30 * time.Second
	}
	opts.DialTimeout = 5 * time.Second
	if opts.Compression == nil {
		opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	return clickhouse.Open(opts)
}
