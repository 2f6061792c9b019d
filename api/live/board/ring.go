package board

import "github.com/touchline/touchline/api/live/record"

// ring keeps the last records of a partition for those who come back.
type ring struct {
	records []*record.Record
	oldest  int   // index in records, once it is full
	from    int64 // offset from which on all records are here
}

// appendRecord appends a record. A ring that is full lets the oldest go.
func (r *ring) appendRecord(rec *record.Record, size int) {
	if len(r.records) < size {
		r.records = append(r.records, rec)
		return
	}
	r.from = r.records[r.oldest].Offset + 1
	r.records[r.oldest] = rec
	r.oldest = (r.oldest + 1) % size
}

// eachFrom calls fn for each record at or after the offset, in order.
func (r *ring) eachFrom(offset int64, fn func(*record.Record)) {
	for i := range r.records {
		rec := r.records[(r.oldest+i)%len(r.records)]
		if rec.Offset >= offset {
			fn(rec)
		}
	}
}
