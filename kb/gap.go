package kb

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"frontdesk/ingest"
	"frontdesk/kb/rank"
)

// prefixGap begins the id of a gap.
const prefixGap = "gap_"

func newGapID() string { return ingest.NewID(prefixGap, time.Now()) }

// gapKey is the same for questions that ask alike; empty for no words.
func gapKey(text, language string) string {
	key := rank.Key(text, language)
	if len(key) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(key, " ")))
	return hex.EncodeToString(sum[:16])
}
