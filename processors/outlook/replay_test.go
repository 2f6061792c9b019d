package outlook_test

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"testing"

	"github.com/touchline/touchline/processors/outlook"
)

// TestAnOutlookIsTheSameToTheLastBit: a replay must give the bytes that were published, so the order in which numbers
// are drawn and the sides that they are added to are part of the result.
func TestAnOutlookIsTheSameToTheLastBit(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the digest is that of amd64: other processors multiply and add in one step, and round once")
	}
	l := newLeague(t, 6, `"goal-difference", "head-to-head-points"`, outlook.Config{Seasons: 2000, Uncertainty: 0.3})
	l.order = 1
	l.scheduled("c", "d")
	l.scheduled("e", "f")
	l.result("a", "b", 2, 1)
	o := l.result("b", "c", 0, 0)
	if got, want := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%+v", *o)))[:16],
		"1823e129d10e45d0"; got != want {
		t.Errorf("got %s, want %s: %+v", got, want, *o)
	}
}
