// Package footballtest finds the real match data that tests are run on. The data is no part of the project: a test that
// needs it and finds none is skipped with that reason.
package footballtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Data returns the folder of real match data, with club/, openfootball/, statsbomb/ and international/ in it:
// TOUCHLINE_TEST_DATA, or shared/data beside the checkout. Without it, and with -short, the test is skipped: tests on
// real data take many times longer than all others.
func Data(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("tests on real match data take long: -short leaves them out")
	}
	if dir := os.Getenv("TOUCHLINE_TEST_DATA"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		found := filepath.Join(dir, "shared", "data")
		if _, err := os.Stat(filepath.Join(found, "club")); err == nil {
			return found
		}
	}
	t.Skip("no match data: set TOUCHLINE_TEST_DATA to a folder with club/, openfootball/, statsbomb/ and " +
		"international/")
	return ""
}
