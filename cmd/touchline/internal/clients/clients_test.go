package clients_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
)

func TestWhatCanNotBeOpenedNamesItsSetting(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "reference.json")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, open := range map[string]func() error{
		"TOUCHLINE_KAFKA_BROKERS": func() error { _, err := clients.OpenLog(config.Config{}); return err },
		"TOUCHLINE_REFERENCE": func() error {
			_, err := clients.Reference(config.Config{Reference: []string{broken}})
			return err
		},
		"--source clock": func() error {
			_, err := clients.RecordedSource(config.Config{Source: []string{"clock"}}, nil)
			return err
		},
		"name the source of the files with --source football-data": func() error {
			return clients.CheckSource(config.Config{Source: []string{football.SourceSimulator}, Path: []string{"results"}})
		},
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("got %v, want an error with %s", err, setting)
		}
	}
	if store, err := clients.ArtefactStore(config.Config{}); store != nil || err != nil {
		t.Errorf("no store is configured: got %v, %v", store, err)
	}
}

// TestEverySourceCanBeCollected: each name that --source takes has a case in Source.
func TestEverySourceCanBeCollected(t *testing.T) {
	for _, name := range football.Sources() {
		src, _, err := clients.Source(config.Config{Source: []string{name}, Speed: 1}, football.DefaultReference())
		if err != nil {
			t.Errorf("%s: add a case to Source or RecordedSource: %v", name, err)
		} else if src.Name() != name {
			t.Errorf("%s: got a source that names itself %q", name, src.Name())
		}
	}
}

// TestSourcesOfFilesAreTakenTogether, and the simulator alone.
func TestSourcesOfFilesAreTakenTogether(t *testing.T) {
	cfg, err := config.Load(nil, []string{"TOUCHLINE_SOURCE=football-data,openfootball", "TOUCHLINE_PATH=results"})
	if err != nil {
		t.Fatal(err)
	}
	src, err := clients.RecordedSource(cfg, football.DefaultReference())
	if err != nil || src.Name() != "football-data+openfootball" {
		t.Errorf("got %v, %v; want both sources as one", src, err)
	}
	_, err = config.Load(nil, []string{"TOUCHLINE_SOURCE=simulator,openfootball", "TOUCHLINE_PATH=results"})
	if err == nil || !strings.Contains(err.Error(), "TOUCHLINE_SOURCE") {
		t.Errorf("got %v, want the simulator refused beside another source", err)
	}
}

// TestTheSettingNamesEverything: what an installation has on shared engines; the default has the names of old.
func TestTheSettingNamesEverything(t *testing.T) {
	for installation, want := range map[string][]string{
		"touchline": {"football.raw-events", "touchline.v1.normalize", "touchline", "touchline"},
		"trial":     {"trial.football.raw-events", "trial.v1.normalize", "trial", "trial"},
	} {
		flags := []string{"TOUCHLINE_INSTALLATION=" + installation}
		if installation == wire.DefaultInstallation {
			flags = nil
		}
		cfg, err := config.Load(nil, flags)
		if err != nil {
			t.Fatal(err)
		}
		pool, err := clients.OpenPostgres(t.Context(), cfg, "postgres://127.0.0.1:1/x")
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		chain := streams.Chain(line.Stages(football.DefaultReference(), nil, clients.NamesOf(cfg))[:1])
		got := []string{chain.Input(), chain.Group(), pool.Config().ConnConfig.RuntimeParams["search_path"],
			clients.CacheConfig(cfg).Prefix}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
