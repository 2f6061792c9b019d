package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// forecastText is prediction.avsc without what the history does not keep: above all the score grid, which would be five
// sixths of the decoding. Avro lets a reader leave fields out.
const forecastText = `{"type": "record", "name": "Prediction", "namespace": "touchline.football", "fields": [
	{"name": "match", "type": "string"},
	{"name": "competition", "type": "string"},
	{"name": "season", "type": "string"},
	{"name": "kickoff", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "trigger", "type": "string"},
	{"name": "live", "type": {"type": "record", "name": "LiveState", "fields": [
		{"name": "phase", "type": "string"},
		{"name": "clock", "type": {"type": "record", "name": "Clock", "fields": [
			{"name": "period", "type": "int"}, {"name": "elapsed", "type": "int"}]}},
		{"name": "home_goals", "type": "int"}, {"name": "away_goals", "type": "int"},
		{"name": "home_reds", "type": "int"}, {"name": "away_reds", "type": "int"}]}},
	{"name": "model", "type": {"type": "record", "name": "ModelRef", "fields": [
		{"name": "id", "type": "string"}, {"name": "version", "type": "int"}]}},
	{"name": "feature", "type": {"type": "record", "name": "FeatureRef", "fields": [{"name": "sequence", "type": "long"}]}},
	{"name": "stage_version", "type": "int"},
	{"name": "outcome", "type": {"type": "record", "name": "Outcome", "fields": [
		{"name": "home", "type": "double"}, {"name": "draw", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "expected_goals", "type": {"type": "record", "name": "ExpectedGoals", "fields": [
		{"name": "home", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "markets", "type": {"type": "record", "name": "Markets", "fields": [
		{"name": "totals", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
			{"name": "line", "type": "double"}, {"name": "p", "type": "double"}]}}},
		{"name": "both_score", "type": "double"}]}}]}`

var forecastSchema = wire.NewSchema[football.Prediction]("prediction-history", forecastText)

var historyTable = &table{
	name: "predictions_history",
	columns: []string{"match", "model", "model_version", "sequence", "at", "trigger", "phase", "period", "elapsed", "home_goals",
		"away_goals", "home_reds", "away_reds", "home", "draw", "away", "expected_home", "expected_away", "over_2_5", "both_score",
		"stage_version", "partition", "log_offset"},
	key:   []string{"match", "model", "sequence", "at"},
	newer: "new.log_offset > old.log_offset",
}

var latestTable = &table{
	name: "predictions_latest",
	columns: []string{"match", "model", "model_version", "sequence", "competition", "season", "kickoff", "at", "phase", "home", "draw",
		"away", "expected_home", "expected_away", "over_2_5", "both_score", "frame", "partition",
		"log_offset", "projected_at"},
	key:   []string{"match", "model"},
	newer: "new.sequence >= old.sequence AND new.log_offset > old.log_offset",
}

// predictionsProjection writes predictions_latest and predictions_history, and offers the latest to the cache.
type predictionsProjection struct {
	base
	calendar *years
	cache    *cache.Writer
	now      func() football.Instant
	latest   []item // of the last write
	rows     copyBuffer
}

func newPredictionsProjection(serde *wire.Serde, cache *cache.Writer, now func() football.Instant) *predictionsProjection {
	return &predictionsProjection{
		base: base{name: wire.TopicPredictions, schema: forecastSchema, serde: serde,
			dropSQL: `TRUNCATE predictions_latest, predictions_history`},
		calendar: newCalendarYears("predictions_history"),
		cache:    cache,
		now:      now,
	}
}

func (p *predictionsProjection) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	fact, err := wire.Decode(ctx, p.serde, forecastSchema, r.Value)
	if err != nil {
		return nil, 0, err
	}
	return fact, fact.At, nil
}

func (p *predictionsProjection) prepare(ctx context.Context, s *session, items []item) error {
	wanted := map[int]bool{}
	for _, it := range items {
		wanted[calendarYear(it.at)] = true
	}
	return p.calendar.need(ctx, s, wanted)
}

