package wire_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/schemas/wire"
)

// memoryRegistry is a registry without a network that only answers which schema has an id. It is asked through the
// registry's real client.
type memoryRegistry struct {
	schemas   map[int]string
	questions int
}

// RoundTrip answers GET /schemas/ids/{id} as Confluent's registry does.
func (m *memoryRegistry) RoundTrip(r *http.Request) (*http.Response, error) {
	m.questions++
	var id int
	if _, err := fmt.Sscan(path.Base(r.URL.Path), &id); err != nil {
		return nil, err
	}
	status, answer := http.StatusOK, map[string]any{"schema": m.schemas[id]}
	if _, ok := m.schemas[id]; !ok {
		status, answer = http.StatusNotFound, map[string]any{"error_code": 40403, "message": "Schema not found"}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(string(body))),
		Header: http.Header{"Content-Type": {"application/vnd.schemaregistry.v1+json"}},
	}, nil
}

// newSerde returns a serde that asks the registry.
func (m *memoryRegistry) newSerde(t testing.TB) *wire.Serde {
	t.Helper()
	client, err := sr.NewClient(sr.URLs("http://registry"), sr.HTTPClient(&http.Client{Transport: m}))
	if err != nil {
		t.Fatal(err)
	}
	return wire.NewSerde(client)
}

// frameOf returns the frame of a body.
func frameOf(id int, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), body...)
}
