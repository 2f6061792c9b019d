package postgres

import "time"

// lagPoint is how far a partition was polled.
type lagPoint struct {
	next, end int64         // offsets: of the next record, and the last stable one
	behind    time.Duration // age of the newest record that was polled, while there are newer ones
}

// publishLag publishes how far the partitions are.
func (s *stream[F]) publishLag() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, point := range s.lag {
		s.metrics.publishLagPoint(s.topicName(), p, point)
	}
}

// dropLagOf ends what is published of partitions that another projector has now.
func (s *stream[F]) dropLagOf(partitions []int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range partitions {
		delete(s.lag, p)
		s.metrics.dropLag(s.topicName(), p)
	}
}
