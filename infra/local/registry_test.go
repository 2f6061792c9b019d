package local

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/schemas/wire"
)

func TestRealRegistryKeepsEverySchemaWhenItIsKilled(t *testing.T) {
	ctx := needEngines(t)
	k := startKafka(ctx, t, KafkaConfig{Nodes: 1})
	began := time.Now()
	r, err := StartRegistry(ctx, RegistryConfig{Dir: t.TempDir(), Brokers: k.Brokers(), Log: quiet(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the registry serves after %v", time.Since(began).Round(10*time.Millisecond))
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	// The ids stand in every record. A version may be there twice, with one id: the client asks again when a cold
	// registry takes longer than 5 s, and Apicurio then counts both.
	registered := func() string {
		client, err := sr.NewClient(sr.URLs(r.URL()))
		if err != nil {
			t.Fatal(err)
		}
		serde := wire.NewSerde(client)
		for _, topic := range wire.Topics() {
			if err := serde.Register(ctx, topic.Name+"-value", topic.Schema); err != nil {
				t.Fatal(err)
			}
		}
		subjects, err := client.Subjects(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, subject := range subjects {
			schema, err := client.SchemaByVersion(ctx, subject, -1)
			if err != nil {
				t.Fatal(err)
			}
			level := client.Compatibility(sr.WithParams(ctx, sr.DefaultToGlobal), subject)[0]
			if level.Err != nil || level.Level != sr.CompatBackwardTransitive {
				t.Errorf("%s: compatibility %v (%v), want BACKWARD_TRANSITIVE", subject, level.Level, level.Err)
			}
			ids = append(ids, fmt.Sprint(subject, " ", schema.ID))
		}
		return fmt.Sprint(ids)
	}
	before := registered()
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if after := registered(); after != before {
		t.Errorf("after a kill and a start: got %s, want %s", after, before)
	}
	incompatible(t, r)
}

// incompatible registers a schema with a new field that old records lack, which the registry must refuse.
func incompatible(t *testing.T, r *Registry) {
	t.Helper()
	client, err := sr.NewClient(sr.URLs(r.URL()))
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{`{"type":"record","name":"R","fields":[]}`,
		`{"type":"record","name":"R","fields":[{"name":"f","type":"int"}]}`} {
		_, err := client.CreateSchema(t.Context(), "incompatible-value", sr.Schema{Schema: text, Type: sr.TypeAvro})
		if wantErr := i == 1; (err != nil) != wantErr {
			t.Errorf("version %d: got %v, want an error: %t", i+1, err, wantErr)
		}
	}
}
