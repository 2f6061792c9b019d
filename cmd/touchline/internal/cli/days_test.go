package cli_test

import (
	"testing"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
)

func TestDurationsInDays(t *testing.T) {
	for text, want := range map[string]string{"7d": "7d", "0d": "0d", "36h": "36h0m0s", "0.5d": "12h0m0s",
		"48h": "2d"} {
		var d cli.Days
		if err := d.Set(text); err != nil || d.String() != want || d.Type() != "duration" {
			t.Errorf("%s: got %s, %v", text, d.String(), err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "soon", "1e9d", "NaNd", "infd"} {
		if err := new(cli.Days).Set(text); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}
