package footballtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/touchline/touchline/schemas/football/footballtest"
)

func TestDataIsFoundBesideTheCheckoutOrWhereTheVariableSays(t *testing.T) {
	t.Setenv("TOUCHLINE_TEST_DATA", "/elsewhere")
	if got := footballtest.Data(t); got != "/elsewhere" {
		t.Errorf("got %s, want what the variable says", got)
	}
	t.Setenv("TOUCHLINE_TEST_DATA", "")
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want, inside := filepath.Join(top, "shared", "data"), filepath.Join(top, "checkout", "deep", "inside")
	for _, dir := range []string{filepath.Join(want, "club"), inside} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(inside)
	if got := footballtest.Data(t); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	t.Chdir("/")
	t.Run("without data the test is skipped", func(t *testing.T) {
		t.Cleanup(func() {
			if !t.Skipped() {
				t.Error("it was not skipped")
			}
		})
		footballtest.Data(t)
	})
}
