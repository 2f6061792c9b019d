package postgres

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// errStale says that a checkpoint was not where this projector left it: another one has the partition now.
var errStale = errors.New("another projector moved the checkpoint")

// isSQLState reports whether Postgres answered err with one of the codes.
func isSQLState(err error, codes ...string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains(codes, pg.Code)
}

// verdict is what to do about an error of a batch's transaction.
type verdict int

const (
	tryAgain verdict = iota // the server or the way to it: nothing is wrong with the batch
	giveUp                  // someone else writes these partitions
	split                   // a value in the batch is refused: find it, park it
)

// judge says what to do about an error of a batch's transaction.
func judge(err error) verdict {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errStale):
		return giveUp
	case !errors.As(err, &pg):
		return tryAgain // no answer: connection refused, lost, timed out
	case len(pg.Code) < 2:
		return tryAgain
	}
	switch pg.Code[:2] {
	case "22": // data exception: a zero byte in a text, a number out of range
		return split
	case "23": // a constraint: a NULL where the table wants a value
		return split
	case "54": // over a limit of the server: a key longer than an index page takes
		return split
	}
	return tryAgain // 08 connection, 40 deadlock, 53 resources, 57 shutdown; 42 means that a migration is still to come
}
