package reference

import (
	"encoding/json"
	"fmt"
	"strings"
)

// document is what the page needs of an OpenAPI document.
type document struct {
	Info struct {
		Title       string `json:"title"`
		Version     string `json:"version"`
		Description string `json:"description"`
	} `json:"info"`
	Tags []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"tags"`
	Paths      map[string]map[string]operation `json:"paths"`
	Webhooks   map[string]map[string]operation `json:"webhooks"`
	Components struct {
		Schemas    map[string]schema    `json:"schemas"`
		Responses  map[string]answer    `json:"responses"`
		Parameters map[string]parameter `json:"parameters"`
	} `json:"components"`
}

type operation struct {
	ID          string            `json:"operationId"`
	Tags        []string          `json:"tags"`
	Summary     string            `json:"summary"`
	Description string            `json:"description"`
	Scope       string            `json:"x-scope"`
	Parameters  []parameter       `json:"parameters"`
	Body        *body             `json:"requestBody"`
	Answers     map[string]answer `json:"responses"`
}

type parameter struct {
	Ref         string `json:"$ref"`
	Name        string `json:"name"`
	In          string `json:"in"`
	Required    bool   `json:"required"`
	Description string `json:"description"`
	Schema      schema `json:"schema"`
	Example     any    `json:"example"`
}

type body struct {
	Required bool               `json:"required"`
	Content  map[string]content `json:"content"`
}

type answer struct {
	Ref         string             `json:"$ref"`
	Description string             `json:"description"`
	Content     map[string]content `json:"content"`
}

type content struct {
	Schema   schema `json:"schema"`
	Examples map[string]struct {
		Value json.RawMessage `json:"value"`
	} `json:"examples"`
}

type schema struct {
	Ref         string            `json:"$ref"`
	Type        any               `json:"type"`
	Format      string            `json:"format"`
	Description string            `json:"description"`
	Enum        []any             `json:"enum"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	MaxLength   *int              `json:"maxLength"`
	MaxItems    *int              `json:"maxItems"`
	Items       *schema           `json:"items"`
	Properties  map[string]schema `json:"properties"`
	Others      json.RawMessage   `json:"additionalProperties"`
	Required    []string          `json:"required"`
	AllOf       []schema          `json:"allOf"`
	AnyOf       []schema          `json:"anyOf"`
	Examples    []any             `json:"examples"`
}

func read(raw []byte) (document, error) {
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("read the document: %w", err)
	}
	return d, nil
}

// resolved follows the reference of s; what the reference itself says of the
// field stays.
func (d document) resolved(s schema) schema {
	if len(s.AllOf) == 1 && s.Ref == "" {
		s.Ref = s.AllOf[0].Ref
	}
	if len(s.AnyOf) > 0 && s.Ref == "" {
		s.Ref = s.AnyOf[0].Ref // or null
	}
	if s.Ref == "" {
		return s
	}
	to := d.Components.Schemas[last(s.Ref)]
	to.Ref = s.Ref
	if s.Description != "" {
		to.Description = s.Description
	}
	return to
}

// last is the name at the end of a reference.
func last(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
