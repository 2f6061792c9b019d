package worker

import "context"

// followPauses pauses and resumes the session's partitions as operators say. What was polled before is still folded and
// committed; membership, state and lag go on, so a resume is instant.
func (s *session) followPauses(ctx context.Context) error {
	control := s.w.cfg.Control
	if control == nil {
		return nil
	}
	for {
		changed := control.Changed()
		s.setPaused(control.Paused(s.w.chain))
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// setPaused pauses or resumes what is restored; the rest is paused until it is.
func (s *session) setPaused(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused == paused {
		return
	}
	s.paused = paused
	var ids []int32
	for id, p := range s.parts {
		if p.copy != nil {
			ids = append(ids, id)
		}
	}
	topic := map[string][]int32{s.w.chain.Input(): ids}
	if paused {
		s.txn.Client().PauseFetchPartitions(topic)
		s.w.log.Warn("paused by an operator", "resume", "touchline stages resume "+s.w.chain[0].Name)
		return
	}
	s.txn.Client().ResumeFetchPartitions(topic)
	s.w.log.Info("resumed by an operator")
}