func (p *predictionsProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	for _, it := range inKeyOrder(items, tx.careful) {
		writeForecast(&p.rows, it)
	}
	if err := tx.insert(ctx, historyTable, &p.rows); err != nil {
		return err
	}
	p.latest = last(items, latestKey)
	p.rows.reset()
	for _, it := range p.latest {
		p.writeLatest(it)
	}
	return tx.merge(ctx, latestTable, &p.rows)
}

func (p *predictionsProjection) committed(epoch int64, _ []item) {
	if p.cache == nil {
		return
	}
	for _, it := range p.latest {
		f := it.fact.(*football.Prediction)
		p.cache.PutPrediction(cache.Position{Epoch: epoch, Partition: it.record.Partition, Offset: it.record.Offset},
			f.Match, f.Model.ID, f.Live.Phase, it.record.Value)
	}
}

// inKeyOrder sorts a copy of the items as the history's index is sorted, which halves the cost of the index: a replay has
// a batch's matches side by side in it. For a careful write it keeps only the last of each key.
func inKeyOrder(items []item, unique bool) []item {
	sorted := slices.Clone(items)
	compare := func(a, b item) int {
		x, y := a.fact.(*football.Prediction), b.fact.(*football.Prediction)
		return cmp.Or(cmp.Compare(x.Match, y.Match), cmp.Compare(x.Model.ID, y.Model.ID), cmp.Compare(x.Feature.Sequence, y.Feature.Sequence),
			cmp.Compare(x.At, y.At))
	}
	slices.SortStableFunc(sorted, compare)
	if !unique {
		return sorted
	}
	slices.Reverse(sorted)
	return slices.CompactFunc(sorted, func(a, b item) bool { return compare(a, b) == 0 })
}

func latestKey(it item) (string, bool) {
	f := it.fact.(*football.Prediction)
	return string(f.Match) + "~" + f.Model.ID, true
}

func writeForecast(rows *copyBuffer, it item) {
	f := it.fact.(*football.Prediction)
	l := &f.Live
	rows.row(len(historyTable.columns))
	rows.text(string(f.Match))
	rows.text(f.Model.ID)
	rows.int4(f.Model.Version)
	rows.int8(f.Feature.Sequence)
	rows.instant(f.At)
	rows.text(f.Trigger)
	rows.text(string(l.Phase))
	rows.int2(l.Clock.Period)
	rows.int4(l.Clock.Elapsed)
	for _, n := range []int32{l.HomeGoals, l.AwayGoals, l.HomeReds, l.AwayReds} {
		rows.int2(n)
	}
	writeProbabilities(rows, f)
	rows.int4(f.StageVersion)
	rows.int4(it.record.Partition)
	rows.int8(it.record.Offset)
}

func (p *predictionsProjection) writeLatest(it item) {
	f := it.fact.(*football.Prediction)
	p.rows.row(len(latestTable.columns))
	p.rows.text(string(f.Match))
	p.rows.text(f.Model.ID)
	p.rows.int4(f.Model.Version)
	p.rows.int8(f.Feature.Sequence)
	p.rows.text(string(f.Competition))
	p.rows.text(string(f.Season))
	p.rows.knownInstant(f.Kickoff)
	p.rows.instant(f.At)
	p.rows.text(string(f.Live.Phase))
	writeProbabilities(&p.rows, f)
	p.rows.bytes(it.record.Value)
	p.rows.int4(it.record.Partition)
	p.rows.int8(it.record.Offset)
	p.rows.instant(p.now())
}

// writeProbabilities writes the seven columns that history and latest share.
func writeProbabilities(rows *copyBuffer, f *football.Prediction) {
	for _, v := range []float64{f.Outcome.Home, f.Outcome.Draw, f.Outcome.Away, f.ExpectedGoals.Home, f.ExpectedGoals.Away} {
		rows.float8(v)
	}
	over := -1.0
	for _, line := range f.Markets.Totals {
		if line.Line == 2.5 {
			over = line.P
		}
	}
	rows.probability(over)
	rows.float8(f.Markets.BothScore)
}
