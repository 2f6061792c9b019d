package worker

import (
	"testing"

	"github.com/touchline/touchline/infra/local/realtest"
)

// The exercises of the worker, with three brokers of Apache Kafka and a registry behind them.
func TestRealWorkers(t *testing.T) {
	realtest.Need(t)
	for _, exercise := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"fold each record once and go on after a restart", TestWorkerFoldsEachRecordOnceAndGoesOnAfterARestart},
		{"quarantine bad input and go on", TestBadInputGoesToQuarantineAndTheLineGoesOn},
		{"hand partitions over with their state", TestPartitionsMoveBetweenWorkersWithTheirState},
		{"repair a half finished commit", TestHalfFinishedCommitIsRepaired},
		{"refuse to write outputs twice", TestGroupWithoutOffsetRefusesToWriteOutputsTwice},
		{"end when another process has the name", TestOfTwoProcessesWithOneNameOneEnds},
		{"leave the same digest after a replay", TestDigestOfAReplayIsEqualAndShowsADifference},
	} {
		t.Run(exercise.name, exercise.run)
	}
}
