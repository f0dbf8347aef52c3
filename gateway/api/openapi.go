package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

// Version is the version of /v1 that the document names.
const Version = "1.0.0"

// Document returns the OpenAPI 3.1 document of routes in the native style.
func Document(routes []Route) ([]byte, error) {
	s := schemas{named: object{}}
	paths := object{}
	for _, r := range routes {
		path, _ := paths[r.Path].(object)
		if path == nil {
			path = object{}
			paths[r.Path] = path
		}
		path[strings.ToLower(r.Method)] = s.operation(r)
	}
	s.of(reflect.TypeFor[meta](), false)
	s.of(reflect.TypeFor[listMeta](), false)
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Frontdesk API", "version": Version,
			"description": "Knowledge, messages, conversations, contacts and appointments of one business. The key decides which.",
		},
		"servers":  []object{{"url": "/"}},
		"security": []object{{"bearer": []string{}}, {"header": []string{}}, {"query": []string{}}},
		"paths":    paths,
		"components": object{
			"schemas":         s.withFault(),
			"responses":       responses(),
			"headers":         headers(),
			"securitySchemes": securitySchemes(),
		},
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(doc)
	return buf.Bytes(), err
}

// DocumentRoute serves the document to everybody.
func DocumentRoute(doc []byte) edge.Route {
	return edge.Route{
		Method: http.MethodGet, Path: "/v1/openapi.json",
		Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
			req.Response.Header.Set("Cache-Control", "public, max-age=60")
			req.Response.Header.SetContentType("application/json")
			req.Response.SetBodyRaw(doc)
			return nil
		},
	}
}

func (s schemas) operation(r Route) object {
	op := object{
		"operationId": r.ID, "tags": []string{r.Tag}, "summary": r.Summary,
		"responses": s.answers(r),
	}
	doc := r.Doc
	if r.Scope != "" {
		doc = strings.TrimSpace(doc + "\n\nScope: `" + r.Scope + "`.")
		op["x-scope"] = r.Scope
	}
	if doc != "" {
		op["description"] = doc
	}
	if p := s.parameters(r); len(p) > 0 {
		op["parameters"] = p
	}
	if hasBody(r) {
		op["requestBody"] = object{
			"required": needsBody(r.in),
			"content":  object{"application/json": object{"schema": s.of(r.in, true)}},
		}
	}
	return op
}

func hasBody(r Route) bool {
	has := false
	fields(reflect.New(r.in).Elem(), func(f reflect.StructField, _ reflect.Value) { has = has || jsonName(f) != "" })
	return has && r.Method != http.MethodGet && r.Method != http.MethodDelete
}

func (s schemas) parameters(r Route) []object {
	var out []object
	fields(reflect.New(r.in).Elem(), func(f reflect.StructField, _ reflect.Value) {
		p := object{}
		if name := f.Tag.Get("path"); name != "" {
			p["name"], p["in"], p["required"] = name, "path", true
		} else if name := f.Tag.Get("query"); name != "" {
			p["name"], p["in"] = name, "query"
			if f.Tag.Get("required") == "true" {
				p["required"] = true
			}
		} else {
			return
		}
		schema := s.field(f, true)
		if doc, ok := schema["description"]; ok {
			p["description"] = doc
			delete(schema, "description")
		}
		p["schema"] = schema
		out = append(out, p)
	})
	if r.Method == http.MethodPost {
		out = append(out, object{
			"name": edge.IdempotencyHeader, "in": "header", "schema": object{"type": "string", "maxLength": edge.MaxKeyBytes},
			"description": "Names this request: the same again within 24 hours gets the same answer and has no second effect.",
		})
	}
	return out
}

// answers is the responses of r: its success and every fault it can end in.
func (s schemas) answers(r Route) object {
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	ok := object{"description": http.StatusText(status), "headers": headerRefs()}
	if r.out != reflect.TypeFor[none]() {
		data, metaType := s.of(r.out, false), reflect.TypeFor[meta]()
		if r.list {
			data, metaType = object{"type": "array", "items": data}, reflect.TypeFor[listMeta]()
		}
		ok["content"] = object{"application/json": object{"schema": object{
			"type": "object", "required": []string{"data", "meta"}, "additionalProperties": false,
			"properties": object{"data": data, "meta": s.of(metaType, false)},
		}}}
	}
	out := object{strconv.Itoa(status): ok}
	if reflect.PointerTo(r.out).Implements(reflect.TypeFor[statused]()) {
		out["200"] = ok
	}
	for status := range faultTexts {
		if ends(r, status) {
			out[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + strconv.Itoa(status)}
		}
	}
	return out
}

// ends reports whether r can end in a fault of status.
func ends(r Route, status int) bool {
	switch status {
	case http.StatusNotFound:
		return strings.Contains(r.Path, "{") || r.Method == http.MethodPost || r.list
	case http.StatusConflict:
		return r.Method == http.MethodPost || r.Method == http.MethodPatch
	case http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return hasBody(r)
	case http.StatusUnprocessableEntity:
		return len(r.Faults) > 0
	default:
		return true
	}
}

var faultTexts = map[int]string{
	400: "The request is wrong; `details` says which fields and how.",
	401: "The key is missing or not valid.",
	403: "The key lacks the scope, or X-Workspace-ID is another workspace.",
	404: "There is no such thing, or it belongs to another business.",
	409: "The state of things does not allow it (of a time: slot_taken, day_full), or the Idempotency-Key was used for another request.",
	413: "The body is too large.",
	415: "The body is not JSON.",
	422: "The request is in order but cannot be done; `code` says why: opted_out, window_closed, quiet_hours, budget_exceeded, channel_down, unreadable_document; of a time in_the_past, too_soon, too_far, closed, outside_hours, staff_off, not_offered, no_such_time, ambiguous_time.",
	429: "Too many requests; Retry-After says when to go on.",
	500: "Something went wrong here. Give the request id when you report it.",
	503: "Not available now; try again.",
}

func responses() object {
	out := object{}
	for status, text := range faultTexts {
		h := headerRefs()
		if status == 429 || status == 503 {
			h["Retry-After"] = object{"$ref": "#/components/headers/Retry-After"}
		}
		out[strconv.Itoa(status)] = object{
			"description": text, "headers": h,
			"content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Error"}}},
		}
	}
	return out
}

var headerTexts = map[string]string{
	"X-Request-ID":          "Names the request in our logs.",
	"X-RateLimit-Limit":     "Requests that the plan allows in its window.",
	"X-RateLimit-Remaining": "Requests that may still come at once.",
	"X-RateLimit-Reset":     "When all of the limit is free again, in Unix seconds.",
	"Retry-After":           "Seconds to wait.",
}

func headers() object {
	out := object{}
	for name, text := range headerTexts {
		schema := object{"type": "integer"}
		if name == "X-Request-ID" {
			schema = object{"type": "string"}
		}
		out[name] = object{"description": text, "schema": schema}
	}
	return out
}

func headerRefs() object {
	out := object{}
	for name := range headerTexts {
		if name != "Retry-After" {
			out[name] = object{"$ref": "#/components/headers/" + name}
		}
	}
	return out
}

func securitySchemes() object {
	return object{
		"bearer": object{"type": "http", "scheme": "bearer"},
		"header": object{"type": "apiKey", "in": "header", "name": "X-API-Key"},
		"query":  object{"type": "apiKey", "in": "query", "name": "api_key"},
	}
}

// withFault adds the error envelope to the named schemas.
func (s schemas) withFault() object {
	text := object{"type": "string"}
	s.named["Error"] = object{
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
