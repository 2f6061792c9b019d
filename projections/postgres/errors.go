package postgres

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// errStale means that a checkpoint was not where this projector left it: another one has the partition now.
var errStale = errors.New("another projector moved the checkpoint")

// isSQLState reports whether Postgres answered err with one of the codes.
func isSQLState(err error, codes ...string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains(codes, pg.Code)
}

// The SQL states that the package looks for.
const (
	uniqueViolation = "23505"
	duplicateTable  = "42P07"
	duplicateSchema = "42P06"

	protocolViolation = "08P01"
)

// remedy is what to do about an error of a batch's transaction.
type remedy int

const (
	retryBatch      remedy = iota // the server or the way to it: nothing is wrong with the batch
	leavePartitions               // another projector writes these partitions
	splitBatch                    // a value in the batch is refused: find it, park it
)

// classifyError returns what to do about an error of a batch's transaction.
func classifyError(err error) remedy {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errStale):
		return leavePartitions
	case !errors.As(err, &pg):
		return retryBatch // no answer: connection refused, lost, timed out
	case len(pg.Code) < 2:
		return retryBatch
	}
	switch pg.Code[:2] {
	case "22": // data exception: a zero byte in a text, a number out of range
		return splitBatch
	case "23": // a constraint: a NULL where the table wants a value
		return splitBatch
	case "54": // over a limit of the server: a key longer than an index page takes
		return splitBatch
	}
	// 08 connection, 40 deadlock, 53 resources, 57 shutdown; 42 means that a migration is still to come
	return retryBatch
}
