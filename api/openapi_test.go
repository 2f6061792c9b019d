package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// document is what the test reads of an OpenAPI document.
type document struct {
	Paths      map[string]map[string]operation
	Components struct {
		Schemas    map[string]any
		Parameters map[string]parameter
		Responses  map[string]response
		Headers    map[string]header
	}
}

type operation struct {
	Parameters []parameter
	Responses  map[string]response
}

type parameter struct {
	Ref      string `yaml:"$ref"`
	Name, In string
}

type response struct {
	Ref     string `yaml:"$ref"`
	Headers map[string]header
	Content map[string]struct{ Schema any }
}

type header struct {
	Ref      string `yaml:"$ref"`
	Required bool
}

func readDocument(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every route is documented, everything documented is a route, and the server refuses parameters that are not.
func TestTheDocumentHasTheRoutes(t *testing.T) {
	t.Parallel()
	h, d := open(t), readDocument(t)
	var documented []string
	for path := range d.Paths {
		documented = append(documented, "GET "+path)
	}
	slices.Sort(documented)
	routes := slices.DeleteFunc(h.server.Routes(), func(route string) bool { return route == "GET /" }) // the page
	slices.Sort(routes)
	if !slices.Equal(routes, documented) {
		t.Errorf("routes     %v\ndocumented %v", routes, documented)
	}
}

// Real answers have the documented status, content type and schema, and take the documented parameters.
func TestTheDocumentSaysTheTruth(t *testing.T) {
	t.Parallel()
	h, d := open(t), readDocument(t)
	h.fill()
	id := string(match.ID())
	values := map[string]string{
		"season":      "2015-16",
		"status":      "settled",
		"from":        "2015-01-01",
		"to":          "2016-01-01T00:00:00Z",
		"order":       "-kickoff",
		"limit":       "10",
		"model":       "goals",
		"as_of":       "2015-08-16",
		"competition": "E0",
	}
	ids := map[string]string{
		"/v1/competitions/{id}/matches": "E0",
		"/v1/competitions/{id}/table":   "E0",
		"/v1/competitions/{id}/outlook": "E0",
		"/v1/teams/{id}":                "arsenal",
	}
	for path, operations := range d.Paths {
		if path == "/v1/ws" || path == "/v1/stream" {
			continue // docs/protocol.md and its own tests
		}
		resource := id
		if v, ok := ids[path]; ok {
			resource = v
		}
		target := strings.Replace(path, "{id}", resource, 1)
		query := url.Values{}
		for _, p := range operations["get"].Parameters {
			p = d.parameter(t, p)
			if p.In == "query" && values[p.Name] != "" {
				query.Set(p.Name, values[p.Name])
			}
		}
		unknown := strings.Replace(path, "{id}", "unknown.x.y.z.1", 1)
		for _, url := range []string{target, target + "?" + query.Encode(), unknown, target + "?nonsense=1"} {
			d.check(t, h, operations["get"], url)
		}
	}
}

func (d *document) check(t *testing.T, h *house, op operation, path string) {
	t.Helper()
	resp, err := http.Get(h.url + path)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	status, body := h.get(path)
	answer, ok := d.findResponse(op, status)
	if !ok {
		t.Errorf("%s: status %d is not documented", path, status)
		return
	}
	for name, header := range answer.Headers {
		header = d.Components.Headers[baseName(header.Ref)]
		if header.Required && resp.Header.Get(name) == "" {
			t.Errorf("%s: status %d has no header %s", path, status, name)
		}
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	content, ok := answer.Content[kind]
	if !ok {
		t.Errorf("%s: status %d has content type %q, which is not documented", path, status, kind)
		return
	}
	if content.Schema == nil {
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	for _, fault := range d.validate(content.Schema, value, "") {
		t.Errorf("%s: %s", path, fault)
	}
}

// findResponse returns what is documented for a status: by its number, its class or the default.
func (d *document) findResponse(op operation, status int) (response, bool) {
	for _, key := range []string{fmt.Sprint(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if answer, ok := op.Responses[key]; ok {
			if answer.Ref != "" {
				answer = d.Components.Responses[baseName(answer.Ref)]
			}
			return answer, true
		}
	}
	return response{}, false
}

// baseName returns the last part of a reference.
func baseName(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

func (d *document) parameter(t *testing.T, p parameter) parameter {
	t.Helper()
	if p.Ref == "" {
		return p
	}
	found, ok := d.Components.Parameters[baseName(p.Ref)]
	if !ok {
		t.Fatalf("no parameter %s", p.Ref)
	}
	return found
}

var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)

// validate checks a value against a schema, as far as our document uses JSON Schema.
func (d *document) validate(schema, value any, at string) (faults []string) {
	s, ok := schema.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no schema", at, schema)}
	}
	if ref, ok := s["$ref"].(string); ok {
		return d.validate(d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], value, at)
	}
	if options, ok := s["anyOf"].([]any); ok {
		for _, option := range options {
			if len(d.validate(option, value, at)) == 0 {
				return nil
			}
		}
		return []string{at + ": none of anyOf fits"}
	}
	if list, ok := s["enum"].([]any); ok && !slices.Contains(list, value) {
		return []string{fmt.Sprintf("%s: %v is none of %v", at, value, list)}
	}
	if constant, ok := s["const"]; ok && constant != value {
		return []string{fmt.Sprintf("%s: %v is not %v", at, value, constant)}
	}
	if kinds, ok := s["type"]; ok && !hasType(kinds, value) {
		return []string{fmt.Sprintf("%s: %v is not of type %v", at, value, kinds)}
	}
	switch v := value.(type) {
	case string:
		if s["format"] == "date-time" && !dateTime.MatchString(v) {
			faults = append(faults, fmt.Sprintf("%s: %q is no instant in UTC", at, v))
		}
	case []any:
		for i, item := range v {
			if s["items"] != nil {
				faults = append(faults, d.validate(s["items"], item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				faults = append(faults, fmt.Sprintf("%s: %v is missing", at, name))
			}
		}
		for name, item := range v {
			property, ok := properties[name]
			switch {
			case ok:
				faults = append(faults, d.validate(property, item, at+"."+name)...)
			case s["additionalProperties"] == false:
				faults = append(faults, fmt.Sprintf("%s: %s is not documented", at, name))
			}
		}
	}
	return faults
}

func hasType(kinds, value any) bool {
	list, ok := kinds.([]any)
	if !ok {
		list = []any{kinds}
	}
	for _, kind := range list {
		switch v := value.(type) {
		case nil:
			ok = kind == "null"
		case string:
			ok = kind == "string"
		case bool:
			ok = kind == "boolean"
		case float64:
			ok = kind == "number" || kind == "integer" && v == float64(int64(v))
		case []any:
			ok = kind == "array"
		case map[string]any:
			ok = kind == "object"
		}
		if ok {
			return true
		}
	}
	return false
}
