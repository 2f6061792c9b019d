package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Facts are what the topics say, arranged as tables, cache and subscribers should have it: a row stands for the newest
// record of its key.
type Facts struct {
	Refusals map[int32][]*football.Quarantined // by partition of quarantine

	serde   *wire.Serde
	tables  map[string]map[string]string // by table and key: the row's other columns
	newest  map[string]int64             // by table and key: what the row is newer by
	deltas  map[string]map[int32][]Delta // by topic and partition: what the live feed owes
	touched map[string]bool              // matches that a feature record has spoken of

	newestForecast map[string]CacheEntry // by match and model
}

// Delta is a record as a subscriber of the live feed sees it.
type Delta struct {
	Offset      int64
	Match       football.MatchID
	Model       string // "" of an event
	Sequence    int64
	Competition football.CompetitionID
}

// NewFacts returns facts of which nothing is known.
func NewFacts(serde *wire.Serde) *Facts {
	f := &Facts{Refusals: map[int32][]*football.Quarantined{}, serde: serde, tables: map[string]map[string]string{},
		newest: map[string]int64{}, deltas: map[string]map[int32][]Delta{}, touched: map[string]bool{},
		newestForecast: map[string]CacheEntry{}}
	for _, t := range readModels {
		f.tables[t.name] = map[string]string{}
	}
	for _, topic := range []string{wire.TopicPredictions, wire.TopicMatchEvents} {
		f.deltas[topic] = map[int32][]Delta{}
	}
	return f
}

// Take takes the next record of an output topic.
func (f *Facts) Take(ctx context.Context, r *kgo.Record) error {
	schemas := map[string]wire.Codec{
		wire.TopicMatchEvents: wire.MatchEvent, wire.TopicMatchFeatures: wire.MatchFeatures,
		wire.TopicPredictions: wire.Prediction,
		wire.TopicEvaluations: wire.Evaluation, wire.TopicQuarantine: wire.Quarantined,
	}
	schema, ok := schemas[r.Topic]
	if !ok {
		return nil // predictions-latest repeats predictions
	}
	fact, err := f.serde.DecodeValue(ctx, schema, r.Value)
	if err != nil {
		return fmt.Errorf("decode %s/%d/%d: %w", r.Topic, r.Partition, r.Offset, err)
	}
	switch fact := fact.(type) {
	case *football.MatchEvent:
		return f.takeEvent(fact, r)
	case *football.MatchFeatures:
		f.takeFeatures(fact)
	case *football.Prediction:
		f.prediction(fact, r)
	case *football.Evaluation:
		f.evaluation(fact)
	case *football.Quarantined:
		f.refusal(fact, r)
	}
	return nil
}

// putRow makes a row, unless the one that stands is newer.
func (f *Facts) putRow(table, key string, newer int64, columns ...any) {
	slot := table + "\x00" + key
	if old, ok := f.newest[slot]; ok && newer < old {
		return
	}
	f.newest[slot] = newer
	f.tables[table][key] = comparableText(columns...)
}

func (f *Facts) takeEvent(e *football.MatchEvent, r *kgo.Record) error {
	if e.Match == "" {
		return nil // a tick: of a pool, and nobody's row
	}
	f.deltas[r.Topic][r.Partition] = append(f.deltas[r.Topic][r.Partition],
		Delta{r.Offset, e.Match, "", e.Sequence, e.Competition})
	body, err := canonical(e.Body)
	if err != nil {
		return err
	}
	f.putRow("match_events", comparableText(e.Match, e.Sequence), r.Offset, e.Body.Kind(), e.At, e.Source,
		e.SourceEventID,
		r.Partition, r.Offset, body)
	fixture, ok := e.Body.(football.FixtureScheduled)
	if !ok || f.touched[string(e.Match)] {
		return nil
	}
	phase := football.PreMatch
	if fixture.Kickoff == 0 {
		phase = football.Postponed
	}
	f.putRow("matches", string(e.Match), -1, e.Pool, e.Competition, e.Season, e.Home, e.Away,
		instantOrNil(fixture.Kickoff),
		fixture.Neutral, phase,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, e.Sequence, e.At, fixture.Tie.Kind, 0, 0, 0, 0, 0, 0, "")
	return nil
}

