package embedded_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/infra/embedded"
)

func startRegistry(t *testing.T, dir string) (*embedded.Registry, *sr.Client) {
	t.Helper()
	registry, err := embedded.StartRegistry(t.Context(), embedded.RegistryConfig{Dir: dir},
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c, err := sr.NewClient(sr.URLs(registry.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return registry, c
}

func register(t *testing.T, c *sr.Client, subject, schema string) sr.SubjectSchema {
	t.Helper()
	s, err := c.CreateSchema(t.Context(), subject, sr.Schema{Schema: schema, Type: sr.TypeAvro})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemasKeepTheirIDsAndVersionsAcrossARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	registry, c := startRegistry(t, dir)
	schemas := []struct{ subject, text string }{
		{"a-value", `"string"`}, {"b-value", `"long"`}, {"b-value", `"string"`}, {"a-value", `"int"`}, {"c-value",
			`"long"`}, {"a-value", `"string"`},
	}
	var want []sr.SubjectSchema
	for _, s := range schemas {
		want = append(want, register(t, c, s.subject, s.text))
	}
	if want[0].ID != want[2].ID || want[1].ID != want[4].ID {
		t.Errorf("one text has several ids: %v", want)
	}
	for range 2 {
		stop(t, registry)
		registry, c = startRegistry(t, dir)
		for i, s := range schemas {
			if got := register(t, c, s.subject, s.text); got.ID != want[i].ID || got.Version != want[i].Version {
				t.Errorf("%s %s: got id %d version %d, want %d and %d", s.subject, s.text, got.ID, got.Version,
					want[i].ID, want[i].Version)
			}
		}
	}
	if got := register(t, c, "d-value", `"double"`); got.ID != 4 {
		t.Errorf("a new schema got id %d, want 4", got.ID)
	}
	stop(t, registry)
}

func TestTheRegistryDeletesNothing(t *testing.T) {
	t.Parallel()
	registry, c := startRegistry(t, t.TempDir())
	defer stop(t, registry)
	register(t, c, "a-value", `"string"`)
	_, err := c.DeleteSubject(t.Context(), "a-value", sr.SoftDelete)
	var refused *sr.ResponseError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("got %v, want it refused", err)
	}
	if _, err := c.CreateSchema(t.Context(), "a-value", sr.Schema{Schema: `{`}); err == nil {
		t.Error("a broken schema was accepted")
	}
}

func TestTheRegistrysFolderAndPortAreItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	registry, _ := startRegistry(t, dir)
	defer stop(t, registry)
	var busy *embedded.BusyError
	if _, err := embedded.StartRegistry(t.Context(), embedded.RegistryConfig{Dir: dir},
		slog.New(slog.DiscardHandler)); !errors.As(err, &busy) {
		t.Errorf("got %v", err)
	}
	_, err := embedded.StartRegistry(t.Context(), embedded.RegistryConfig{Dir: t.TempDir(),
		Listen: registry.URL()[len("http://"):]}, slog.New(slog.DiscardHandler))
	if !errors.As(err, &busy) || busy.Setting != "TOUCHLINE_SCHEMA_REGISTRY_LISTEN" {
		t.Errorf("got %v", err)
	}
}
