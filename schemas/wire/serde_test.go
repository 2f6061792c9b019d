package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	schemafiles "github.com/touchline/touchline/schemas/avro"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func newSerde(t testing.TB) (*wire.Serde, *srfake.Registry, *sr.Client) {
	t.Helper()
	registry := srfake.New()
	t.Cleanup(registry.Close)
	client, err := sr.NewClient(sr.URLs(registry.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return wire.NewSerde(client), registry, client
}

func TestFrameIsConfluents(t *testing.T) {
	serde, _, client := newSerde(t)
	ctx := context.Background()
	if _, err := wire.Encode(serde, wire.ModelFact, &football.ModelFact{}); err == nil {
		t.Error("an unregistered schema was encoded")
	}
	if err := serde.Register(ctx, "models-value", wire.ModelFact); err != nil {
		t.Fatal(err)
	}
	want := &football.ModelFact{ID: "goals", Version: 3, Change: football.ModelPromoted, Artefact: []byte{1, 2}}
	frame, err := wire.Encode(serde, wire.ModelFact, want)
	if err != nil {
		t.Fatal(err)
	}
	// The frame as the specification gives it, read without our code.
	if frame[0] != 0 {
		t.Errorf("magic byte %d, want 0", frame[0])
	}
	registered, err := client.SchemaByVersion(ctx, "models-value", -1)
	if err != nil {
		t.Fatal(err)
	}
	if id := int(binary.BigEndian.Uint32(frame[1:5])); id != registered.ID {
		t.Errorf("schema id %d in the frame, %d in the registry", id, registered.ID)
	}
	got, err := wire.Decode(ctx, serde, wire.ModelFact, frame)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDecodeTellsBadInputFromARegistryThatIsDown(t *testing.T) {
	serde, registry, _ := newSerde(t)
	ctx := context.Background()
	if err := serde.Register(ctx, "e-value", wire.Evaluation); err != nil {
		t.Fatal(err)
	}
	good, err := wire.Encode(serde, wire.Evaluation, &football.Evaluation{Match: "m"})
	if err != nil {
		t.Fatal(err)
	}
	foreign := sr.Schema{Schema: `{"type":"record","name":"Other","namespace":"touchline.football",` +
		`"fields":[{"name":"x","type":"string"}]}`}
	foreignID, _, err := registry.RegisterSchema("other-value", foreign)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(id int, body ...byte) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), body...)
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "too short": {0, 0, 0, 1}, "another magic byte": append([]byte{1}, good[1:]...),
		"unknown schema id": frame(9999), "truncated": good[:len(good)-4], "another record": frame(foreignID, 2, 'x'),
	} {
		var undecodable *wire.UndecodableError
		if _, err := wire.Decode(ctx, serde, wire.Evaluation, bad); !errors.As(err, &undecodable) {
			t.Errorf("%s: got %v, want an UndecodableError", name, err)
		} else if undecodable.Error() == "" {
			t.Errorf("%s: the error says nothing", name)
		}
	}
	registry.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
		http.Error(rw, `{"error_code":50001,"message":"down"}`, http.StatusInternalServerError)
		return true
	})
	var undecodable *wire.UndecodableError
	if _, err := wire.Decode(ctx, serde, wire.Evaluation, frame(777)); err == nil || errors.As(err, &undecodable) {
		t.Errorf("a registry that is down: got %v, want an error to retry", err)
	}
	if _, err := wire.Decode(ctx, serde, wire.Evaluation, good); err != nil {
		t.Errorf("a known schema needs no registry: %v", err)
	}
}

func TestOlderWriterIsReadWithDefaults(t *testing.T) {
	serde, registry, _ := newSerde(t)
	const old = `{"type":"record","name":"Thing","fields":[{"name":"a","type":"int"}]}`
	id, _, err := registry.RegisterSchema("thing-value", sr.Schema{Schema: old})
	if err != nil {
		t.Fatal(err)
	}
	if err := serde.Register(context.Background(), "thing-value", thingSchema); err != nil {
		t.Fatal(err)
	}
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), 6)
	got, err := wire.Decode(context.Background(), serde, thingSchema, frame)
	if err != nil {
		t.Fatal(err)
	}
	if want := (&thing{A: 3, B: "new"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRegisterRefusesWhatCanNotReadOldRecords(t *testing.T) {
	serde, registry, _ := newSerde(t)
	const old = `{"type":"record","name":"Thing","fields":[{"name":"a","type":"int"}]}`
	if _, _, err := registry.RegisterSchema("thing-value", sr.Schema{Schema: old}); err != nil {
		t.Fatal(err)
	}
	type thing struct {
		B string `avro:"b"`
	}
	schema := wire.NewSchema[thing]("thing", `{"type":"record","name":"Thing","fields":[{"name":"b","type":"string"}]}`)
	err := serde.Register(context.Background(), "thing-value", schema)
	if err == nil || !strings.Contains(err.Error(), "thing-value") {
		t.Errorf("got %v, want a refusal that names the subject", err)
	}
}

// TestSchemasReadAllReleases holds every schema against each version of it that was released.
func TestSchemasReadAllReleases(t *testing.T) {
	released, err := fs.Glob(schemafiles.Files, "released/*/*.avsc")
	if err != nil || len(released) == 0 {
		t.Fatalf("no released schemas found: %v", err)
	}
	for _, name := range released {
		old, err := fs.ReadFile(schemafiles.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		current, err := fs.ReadFile(schemafiles.Files, path.Base(name))
		if err != nil {
			t.Errorf("%s was released and is gone: %v", name, err)
			continue
		}
		if err := wire.Compatible(string(current), string(old)); err != nil {
			t.Errorf("%s can't read what %s wrote: %v", path.Base(name), name, err)
		}
	}
}

func TestTableOfTopics(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range wire.Topics() {
		if seen[topic.Name] || topic.Schema == nil || topic.Key == "" || topic.Writer == "" || topic.For == "" {
			t.Errorf("topic %+v: named twice, or a column is missing", topic)
		}
		seen[topic.Name] = true
	}
	names := wire.Namespace{Versions: wire.Versions{"features": 2}}
	if got, want := names.StateTopic("features"), "football.features.v2-state"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if wire.Prediction.Name() != "prediction" || !strings.Contains(wire.Prediction.Text(), "ScoreGrid") {
		t.Error("a schema does not tell its name or text")
	}
}

func BenchmarkEncodePrediction(b *testing.B) {
	p := &football.Prediction{Match: "england.2015-16.arsenal.chelsea.1",
		Grid: football.ScoreGrid{Size: 11, P: make([]float32, 121)}}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = wire.Prediction.Append(buf[:0], p); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecodeMatchEvent(b *testing.B) {
	e := &football.MatchEvent{Match: "england.2015-16.arsenal.chelsea.1",
		Body: football.Goal{Side: football.Home, Player: "9"}}
	body, err := wire.MatchEvent.Append(nil, e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.MatchEvent.Unmarshal(body); err != nil {
			b.Fatal(err)
		}
	}
}
