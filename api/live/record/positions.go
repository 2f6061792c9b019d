package record

import "slices"

// Topic is one of the topics of the feed, as an index of Positions.
type Topic int

// The topics of the feed.
const (
	Predictions Topic = iota
	Events
	TopicCount
)

// Log is one life of the feed's topics. Logs can be compared.
type Log struct {
	Names [TopicCount]string   // in Kafka, with their version
	IDs   [TopicCount][16]byte // given by the brokers at random when a topic is made
}

// Positions are how far a log was read: the next offset of each partition of each topic. Assigning them shares the
// offsets; Clone does not.
type Positions struct {
	Log  Log
	Next [TopicCount][]int64
}

// Clone returns positions that share nothing with p.
func (p Positions) Clone() Positions {
	out := Positions{Log: p.Log}
	for t := range p.Next {
		out.Next[t] = slices.Clone(p.Next[t])
	}
	return out
}

// IsZero reports whether p are no positions at all.
func (p Positions) IsZero() bool { return p.Next[Predictions] == nil && p.Next[Events] == nil }

// LaterOf returns the later of both in each partition. Both must be of one log.
func LaterOf(a, b Positions) Positions {
	out := a.Clone()
	for t := range out.Next {
		for p := range b.Next[t] {
			out.Next[t][p] = max(out.Next[t][p], b.Next[t][p])
		}
	}
	return out
}

// Covers reports whether p is nowhere before other. Both must be of one log.
func (p Positions) Covers(other Positions) bool {
	for t := range other.Next {
		for partition, next := range other.Next[t] {
			if p.Next[t][partition] < next {
				return false
			}
		}
	}
	return true
}

// CoversRecord reports whether the record is before p: delivered already, or superseded by what was.
func (p Positions) CoversRecord(r *Record) bool {
	return p.Next[r.Topic] != nil && r.Offset < p.Next[r.Topic][r.Partition]
}

// PassRecord moves p behind the record.
func (p Positions) PassRecord(r *Record) { p.Next[r.Topic][r.Partition] = r.Offset + 1 }
