package match

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

func TestKindsAreThoseOfTheFacts(t *testing.T) {
	for kind, body := range map[string]football.EventBody{
		kickOff: football.KickOff{}, goal: football.Goal{}, card: football.Card{}, shot: football.Shot{},
		periodStarted: football.PeriodStarted{}, periodEnded: football.PeriodEnded{},
	} {
		if body.Kind() != kind {
			t.Errorf("got %q, want %q", kind, body.Kind())
		}
	}
}
