package postgres_test

import (
	"testing"

	"github.com/touchline/touchline/infra/local/realtest"
)

// The exercises of the projector, with Apache Kafka, a registry and a Postgres that waits for its disk behind them.
func TestRealProjector(t *testing.T) {
	realtest.Need(t)
	for _, exercise := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"a match becomes rows", TestAMatchBecomesRows},
		{"an announcement stands until a feature record comes", TestAnAnnouncementStandsUntilAFeatureRecordComes},
		{"a record that does not decode is parked", TestARecordThatDoesNotDecodeIsParked},
		{"a value that postgres refuses is parked and its neighbours are not",
			TestAValueThatPostgresRefusesIsParkedAndItsNeighboursAreNot},
		{"a record that is repeated is one row", TestARecordThatIsRepeatedIsOneRow},
		{"an old forecast does not replace a newer", TestAnOldForecastDoesNotReplaceANewer},
		{"transactions", TestTransactions},
		{"a restart goes on where it ended", TestARestartGoesOnWhereItEnded},
		{"a topic that was made anew begins another epoch", TestATopicThatWasMadeAnewBeginsAnotherEpoch},
		{"a stale projector cant commit", TestAStaleProjectorCantCommit},
		{"partitions move to a second projector and back", TestPartitionsMoveToASecondProjectorAndBack},
		{"nothing is lost while postgres is down", TestNothingIsLostWhilePostgresIsDown},
		{"start and stop many times", TestStartAndStopManyTimes},
	} {
		t.Run(exercise.name, exercise.run)
	}
}
