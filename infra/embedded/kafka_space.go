package embedded

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/touchline/touchline/infra/machine"
)

// The disk space that embedded parts want, in bytes.
const (
	// LeastFreeToStart is what a start needs: the files of a fresh Postgres and its log, and room to write.
	LeastFreeToStart = 128 << 20
	// leastFreeToWrite is where the broker takes no more: what is left lets all parts save their state in order.
	leastFreeToWrite = 32 << 20
)

// lostName is the note in the data folder that the log lacks what the broker took for written. It takes the place of
// the note that the broker is open.
const lostName = "lost-writes"

// spaceGuard keeps the broker from writing to a full disk. The broker goes on after a write that failed: it would
// acknowledge a commit half of whose records are in memory alone, and the folder could never be restored. So the guard
// refuses what would write while there is still room, and what follows a write that failed all the same. It is final:
// the process must stop and start again.
type spaceGuard struct {
	dir       *folder
	cluster   *kfake.Cluster
	leastFree int64

	once   sync.Once
	failed chan struct{}
	err    error // set before failed is closed
}

func newSpaceGuard(dir *folder) *spaceGuard {
	return &spaceGuard{dir: dir, leastFree: leastFreeToWrite, failed: make(chan struct{})}
}

// watchRequests looks at each request that writes before the broker does.
func (g *spaceGuard) watchRequests(cluster *kfake.Cluster) {
	g.cluster = cluster
	for _, request := range []kmsg.Key{kmsg.Produce, kmsg.OffsetCommit, kmsg.EndTxn} {
		cluster.ControlKey(request.Int16(), g.refuseWrite)
	}
}

// refuseWrite cuts the client off when there is too little space.
func (g *spaceGuard) refuseWrite(kmsg.Request) (kmsg.Response, error, bool) {
	if err := machine.NeedFreeBytes(g.dir.path, g.leastFree); err != nil {
		g.fail(err)
	}
	select {
	case <-g.failed:
		g.cluster.KeepControl() // for the requests that follow
		return nil, g.err, true
	default:
		return nil, nil, false
	}
}

// noteBrokerMessage looks for writes that failed among what the broker logs, which is the only place where it tells.
func (g *spaceGuard) noteBrokerMessage(format string, args []any) {
	if !strings.HasPrefix(format, "persist") {
		return
	}
	for _, arg := range args {
		err, ok := arg.(error)
		if !ok {
			continue
		}
		if noted := os.Rename(g.dir.filePath("open"), g.dir.filePath(lostName)); noted != nil {
			err = errors.Join(err, noted)
		}
		g.fail(fmt.Errorf("a write failed: %w", err))
	}
}

func (g *spaceGuard) fail(err error) {
	g.once.Do(func() {
		g.err = fmt.Errorf("embedded Kafka takes no more records: %w", err)
		close(g.failed)
	})
}

// setAside moves a log that lost writes out of the way: the next one begins empty, and all that follows from files is
// folded anew. It returns where the old log is, "" when there was nothing to move.
func setAside(dir *folder) (string, error) {
	err := os.Remove(dir.filePath(lostName))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	aside := dir.filePath(logName + ".incomplete")
	if err := errors.Join(err, os.RemoveAll(aside)); err != nil {
		return "", err
	}
	if err := os.Rename(dir.filePath(logName), aside); err != nil {
		return "", err
	}
	if err := os.Remove(dir.filePath(journalName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return aside, nil
}
