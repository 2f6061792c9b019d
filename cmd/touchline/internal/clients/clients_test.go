package clients_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
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
			_, err := clients.RecordedSource(config.Config{Source: "clock"},
				nil)
			return err
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
