package boot

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is the whole configuration, one field a variable: env names it without
// FRONTDESK_, expects says what a value looks like, about what it does. The
// README's table is made of these; see [Variables].
type Config struct {
	Listen         string   `env:"LISTEN" envDefault:":8080" expects:"host:port or :port" about:"the public address: callbacks, API, simulator"`
	InternalListen string   `env:"INTERNAL_LISTEN" envDefault:"127.0.0.1:9090" expects:"host:port or :port" about:"the address of /healthz, /readyz, /metrics and /debug/pprof; keep it from the public"`
	PublicURL      string   `env:"PUBLIC_URL" expects:"an http:// or https:// URL" about:"how providers and customers reach LISTEN; Twilio's signatures cover it. Default: http://localhost with LISTEN's port"`
	DataDir        string   `env:"DATA_DIR" envDefault:"./.data" expects:"a folder that can be written" about:"what the embedded engines keep, and the keys made for them"`
	PostgresURL    URL      `env:"POSTGRES_URL" expects:"a postgres:// URL" about:"a PostgreSQL 15 or newer with pgvector 0.8 or newer, instead of the embedded one"`
	PostgresConns  int32    `env:"POSTGRES_CONNS" envDefault:"24" expects:"a number from 4 to 1000" about:"the connections to Postgres that one process may hold, two thirds of them for tenants' work"`
	KafkaBrokers   []string `env:"KAFKA_BROKERS" expects:"host:port, several with commas between" about:"a Kafka cluster, instead of the embedded broker"`
	ClickHouseURL  URL      `env:"CLICKHOUSE_URL" expects:"an http://, https:// or clickhouse:// URL with a database" about:"a ClickHouse server, instead of the embedded engine"`
	ChDBLibrary    string   `env:"CHDB_LIB" expects:"the path of libchdb.so" about:"the embedded ClickHouse engine; default: where make setup puts it"`

	AdminToken     Secret   `env:"ADMIN_TOKEN" expects:"at least 16 characters" about:"the bearer token of /admin/v1 and frontdesk apply; without it both are off"`
	MasterKey      Key      `env:"MASTER_KEY" expects:"base64 of 32 bytes (openssl rand -base64 32)" about:"seals credentials at rest. Needed with POSTGRES_URL; else one is made and kept in DATA_DIR"`
	OlderKeys      []Key    `env:"MASTER_KEY_OLDER" expects:"base64 of 32 bytes, several with commas between" about:"earlier master keys, to open what they sealed while a key is replaced"`
	TrustedProxies []Net    `env:"TRUSTED_PROXIES" expects:"networks such as 10.0.0.0/8, several with commas between" about:"whose X-Forwarded-For is believed; default: nobody's"`
	WebhookAllow   []Net    `env:"WEBHOOK_ALLOW" expects:"networks such as 10.0.0.0/8, several with commas between" about:"what webhooks may reach although it is not public, on any port and without TLS; default: nothing"`
	CORSOrigins    []string `env:"CORS_ORIGINS" expects:"origins such as https://app.example.com, several with commas between" about:"whose pages may call the API; default: none"`

	MetaBaseURL   URL `env:"META_BASE_URL" envDefault:"https://graph.facebook.com" expects:"an http:// or https:// URL" about:"Meta's Graph API, for a proxy or a test"`
	TwilioBaseURL URL `env:"TWILIO_BASE_URL" envDefault:"https://api.twilio.com" expects:"an http:// or https:// URL" about:"Twilio's API, for a proxy or a test"`

	EmbeddingsURL   URL    `env:"EMBEDDINGS_URL" expects:"an http:// or https:// URL" about:"an OpenAI-compatible endpoint for embeddings, up to /v1; default: the built-in embedder"`
	EmbeddingsKey   Secret `env:"EMBEDDINGS_KEY" expects:"a key" about:"its bearer token"`
	EmbeddingsModel string `env:"EMBEDDINGS_MODEL" expects:"a model's name" about:"its model; needed with EMBEDDINGS_URL"`

	AuditDays int `env:"AUDIT_DAYS" envDefault:"400" expects:"0, or a number from 30 to 36500" about:"how long entries of the audit log are kept; 0 keeps them for good"`

	LogLevel   slog.Level    `env:"LOG_LEVEL" envDefault:"info" expects:"debug, info, warn or error" about:"the least that is logged"`
	LogFormat  string        `env:"LOG_FORMAT" envDefault:"auto" expects:"json, text or auto" about:"auto is text on a terminal and JSON elsewhere"`
	DrainDelay time.Duration `env:"DRAIN_DELAY" envDefault:"0s" expects:"a duration up to 5s" about:"how long to go on serving after /readyz says no: the time a load balancer needs to look elsewhere"`
}

// Net is a network, such as 10.0.0.0/8.
type Net = netip.Prefix

// Embedded reports whether the tenants' rows are in a database of our own.
func (c Config) Embedded() bool { return c.PostgresURL == "" }
