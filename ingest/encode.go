package ingest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// AppendEvent appends e as it lies in the log: the same bytes that encoding/json
// makes of it, without reading its data again. Data must be JSON as [NewEvent]
// or [DecodeEvent] leave it; it is taken as it is. It returns an error only for
// a time that RFC 3339 has no form for.
func AppendEvent(b []byte, e Event) ([]byte, error) {
	if y := e.OccurredAt.Year(); y < 0 || y > 9999 {
		return b, fmt.Errorf("encode %s: it occurred in the year %d", e.Type, y)
	}
	b = append(b, `{"v":`...)
	b = strconv.AppendInt(b, int64(e.Version), 10)
	b = appendString(append(b, `,"id":`...), e.ID)
	b = appendString(append(b, `,"type":`...), string(e.Type))
	b = appendString(append(b, `,"tenant_id":`...), string(e.Tenant))
	b = append(b, `,"occurred_at":"`...)
	b = e.OccurredAt.AppendFormat(b, time.RFC3339Nano)
	b = appendString(append(b, `","conversation_key":`...), e.Key)
	if e.Trace != "" {
		b = appendString(append(b, `,"trace":`...), e.Trace)
	}
	b = append(b, `,"data":`...)
	if e.Data == nil {
		b = append(b, "null"...)
	}
	b = append(b, e.Data...)
	return append(b, '}'), nil
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // never fails: any string has a form
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
