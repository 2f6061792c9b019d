package verify

import (
	"fmt"

	"github.com/touchline/touchline/cmd/chaos/internal/feed"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// feedTopics are the topics of the live feed, by their index in a cursor.
var feedTopics = [...]string{feed.Predictions: wire.TopicPredictions, feed.Events: wire.TopicMatchEvents}

// CheckFeed holds what a subscriber applied against what it was owed: every record of its scope after its image, once
// and in the order of each partition. What a server drops for a newer record of the same key is no loss to one who
// asked for conflation; to others the server does it when frames pile up, so it is counted apart, as superseded.
func CheckFeed(h *feed.History, facts *Facts) (total Result, superseded int) {
	total.Name = "feed " + h.Name
	if h.Start[feed.Predictions] == nil {
		total.Lost++
		total.addExample("it never got an image")
		return total, 0
	}
	places := facts.partitionsOfMatches()
	for topic, name := range feedTopics {
		applied := map[int32][]feed.Applied{}
		for _, a := range h.Applied {
			if (a.Model == "") != (topic == feed.Events) {
				continue
			}
			p, ok := places[name][a.Match]
			if !ok {
				total.Foreign++
				total.addExample("%v is of no match in %s", a, name)
				continue
			}
			applied[p] = append(applied[p], a)
		}
		for p, deltas := range facts.deltas[name] {
			owed := deltasOwedTo(h, deltas, h.Start[topic][p], h.End[topic][p])
			one, dropped := compareFeed(owed, applied[p])
			total.Add(one)
			superseded += dropped
		}
	}
	total.Add(checkImage(h, facts))
	return total, superseded
}

// deltasOwedTo returns the records of a subscriber's scope with offsets from start up to end. No subscriber names a
// model, so none is owed what a shadow says.
func deltasOwedTo(h *feed.History, deltas []Delta, start, end int64) []feed.Applied {
	var owed []feed.Applied
	for _, d := range deltas {
		if _, shadow := football.ModelName(d.Model); shadow {
			continue
		}
		if d.Offset >= start && d.Offset < end && (h.Competition == "" || h.Competition == d.Competition) {
			owed = append(owed, feed.Applied{Match: d.Match, Model: d.Model, Sequence: d.Sequence})
		}
	}
	return owed
}

// compareFeed compares one partition. Records that are missing but were followed by an applied one of their key are
// counted as superseded, not as lost.
func compareFeed(owed, applied []feed.Applied) (Result, int) {
	type slot struct {
		match football.MatchID
		model string
	}
	newest := map[slot]int64{}
	have := map[feed.Applied]bool{}
	for _, a := range applied {
		have[a] = true
		newest[slot{a.Match, a.Model}] = max(newest[slot{a.Match, a.Model}], a.Sequence)
	}
	var due []feed.Applied
	superseded := 0
	for _, a := range owed {
		if !have[a] && newest[slot{a.Match, a.Model}] > a.Sequence {
			superseded++
			continue
		}
		due = append(due, a)
	}
	r := Compare(due, applied)
	return r, superseded
}

// checkImage holds the forecasts of a subscriber's first image against the newest before its cursor. Which matches an
// image leaves out, because they are long over, is the server's to say.
func checkImage(h *feed.History, facts *Facts) Result {
	newest := map[string]int64{}
	for p, deltas := range facts.deltas[wire.TopicPredictions] {
		for _, d := range deltas {
			if d.Offset < h.Start[feed.Predictions][p] {
				newest[comparableText(d.Match, d.Model)] = d.Sequence
			}
		}
	}
	var r Result
	for _, held := range h.Image {
		r.Expected++
		r.Found++
		if want := newest[comparableText(held.Match, held.Model)]; want != held.Sequence {
			r.Lost++
			r.addExample("the image has sequence %d of %s, %s, want %d", held.Sequence, held.Match, held.Model, want)
		}
	}
	return r
}

// partitionsOfMatches returns the partition of each match, by topic.
func (f *Facts) partitionsOfMatches() map[string]map[football.MatchID]int32 {
	places := map[string]map[football.MatchID]int32{}
	for topic, partitions := range f.deltas {
		places[topic] = map[football.MatchID]int32{}
		for p, deltas := range partitions {
			for _, d := range deltas {
				places[topic][d.Match] = p
			}
		}
	}
	return places
}

// Describe says in a sentence what a subscriber went through.
func Describe(h *feed.History, superseded int) string {
	return fmt.Sprintf("feed %s: %d records applied, %d delivered again and dropped, %d superseded, resumed %d times",
		h.Name, len(h.Applied), h.Again, superseded, h.Resumed)
}
