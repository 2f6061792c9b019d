package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// FencedError stops a worker: another process runs under its transactional id.
type FencedError struct {
	TransactionalID string
	Err             error
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("another process took over the transactional id %s: give every running process its own "+
		"TOUCHLINE_INSTANCE (%v)", e.TransactionalID, e.Err)
}

func (e *FencedError) Unwrap() error { return e.Err }

// fencedTwice is within which time a second fencing of a young transaction can't be chance.
const fencedTwice = time.Minute

// classifyError tells what stops a worker from what only ends its session. age is how old the transaction was that the
// error ended, 0 outside of one.
//
// A broker refuses a producer's epoch for two reasons that look alike: another process opened the same transactional
// id, or the broker itself aborted a transaction that was older than its timeout, because this process was paused or
// cut off (KIP-588, and since KIP-890 the epoch moves on with every transaction). A transaction that was old enough to
// time out is taken to have timed out, and a new session goes on. A young one was fenced by somebody. PRODUCER_FENCED
// says so for sure; INVALID_PRODUCER_EPOCH may also come from a partition's leader that has just moved, so it takes two
// within a minute. Of two processes with one name, at least one keeps running.
func (w *Worker) classifyError(err error, age time.Duration) error {
	stale := errors.Is(err, kerr.InvalidProducerEpoch)
	if fenced := errors.Is(err, kerr.ProducerFenced); !fenced && !stale {
		// INVALID_TXN_STATE wants a new session, and a broker or registry that is away comes back.
		return err
	}
	if age >= w.cfg.TransactionTimeout {
		return fmt.Errorf("the transaction was %v old and timed out after %v, as when a process is paused or cut "+
			"off: %w",
			age.Round(time.Millisecond), w.cfg.TransactionTimeout, err)
	}
	before := w.fenced
	w.fenced = time.Now()
	if stale && w.fenced.Sub(before) > fencedTwice {
		return err
	}
	return &FencedError{TransactionalID: w.cfg.transactionalID(w.chain), Err: err}
}
