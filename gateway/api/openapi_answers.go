package api

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// responses is how r can end: its success and every fault.
func (s schemas) responses(r Route) object {
	out := object{}
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	out[strconv.Itoa(status)] = s.success(r, status)
	if reflect.PointerTo(r.out).Implements(reflect.TypeFor[statused]()) {
		out["200"] = s.success(r, http.StatusOK)
	}
	codes := codesOf(r)
	for _, status := range slices.Sorted(maps.Keys(codes)) {
		out[strconv.Itoa(status)] = s.failure(r, status, codes[status])
	}
	return out
}

func (s schemas) success(r Route, status int) object {
	ok := object{"description": http.StatusText(status), "headers": headerRefs(limitHeaders...)}
	if r.Method == http.MethodPost {
		ok["headers"] = headerRefs(append(limitHeaders, "Idempotency-Replayed")...)
	}
	switch r.out {
	case reflect.TypeFor[none]():
		return ok
	case reflect.TypeFor[document]():
		content := object{}
		for _, media := range documentMedia {
			content[media] = object{}
		}
		ok["content"] = content
		return ok
	case reflect.TypeFor[download]():
		ok["content"] = object{"*/*": object{"schema": object{"type": "string", "format": "binary"}}}
		return ok
	}
	data, metaType := s.of(r.out, false), reflect.TypeFor[meta]()
	if r.list {
		data, metaType = object{"type": "array", "items": data}, reflect.TypeFor[listMeta]()
	}
	content := object{"schema": object{
		"type": "object", "required": []string{"data", "meta"}, "additionalProperties": false,
		"properties": object{"data": data, "meta": s.of(metaType, false)},
	}}
	if e := s.examples[r.ID]; e.Status == status && len(e.Response) > 0 {
		content["examples"] = object{"answer": object{"value": e.Response}}
	}
	ok["content"] = object{"application/json": content}
	return ok
}

// failure refers to the answer of a status with those codes. Routes that can
// be told the same share it; one with codes of its own has its own.
func (s schemas) failure(r Route, status int, codes []string) object {
	name := strconv.Itoa(status)
	switch own := slices.ContainsFunc(r.Faults, func(c string) bool { return slices.Contains(codes, c) }); {
	case own:
		name += "_" + r.ID
	case slices.Contains(codes, "invalid_cursor"):
		name += "_list"
	case slices.Contains(codes, "invalid_idempotency_key"), status == http.StatusNotFound && r.Method == http.MethodPost:
		name += "_post"
	}
	if _, made := s.answers[name]; !made {
		s.answers[name] = s.fault(status, codes, s.examples[r.ID].Errors)
		if r.Method == http.MethodPost && isKept(status) {
			s.answers[name].(object)["headers"].(object)["Idempotency-Replayed"] = object{"$ref": "#/components/headers/Idempotency-Replayed"}
		}
	}
	return object{"$ref": "#/components/responses/" + name}
}

// fault is the answer of a status with one of codes. recorded are examples by
// code.
func (s schemas) fault(status int, codes []string, recorded map[string]jsonText) object {
	quoted := make([]string, len(codes))
	examples := object{}
	for i, code := range codes {
		quoted[i] = "`" + code + "`"
		if e, ok := recorded[code]; ok {
			examples[code] = object{"value": e}
		}
	}
	names := slices.Clone(limitHeaders)
	if status == http.StatusUnauthorized || status == http.StatusRequestHeaderFieldsTooLarge {
		names = []string{"X-Request-ID"}
	}
	if waits(status) {
		names = append(names, "Retry-After")
	}
	content := object{"schema": object{"allOf": []object{
		{"$ref": "#/components/schemas/Fault"},
		{"type": "object", "properties": object{"error": object{"type": "object", "properties": object{"code": object{"enum": codes}}}}},
	}}}
	if len(examples) > 0 {
		content["examples"] = examples
	}
	return object{
		"description": fmt.Sprintf("%s `code`: %s.", faultTexts[status], strings.Join(quoted, ", ")),
		"headers":     headerRefs(names...), "content": object{"application/json": content},
	}
}

// isKept reports whether an answer of that status may be kept for a repeat.
func isKept(status int) bool {
	return slices.Contains([]int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}, status)
}

// waits reports whether an answer of that status can have a Retry-After.
func waits(status int) bool {
	return slices.Contains([]int{http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}, status)
}

var faultTexts = map[int]string{
	400: "The request is wrong; `details` says which fields and how.",
	401: "The key is missing or not valid.",
	403: "The key lacks the scope, or X-Workspace-ID is another workspace.",
	404: "There is no such thing, or it belongs to another business.",
	408: "The body did not arrive in time.",
	409: "The state of things does not allow it, or the Idempotency-Key was used for another request.",
	413: "The body is too large.",
	415: "The body is not JSON in UTF-8, or it is compressed.",
	422: "The request is in order but cannot be done.",
	429: "Too many requests; Retry-After says when to go on.",
	431: "The request line and headers are too long.",
	500: "Something went wrong here. Give the request id when you report it.",
	503: "Not available now; try again.",
}

// limitHeaders are those of every answer to a caller who is known.
var limitHeaders = []string{"X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}

func headers() object {
	text, number := object{"type": "string"}, object{"type": "integer", "minimum": 0}
	return object{
		"X-Request-ID":          object{"description": "Names the request in our logs.", "required": true, "schema": text},
		"X-RateLimit-Limit":     object{"description": "Requests that the plan allows in its window.", "schema": number},
		"X-RateLimit-Remaining": object{"description": "Requests that may still come at once.", "schema": number},
		"X-RateLimit-Reset":     object{"description": "When all of the limit is free again, in Unix seconds.", "schema": number},
		"Retry-After":           object{"description": "Seconds to wait.", "schema": number},
		"Idempotency-Replayed":  object{"description": "`true`: this is the answer that the same request got before.", "schema": object{"type": "string", "enum": []string{"true"}}},
	}
}

func headerRefs(names ...string) object {
	out := object{}
	for _, name := range names {
		out[name] = object{"$ref": "#/components/headers/" + name}
	}
	return out
}

// withFault adds the error envelope to the named schemas.
func (s schemas) withFault() object {
	text := object{"type": "string"}
	s.of(reflect.TypeFor[meta](), false)
	s.named["Fault"] = object{
		"type": "object", "required": []string{"error", "meta"}, "additionalProperties": false,
		"properties": object{
			"error": object{
				"type": "object", "required": []string{"code", "message"}, "additionalProperties": false,
				"properties": object{
					"code":    object{"type": "string", "description": "For programs.", "examples": []string{"invalid_request"}},
					"message": object{"type": "string", "description": "For people."},
					"details": object{"type": "array", "items": object{
						"type": "object", "required": []string{"field", "message"}, "additionalProperties": false,
						"properties": object{"field": text, "message": text, "line": object{"type": "integer"}, "instead": s.instead()},
					}},
				},
			},
			"meta": object{"$ref": "#/components/schemas/Meta"},
		},
	}
	return s.named
}
