package streams_test

import (
	"testing"

	"github.com/touchline/touchline/streams"
)

func TestBrokenCausesAreRefused(t *testing.T) {
	good := streams.Cause{Topic: "football.raw-events", Partition: 3, Offset: 12, Index: 4}
	if got, err := streams.ParseCause(good.String()); err != nil || got != good {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "a/b", "t/x/1/1", "t/1/x/1", "t/1/1/x", "t/1/1/1/1"} {
		if _, err := streams.ParseCause(bad); err == nil {
			t.Errorf("%q passes as a cause", bad)
		}
	}
}
