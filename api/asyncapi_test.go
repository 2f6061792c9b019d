package api_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"gopkg.in/yaml.v3"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type asyncDocument struct {
	Channels map[string]struct {
		Address, Description string
		Messages             map[string]any
	}
	Components struct {
		Messages map[string]struct {
			Payload struct {
				Schema struct {
					Ref string `yaml:"$ref"`
				}
			}
		}
		Schemas map[string]any
	}
}

func readAsyncDocument(t *testing.T) asyncDocument {
	t.Helper()
	text, err := os.ReadFile("../schemas/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d asyncDocument
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheAsyncDocumentHasTheTopics(t *testing.T) {
	t.Parallel()
	d := readAsyncDocument(t)
	var want, got []string
	for _, topic := range wire.Topics() {
		want = append(want, topic.Name+" "+topic.Schema.Name()+".avsc")
	}
	for name, c := range d.Channels {
		if name == "feed" {
			continue
		}
		for message := range c.Messages {
			ref := d.Components.Messages[message].Payload.Schema.Ref
			got = append(got, c.Address+" "+strings.TrimPrefix(ref, "avro/"))
			if _, err := os.Stat("../schemas/" + ref); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("topics     %v\ndocumented %v", want, got)
	}
}

// Frames of a real feed, of every type but closing, are as documented.
func TestTheAsyncDocumentSaysTheTruth(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill()
	d := readAsyncDocument(t)
	schemas := readDocument(t) // the resources; names don't collide
	maps.Copy(schemas.Components.Schemas, d.Components.Schemas)
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.url, "http")+"/v1/ws?heartbeat_s=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	seen := map[string]bool{}
	receive := func(kind string) (cursor string) {
		t.Helper()
		for {
			var value map[string]any
			c.SetReadDeadline(time.Now().Add(20 * time.Second))
			if err := c.ReadJSON(&value); err != nil {
				t.Fatalf("wait for %s: %v", kind, err)
			}
			name, _ := value["type"].(string)
			seen[name] = true
			schema := map[string]string{"image": "Image", "prediction": "PredictionDelta", "event": "EventDelta"}[name]
			if schema == "" {
				schema = "Notice"
			}
			for _, fault := range schemas.validate(d.Components.Schemas[schema], value, name) {
				t.Error(fault)
			}
			if name == kind {
				cursor, _ = value["cursor"].(string)
				return cursor
			}
		}
	}
	send := func(format string, args ...any) {
		t.Helper()
		if err := c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
			t.Fatal(err)
		}
	}
	send(`{"action":"subscribe","id":"1"}`)
	cursor := receive("image")
	h.log.Append(other.Event(2, football.KickOff{}), other.Prediction("goals", 2))
	receive("event")
	send(`{"action":"ping"}`)
	receive("pong")
	send(`{"action":"unsubscribe","id":"1"}`)
	receive("unsubscribed")
	send(`{"action":"subscribe","id":"2","detail":"compact","cursor":%q}`, cursor)
	receive("resumed")
	receive("prediction")
	send(`{"action":"subscribe","id":"3","cursor":"x"}`)
	receive("snapshot_required")
	send(`{}`)
	receive("error")
	receive("heartbeat")
	var documented []any
	for _, name := range []string{"image", "prediction", "event"} {
		documented = append(documented, name)
	}
	properties := d.Components.Schemas["Notice"].(map[string]any)["properties"].(map[string]any)
	notice := properties["type"].(map[string]any)["enum"].([]any)
	for _, name := range append(documented, notice...) {
		if !seen[name.(string)] && name != "closing" {
			t.Errorf("a frame of type %v is documented and was not seen", name)
		}
	}
}
