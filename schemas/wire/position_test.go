package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/wire"
)

func TestAPositionOfAnOlderEpochIsOlderWhateverItsOffset(t *testing.T) {
	for _, c := range []struct {
		a, b wire.Position
		want bool
	}{
		{wire.Position{Epoch: 1, Offset: 9}, wire.Position{Epoch: 2, Offset: 0}, true},
		{wire.Position{Epoch: 2, Offset: 0}, wire.Position{Epoch: 1, Offset: 9}, false},
		{wire.Position{Epoch: 1, Offset: 3}, wire.Position{Epoch: 1, Offset: 4}, true},
		{wire.Position{Epoch: 1, Offset: 4}, wire.Position{Epoch: 1, Offset: 4}, false},
	} {
		if got := c.a.Before(c.b); got != c.want {
			t.Errorf("%s before %s: got %t, want %t", c.a, c.b, got, c.want)
		}
	}
}
