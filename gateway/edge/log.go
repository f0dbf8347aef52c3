package edge

import (
	"fmt"
	"log/slog"
	"regexp"
)

// secrets finds API keys: as a query parameter, in a header, or bare.
var secrets = regexp.MustCompile(`(?i)(api_key=|bearer\s+|x-api-key:\s*)[^\s&"']+|\b(?:fd|ck|aivo|kv1|avoca|bva)_[A-Za-z0-9_]{16,}`)

// redact replaces what looks like an API key.
func redact(s string) string {
	return secrets.ReplaceAllString(s, "${1}***")
}

// quietLogger takes what fasthttp says of connections that broke: of interest
// only when looked for, and possibly with bytes of the request in it.
type quietLogger struct{ log *slog.Logger }

func (l quietLogger) Printf(format string, args ...any) {
	l.log.Debug("http connection", "detail", redact(fmt.Sprintf(format, args...)))
}