func (f *Facts) takeFeatures(m *football.MatchFeatures) {
	l := &m.Live
	f.touched[string(m.Match)] = true
	f.putRow("matches", string(m.Match), m.Sequence, m.Pool, m.Competition, m.Season, m.Home, m.Away,
		instantOrNil(m.Kickoff),
		m.Neutral, l.Phase,
		l.Clock.Period, l.Clock.Elapsed, l.HomeGoals, l.AwayGoals, l.HomeReds, l.AwayReds, l.HomeShots, l.AwayShots,
		l.HomeOnTarget,
		l.AwayOnTarget, float32(l.HomeXG), float32(l.AwayXG), m.Sequence, 0, m.At,
		m.Tie.Kind, l.HomeExtra, l.AwayExtra, l.HomeKicks, l.AwayKicks, l.HomePenalties, l.AwayPenalties,
		l.ShootoutWinner)
	if l.Phase != football.Settled && m.Trigger != (football.FixtureScheduled{}).Kind() {
		return
	}
	for _, side := range []struct {
		team football.TeamID
		of   *football.TeamFeatures
	}{{m.Home, &m.HomeTeam}, {m.Away, &m.AwayTeam}} {
		f.putRow("ratings_history", comparableText(side.team, m.Match), m.Sequence, m.Sequence, m.At,
			instantOrNil(m.Kickoff),
			l.Phase == football.Settled,
			side.of.Attack, side.of.Defence, side.of.Elo, side.of.PiHome, side.of.PiAway, side.of.Played,
			side.of.Points)
	}
}

func (f *Facts) prediction(p *football.Prediction, r *kgo.Record) {
	f.deltas[r.Topic][r.Partition] = append(f.deltas[r.Topic][r.Partition],
		Delta{r.Offset, p.Match, p.Model.ID, p.Feature.Sequence, p.Competition})
	var over any
	for _, line := range p.Markets.Totals {
		if line.Line == 2.5 {
			over = line.P
		}
	}
	f.newestForecast[comparableText(p.Match, p.Model.ID)] = CacheEntry{1, r.Partition, r.Offset, r.Value}
	l := &p.Live
	f.putRow("predictions_history", comparableText(p.Match, p.Model.ID, p.Feature.Sequence, p.At), r.Offset,
		p.Model.Version,
		p.Trigger, l.Phase,
		l.Clock.Period, l.Clock.Elapsed, l.HomeGoals, l.AwayGoals, l.HomeReds, l.AwayReds, p.Outcome.Home,
		p.Outcome.Draw, p.Outcome.Away,
		p.ExpectedGoals.Home, p.ExpectedGoals.Away, over, p.Markets.BothScore, p.StageVersion, r.Partition, r.Offset)
	f.putRow("predictions_latest", comparableText(p.Match, p.Model.ID), p.Feature.Sequence, p.Model.Version,
		p.Feature.Sequence,
		p.Competition, p.Season,
		instantOrNil(p.Kickoff), p.At, l.Phase, p.Outcome.Home, p.Outcome.Draw, p.Outcome.Away, p.ExpectedGoals.Home,
		p.ExpectedGoals.Away, over,
		p.Markets.BothScore, r.Value, r.Partition, r.Offset)
}

func (f *Facts) evaluation(e *football.Evaluation) {
	var over any
	if e.Over25 >= 0 {
		over = e.Over25
	}
	f.putRow("evaluations", comparableText(e.Match, e.Model.ID, e.Checkpoint), int64(e.Revision), e.Revision,
		e.Model.Version,
		e.Competition, e.Season,
		instantOrNil(e.Kickoff), e.At, e.Forecast.Home, e.Forecast.Draw, e.Forecast.Away, over, e.HomeGoals,
		e.AwayGoals,
		e.RPS, e.LogLoss, e.Brier)
}

func (f *Facts) refusal(q *football.Quarantined, r *kgo.Record) {
	f.Refusals[r.Partition] = append(f.Refusals[r.Partition], q)
	f.putRow("quarantine_entries", comparableText(r.Partition, r.Offset), 0, q.Stage, q.StageVersion, q.Reason, q.Field,
		q.Topic,
		q.Partition,
		q.Offset, q.OriginalSize, q.Digest)
}

// canonical is a value as JSON with sorted keys, as the table and the topic have it alike.
func canonical(v any) (string, error) {
	first, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var plain any
	if err := json.Unmarshal(first, &plain); err != nil {
		return "", err
	}
	sorted, err := json.Marshal(plain)
	return string(sorted), err
}
