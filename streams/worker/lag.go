package worker

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// lagEvery is how often lag is measured.
const lagEvery = time.Second

// watchLag measures how far behind the last stable offset of the input each partition is. The offsets of transaction
// markers count as records, for nobody sees them without reading them; but a session that has been waiting for records
// since the last stable offset was asked for has read everything up to it, and is not behind at all.
func (s *session) watchLag(ctx context.Context) error {
	adm := kadm.NewClient(s.txn.Client())
	tick := time.NewTicker(lagEvery)
	defer tick.Stop()
	before := map[int32]int64{} // the last stable offsets of the last look
	var looked time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.restored:
		}
		now := time.Now()
		ends, err := adm.ListCommittedOffsets(ctx, s.w.chain.Input())
		if err != nil {
			continue // the brokers are away: whoever folds notices it too
		}
		waiting := s.idle.Load()
		idle := waiting != 0 && time.Unix(0, waiting).Before(looked)
		parts, held := s.flowing()
		for id, p := range parts {
			end, ok := ends.Lookup(s.w.chain.Input(), id)
			if !ok || end.Err != nil {
				continue
			}
			behind := max(0, end.Offset-p.next)
			if idle && !held && before[id] == end.Offset {
				behind = 0
			}
			seconds := 0.0
			if behind > 0 && !p.newest.IsZero() {
				seconds = now.Sub(p.newest).Seconds()
			}
			s.w.metrics.setLag(s.w.chain.Name(), id, behind, seconds)
			before[id] = end.Offset
		}
		looked = now
	}
}

// flowing returns a copy of the partitions that are restored, and whether an operator holds them.
func (s *session) flowing() (map[int32]partition, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := make(map[int32]partition, len(s.parts))
	for id, p := range s.parts {
		if p.copy != nil {
			parts[id] = *p
		}
	}
	return parts, s.paused
}
