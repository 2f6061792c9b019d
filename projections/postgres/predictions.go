package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type predictionItem = item[football.Prediction]

var historyTable = &table[predictionItem]{
	name: "predictions_history",
	columns: slices.Concat(predictionColumns, outcomeColumns, []column[predictionItem]{
		textColumn("trigger", func(it predictionItem) string { return it.fact.Trigger }),
		smallintColumn("period", func(it predictionItem) int32 { return it.fact.Live.Clock.Period }),
		intColumn("elapsed", func(it predictionItem) int32 { return it.fact.Live.Clock.Elapsed }),
		smallintColumn("home_goals", func(it predictionItem) int32 { return it.fact.Live.HomeGoals }),
		smallintColumn("away_goals", func(it predictionItem) int32 { return it.fact.Live.AwayGoals }),
		smallintColumn("home_reds", func(it predictionItem) int32 { return it.fact.Live.HomeReds }),
		smallintColumn("away_reds", func(it predictionItem) int32 { return it.fact.Live.AwayReds }),
		intColumn("stage_version", func(it predictionItem) int32 { return it.fact.StageVersion }),
	}),
	key:   []string{"match", "model", "sequence", "at"},
	newer: "new.log_offset > old.log_offset",
}

var latestTable = &table[latestRow]{
	name: "predictions_latest",
	columns: slices.Concat(ofLatest(predictionColumns), ofLatest(outcomeColumns), []column[latestRow]{
		textColumn("competition", func(r latestRow) football.CompetitionID { return r.fact.Competition }),
		textColumn("season", func(r latestRow) football.Season { return r.fact.Season }),
		optionalInstantColumn("kickoff", func(r latestRow) football.Instant { return r.fact.Kickoff }),
		bytesColumn("frame", func(r latestRow) []byte { return r.record.Value }),
		instantColumn("projected_at", func(r latestRow) football.Instant { return r.projectedAt }),
	}),
	key:   []string{"match", "model"},
	newer: "new.sequence >= old.sequence AND new.log_offset > old.log_offset",
}

// predictionColumns are those that the history and the latest forecasts share, beside outcomeColumns.
var predictionColumns = []column[predictionItem]{
	textColumn("match", func(it predictionItem) football.MatchID { return it.fact.Match }),
	textColumn("model", func(it predictionItem) string { return it.fact.Model.ID }),
	intColumn("model_version", func(it predictionItem) int32 { return it.fact.Model.Version }),
	bigintColumn("sequence", func(it predictionItem) int64 { return it.fact.Feature.Sequence }),
	instantColumn("at", func(it predictionItem) football.Instant { return it.fact.At }),
	textColumn("phase", func(it predictionItem) football.Phase { return it.fact.Live.Phase }),
	partitionColumn[football.Prediction](),
	offsetColumn[football.Prediction](),
}

var outcomeColumns = []column[predictionItem]{
	doubleColumn("home", func(it predictionItem) float64 { return it.fact.Outcome.Home }),
	doubleColumn("draw", func(it predictionItem) float64 { return it.fact.Outcome.Draw }),
	doubleColumn("away", func(it predictionItem) float64 { return it.fact.Outcome.Away }),
	doubleColumn("expected_home", func(it predictionItem) float64 { return it.fact.ExpectedGoals.Home }),
	doubleColumn("expected_away", func(it predictionItem) float64 { return it.fact.ExpectedGoals.Away }),
	optionalProbabilityColumn("over_2_5", func(it predictionItem) float64 { return overTwoAndAHalf(it.fact) }),
	doubleColumn("both_score", func(it predictionItem) float64 { return it.fact.Markets.BothScore }),
}

// latestRow is a forecast with the time of the wall clock at which it was written: the cache is warmed with what was
// written lately.
type latestRow struct {
	predictionItem
	projectedAt football.Instant
}

// ofLatest makes columns of a prediction columns of latestRow.
func ofLatest(columns []column[predictionItem]) []column[latestRow] {
	out := make([]column[latestRow], len(columns))
	for i, c := range columns {
		out[i] = column[latestRow]{c.name, func(b *copyBuffer, row latestRow) { c.encode(b, row.predictionItem) }}
	}
	return out
}

// overTwoAndAHalf is the probability of three goals or more, or -1 when the forecast has no such line.
func overTwoAndAHalf(p *football.Prediction) float64 {
	over := -1.0
	for _, line := range p.Markets.Totals {
		if line.Line == 2.5 {
			over = line.P
		}
	}
	return over
}

// predictionsProjection writes predictions_latest and predictions_history, and offers the latest to the cache.
type predictionsProjection struct {
	base[football.Prediction]
	calendar *yearlyPartitions
	cache    *cache.Writer
	now      func() football.Instant
	latest   []predictionItem // of the last writeItems
}

func newPredictionsProjection(serde *wire.Serde, cache *cache.Writer,
	now func() football.Instant) *predictionsProjection {
	return &predictionsProjection{
		base: base[football.Prediction]{
			topic: wire.TopicPredictions, schema: wire.PredictionHistory, serde: serde,
			forget: `TRUNCATE predictions_latest, predictions_history`,
			at:     func(p *football.Prediction) football.Instant { return p.At },
		},
		calendar: newCalendarPartitions("predictions_history"),
		cache:    cache,
		now:      now,
	}
}

func (p *predictionsProjection) prepareTables(ctx context.Context, c *connection, items []predictionItem) error {
	wanted := map[int]bool{}
	for _, it := range items {
		wanted[calendarYear(it.at)] = true
	}
	return p.calendar.makeMissing(ctx, c, wanted)
}

func (p *predictionsProjection) writeItems(ctx context.Context, tx *transaction, items []predictionItem) error {
	if err := historyTable.insertRows(ctx, tx, sortByHistoryKey(items, tx.careful)); err != nil {
		return err
	}
	p.latest = lastOfEachKey(items, latestKey)
	rows := make([]latestRow, len(p.latest))
	for i, it := range p.latest {
		rows[i] = latestRow{it, p.now()}
	}
	return latestTable.mergeRows(ctx, tx, rows)
}

func (p *predictionsProjection) afterCommit(epoch int64, _ []predictionItem) {
	if p.cache == nil {
		return
	}
	for _, it := range p.latest {
		p.cache.PutPrediction(it.position(epoch), it.fact.Match, it.fact.Model.ID, it.fact.Live.Phase, it.record.Value)
	}
}

// sortByHistoryKey sorts a copy of the items as the history's index is sorted, which halves the cost of the index: a
// replay has a batch's matches side by side in it. For a careful write it keeps only the last item of each key.
func sortByHistoryKey(items []predictionItem, unique bool) []predictionItem {
	sorted := slices.Clone(items)
	compare := func(a, b predictionItem) int {
		x, y := a.fact, b.fact
		return cmp.Or(cmp.Compare(x.Match, y.Match), cmp.Compare(x.Model.ID, y.Model.ID),
			cmp.Compare(x.Feature.Sequence, y.Feature.Sequence), cmp.Compare(x.At, y.At))
	}
	slices.SortStableFunc(sorted, compare)
	if !unique {
		return sorted
	}
	slices.Reverse(sorted)
	return slices.CompactFunc(sorted, func(a, b predictionItem) bool { return compare(a, b) == 0 })
}

func latestKey(it predictionItem) (string, bool) {
	return string(it.fact.Match) + "~" + it.fact.Model.ID, true
}
