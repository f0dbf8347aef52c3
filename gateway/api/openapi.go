package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

// Version is the version of /v1 that the document names.
const Version = "1.0.0"

// Document returns the OpenAPI 3.1 document of routes in the native style.
func Document(routes []Route) ([]byte, error) {
	examples, err := Examples()
	if err != nil {
		return nil, err
	}
	s := schemas{named: object{}, types: map[string]reflect.Type{}, answers: object{}, examples: examples}
	paths := object{}
	for _, r := range routes {
		path, _ := paths[r.Path].(object)
		if path == nil {
			path = object{}
			paths[r.Path] = path
		}
		path[strings.ToLower(r.Method)] = s.operation(r)
	}
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Frontdesk API", "version": Version, "description": introduction,
		},
		"servers":  []object{{"url": "/", "description": "This server"}},
		"security": []object{{"bearer": []string{}}, {"header": []string{}}, {"query": []string{}}},
		"tags":     tagsOf(routes),
		"paths":    paths,
		"webhooks": s.events(),
		"components": object{
			"schemas":         s.withFault(),
			"responses":       s.answers,
			"headers":         headers(),
			"parameters":      sharedParameters(),
			"securitySchemes": securitySchemes(),
		},
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err = enc.Encode(doc)
	return buf.Bytes(), err
}

// introduction is what holds for all of the API.
const introduction = `Knowledge, messages, conversations, contacts and appointments of one business. The key decides which.

An answer is ` + "`{\"data\": …, \"meta\": {\"request_id\": …}}`" + `, an error ` + "`{\"error\": {\"code\", \"message\", \"details\"}, \"meta\": …}`" + `. ` + "`code`" + ` is for programs and does not change; ` + "`details`" + ` names the fields that are wrong.

Lists take ` + "`limit`" + ` (1 to 100, 20 unless told) and ` + "`cursor`" + `: pass ` + "`meta.cursor`" + ` on for the next page while ` + "`meta.has_more`" + ` is true. A cursor is good for its list alone.

Times are RFC 3339 in UTC. Fields and parameters that are not described here are refused by name. What belongs to another business is not found.

Every POST takes an ` + "`Idempotency-Key`" + `: the same request again within 24 hours gets the same answer, marked ` + "`Idempotency-Replayed: true`" + `, and has no second effect. Another request under the key is 409 ` + "`idempotency_key_reused`" + `; while the first is at work, a repeat is 409 ` + "`request_in_progress`" + `. An answer 4xx that began nothing and an answer 5xx are not kept: send the request again under the same key.`

// DocumentRoute serves the document to everybody.
func DocumentRoute(doc []byte) edge.Route {
	static := edge.Static("application/json", doc)
	return edge.Route{
		Method: http.MethodGet, Path: "/v1/openapi.json",
		Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
			static(req)
			req.Response.Header.Set("Cache-Control", "public, max-age=60")
			return nil
		},
	}
}

// tagsOf returns the tags in the order of the table.
func tagsOf(routes []Route) []object {
	var out []object
	seen := map[string]bool{}
	for _, r := range routes {
		if !seen[r.Tag] {
			seen[r.Tag] = true
			out = append(out, object{"name": r.Tag})
		}
	}
	return append(out, object{"name": eventsTag, "description": "What webhooks are sent, in the format `standard`."})
}

func (s schemas) operation(r Route) object {
	op := object{
		"operationId": r.ID, "tags": []string{r.Tag}, "summary": r.Summary,
		"parameters": s.parameters(r), "responses": s.responses(r),
	}
	doc := r.Doc
	if r.Scope != "" {
		doc = strings.TrimSpace(doc + "\n\nScope: `" + r.Scope + "`.")
		op["x-scope"] = r.Scope
	}
	if doc != "" {
		op["description"] = doc
	}
	if hasBody(r) {
		content := object{"schema": s.of(r.in, true)}
		if body := s.examples[r.ID].Request; len(body) > 0 {
			content["examples"] = object{"request": object{"value": body}}
		}
		bodies := object{bodyType(r): content}
		if reflect.PointerTo(r.in).Implements(reflect.TypeFor[tabular]()) {
			bodies[tableMedia] = object{"schema": object{"type": "string"}}
		}
		op["requestBody"] = object{"required": needsBody(r.in), "content": bodies}
	}
	return op
}

// bodyType is the content type of r's request.
func bodyType(r Route) string {
	if reflect.PointerTo(r.in).Implements(reflect.TypeFor[interface{ form() *upload }]()) {
		return "multipart/form-data"
	}
	return "application/json"
}

func hasBody(r Route) bool {
	has := false
	fields(reflect.New(r.in).Elem(), func(f reflect.StructField, _ reflect.Value) { has = has || jsonName(f) != "" })
	return has && takesBody(r)
}

func (s schemas) parameters(r Route) []object {
	var out []object
	given := s.examples[r.ID].parameters(r)
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
		if kindOf(f.Type) == reflect.String && schema["minLength"] == nil {
			schema["minLength"] = 1
		}
		p["schema"] = schema
		if v, ok := given[p["name"].(string)]; ok {
			p["example"] = exampleOf(schema["type"], v)
		}
		out = append(out, p)
	})
	if r.Method == http.MethodPost {
		out = append(out, object{"$ref": "#/components/parameters/" + edge.IdempotencyHeader})
	}
	return append(out, object{"$ref": "#/components/parameters/X-Workspace-ID"})
}

func sharedParameters() object {
	return object{
		edge.IdempotencyHeader: object{
			"name": edge.IdempotencyHeader, "in": "header",
			"schema":      object{"type": "string", "minLength": 1, "maxLength": edge.MaxKeyBytes, "pattern": "^[!-~]+$"},
			"description": "Names this request: the same again within 24 hours gets the same answer and has no second effect.",
		},
		"X-Workspace-ID": object{
			"name": "X-Workspace-ID", "in": "header", "schema": object{"type": "string", "maxLength": 64},
			"description": "The id or the slug of the key's business. Another one is refused; it may be left out.",
		},
	}
}

func securitySchemes() object {
	return object{
		"bearer": object{"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"},
		"header": object{"type": "apiKey", "in": "header", "name": "X-API-Key"},
		"query":  object{"type": "apiKey", "in": "query", "name": "api_key", "description": "Where no header can be set. It is kept out of all logs."},
	}
}
