package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// recorded are requests of the tests with their answers, one file for each
// route, made by make examples.
//
//go:embed examples/*.json
var recorded embed.FS

// jsonText is JSON that is copied as it is.
type jsonText = json.RawMessage

// Example is a request of the tests and what it was answered.
type Example struct {
	Path     string              `json:"path"` // with its query
	Request  jsonText            `json:"request,omitempty"`
	Status   int                 `json:"status"`
	Response jsonText            `json:"response,omitempty"`
	Errors   map[string]jsonText `json:"errors,omitempty"` // by code
}

// parameters are the values that the example's path and query have for r's.
func (e Example) parameters(r Route) map[string]string {
	out := map[string]string{}
	u, err := url.Parse(e.Path)
	if err != nil {
		return out
	}
	names, values := strings.Split(r.Path, "/"), strings.Split(strings.TrimSuffix(u.Path, "/"), "/")
	for i, name := range names {
		if strings.HasPrefix(name, "{") && i < len(values) {
			out[strings.Trim(name, "{}")] = values[i]
		}
	}
	for name, v := range u.Query() {
		out[name] = v[0]
	}
	return out
}

// Examples returns the recorded examples by the id of their route.
func Examples() (map[string]Example, error) {
	out := map[string]Example{}
	files, err := recorded.ReadDir("examples")
	if err != nil {
		return nil, fmt.Errorf("examples: %w", err)
	}
	for _, f := range files {
		if path.Ext(f.Name()) != ".json" {
			continue
		}
		raw, err := recorded.ReadFile("examples/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("examples: %w", err)
		}
		var e Example
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("example %s: %w", f.Name(), err)
		}
		out[strings.TrimSuffix(f.Name(), ".json")] = e
	}
	return out, nil
}
