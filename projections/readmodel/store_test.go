package readmodel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }

// projectFacts writes the facts to the log, has them projected, and returns a store on the tables.
func projectFacts(t *testing.T, facts ...any) *readmodel.Store {
	t.Helper()
	pool, log := projectiontest.Postgres(t), projectiontest.Log(t)
	log.Append(facts...)
	projector, err := postgres.New(postgres.Config{}, log.Options(), log.Serde, pool, nil, log.Reference,
		slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- projector.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	awaitRecords(t, pool, len(facts))
	return readmodel.New(pool)
}

// awaitRecords waits until that many records are projected. The facts are of one partition each, without transactions.
func awaitRecords(t *testing.T, pool *pgxpool.Pool, want int) {
	t.Helper()
	var got int
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		err = pool.QueryRow(t.Context(), `SELECT coalesce(sum(next_offset), 0)::int FROM checkpoints`).Scan(&got)
		if err == nil && got == want {
			return
		}
	}
	t.Fatalf("records projected: got %d (%v), want %d", got, err, want)
}

// fillNumbers gives each number of a struct, at any depth, a value of its own, so that two that are swapped show.
func fillNumbers(v reflect.Value, next *int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillNumbers(v.Field(i), next)
		}
	case reflect.Int32:
		*next++
		v.SetInt(int64(*next))
	case reflect.Float64:
		*next++
		v.SetFloat(float64(*next) / 8) // exact also as a float of 32 bits
	}
}

func TestAMatchIsReadAsItWasDerived(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	live := football.LiveState{Phase: football.InPlay, ShootoutWinner: football.Away}
	next := 0
	fillNumbers(reflect.ValueOf(&live).Elem(), &next)
	live.HomeHalfTime, live.AwayHalfTime = 0, 0 // the tables do not keep them
	features := match.Features(7, "goal", live)
	features.Neutral, features.Tie.Kind = true, football.TieSecondLeg
	store := projectFacts(t, features)

	got, err := store.Match(t.Context(), match.ID())
	if err != nil {
		t.Fatal(err)
	}
	kickoff := features.Kickoff.Time()
	want := readmodel.Match{
		ID: features.Match, Pool: features.Pool, Competition: features.Competition, Season: features.Season,
		Home: features.Home, Away: features.Away, HomeName: "Arsenal", AwayName: "Chelsea", Kickoff: &kickoff,
		Neutral: true, Tie: football.TieSecondLeg, Live: live, Sequence: 7, ChangedAt: features.At.Time(),
	}
	if got.Kickoff == nil || !got.Kickoff.Equal(kickoff) || !got.ChangedAt.Equal(want.ChangedAt) {
		t.Errorf("kick-off and change: got %v and %v, want %v and %v", got.Kickoff, got.ChangedAt, kickoff,
			want.ChangedAt)
	}
	got.Kickoff, got.ChangedAt = want.Kickoff, want.ChangedAt
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAMatchThatIsOnlyAnnouncedIsRead(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	store := projectFacts(t, match.Scheduled(1))
	got, err := store.Match(t.Context(), match.ID())
	if err != nil {
		t.Fatal(err)
	}
	if got.Sequence != 0 || got.Live.Phase != football.PreMatch || got.Home != "arsenal" || got.Away != "chelsea" {
		t.Errorf("got %+v, want Arsenal against Chelsea before the match, without a feature record", got)
	}
}

func TestRatingsAreReadAsTheyWereRecorded(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	features := match.Features(1, football.FixtureScheduled{}.Kind(), projectiontest.Live(football.PreMatch, 0, 0))
	next := 0
	fillNumbers(reflect.ValueOf(&features.AwayTeam).Elem(), &next)
	store := projectFacts(t, features)
	ratings, err := store.Ratings(t.Context(), "chelsea", 10)
	if err != nil || len(ratings) != 1 {
		t.Fatalf("ratings of Chelsea: got %v, %v, want one", ratings, err)
	}
	got, want := ratings[0], features.AwayTeam
	if got.Attack != want.Attack || got.Defence != want.Defence || got.Elo != want.Elo || got.PiHome != want.PiHome ||
		got.PiAway != want.PiAway || got.Played != want.Played || got.Points != want.Points || got.Match != match.ID() {
		t.Errorf("got %+v, want those of %+v", got, want)
	}
}

func TestAForecastIsReadFromTheLatestAndFromTheHistory(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	live := football.LiveState{
		Phase: football.InPlay, Clock: football.Clock{Period: 2,
			Elapsed: 61}, HomeGoals: 3, AwayGoals: 4, HomeReds: 5, AwayReds: 6,
	}
	first, second := match.PredictionAt("goals", 1, live), match.PredictionAt("goals", 2, live)
	store := projectFacts(t, first, second)

	latest, err := store.Latest(t.Context(), match.ID(), "goals")
	if err != nil {
		t.Fatal(err)
	}
	if want := (wire.Position{Epoch: 1, Partition: latest.Position.Partition, Offset: 1}); latest.Position != want {
		t.Errorf("position of the latest forecast: got %s, want %s", latest.Position, want)
	}
	digest, err := store.AsOf(t.Context(), match.ID(), "goals", first.At.Time())
	if err != nil {
		t.Fatal(err)
	}
	over := first.Markets.Totals[0].P
	for _, line := range first.Markets.Totals {
		if line.Line == 2.5 {
			over = line.P
		}
	}
	want := readmodel.Digest{
		Match: match.ID(), Model: "goals", ModelVersion: 1, Sequence: 1, At: digest.At, Trigger: "goal",
		Phase: football.InPlay, Period: 2, Elapsed: 61, HomeGoals: 3, AwayGoals: 4, HomeReds: 5, AwayReds: 6,
		Home: first.Outcome.Home, Draw: first.Outcome.Draw, Away: first.Outcome.Away,
		ExpectedHome: first.ExpectedGoals.Home, ExpectedAway: first.ExpectedGoals.Away,
		Over25: digest.Over25, BothScore: first.Markets.BothScore, StageVersion: 1,
	}
	if digest != want || digest.Over25 == nil || *digest.Over25 != over {
		t.Errorf("got  %+v\nwant %+v with over 2.5 at %v", digest, want, over)
	}
	history, err := store.History(t.Context(), match.ID(), "goals", 1, 10)
	if err != nil || len(history) != 1 || history[0].Sequence != 2 {
		t.Errorf("history after the first: got %+v, %v, want the second", history, err)
	}
}

func TestQualityIsTheMeanOfEvaluations(t *testing.T) {
	t.Parallel()
	one, two := projectiontest.Match{}, projectiontest.Match{Home: "everton"}
	forecast := football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2}
	a := one.Evaluation("goals", football.CheckpointKickOff, 1, forecast, 1, 0)
	b := two.Evaluation("goals", football.CheckpointKickOff, 1, forecast, 1, 0)
	a.RPS, a.LogLoss, a.Brier = 1, 2, 3
	b.RPS, b.LogLoss, b.Brier = 3, 6, 9
	store := projectFacts(t, a, b)
	quality, bins, err := store.Quality(t.Context(), "E0", "")
	if err != nil {
		t.Fatal(err)
	}
	want := readmodel.Quality{Model: "goals", Checkpoint: "kick-off", N: 2, RPS: 2, LogLoss: 4, Brier: 6}
	if len(quality) != 1 || quality[0] != want {
		t.Errorf("quality: got %+v, want %+v", quality, want)
	}
	for _, bin := range bins {
		if bin.Bin == 10 && (bin.N != 2 || bin.Forecast != 0.5 || bin.Happened != 1) {
			t.Errorf("bin of 0.5: got %+v, want two forecasts of 0.5 that both happened", bin)
		}
	}
	if len(bins) != 3 {
		t.Errorf("bins: got %d, want 3", len(bins))
	}
}

func TestWhatIsKnownOfASeasonIsRead(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	settled := match.Features(3, "full-time", projectiontest.Live(football.Settled, 2, 1))
	promoted := &football.ModelFact{
		ID: "goals", Version: 3, Change: football.ModelPromoted, At: 1000, Share: 0.5, Kind: "dixon-coles",
		Digest: "abc", Artefact: []byte{1, 2}, Note: "better",
	}
	goal := match.Event(2, football.Goal{Side: football.Home})
	store := projectFacts(t, match.Scheduled(1), goal, settled, promoted, match.Outlook(4, 0.25))
	ctx := t.Context()

	competition, err := store.Competition(ctx, "E0")
	if err != nil || competition.Name != "Premier League" || competition.Country != "England" ||
		!reflect.DeepEqual(competition.Seasons, []string{"2015-16"}) {
		t.Errorf("competition: got %+v, %v, want the Premier League with 2015-16", competition, err)
	}
	team, err := store.Team(ctx, "chelsea")
	if want := (readmodel.Team{ID: "chelsea", Name: "Chelsea", Pool: "england"}); err != nil || team != want {
		t.Errorf("team: got %+v, %v, want %+v", team, err, want)
	}
	events, err := store.Events(ctx, match.ID(), 1, 10)
	if err != nil || len(events) != 1 || events[0].Kind != "goal" || events[0].Source != "test" ||
		!json.Valid(events[0].Body) {
		t.Errorf("events after the first: got %+v, %v, want the goal", events, err)
	}
	facts, offsets, err := store.ModelFacts(ctx)
	if err != nil || len(facts) != 1 || !reflect.DeepEqual(facts[0], promoted) || offsets[0] != 0 {
		t.Errorf("facts of models: got %+v at %v, %v, want %+v at 0", facts, offsets, err, promoted)
	}
	outlook, err := store.Outlook(ctx, "E0", "2015-16", time.Time{})
	if err != nil || outlook.Sequence != 4 || len(outlook.Teams) != 2 || outlook.Names["arsenal"] != "Arsenal" {
		t.Errorf("outlook: got %+v, %v, want sequence 4 with two named teams", outlook, err)
	}
}

func TestResultsAreTheSettledMatchesOfALeague(t *testing.T) {
	t.Parallel()
	day := func(n int) football.Instant { return football.At(time.Date(2015, 8, n, 15, 0, 0, 0, time.UTC)) }
	playOff := projectiontest.Match{Home: "chelsea", Away: "arsenal", Kickoff: day(20)}.Features(1, "full-time",
		projectiontest.Live(football.Settled, 9, 0))
	playOff.Tie.Kind = football.TieSingle
	store := projectFacts(t,
		projectiontest.Match{Home: "chelsea", Away: "everton", Kickoff: day(9)}.Features(1, "full-time",
			projectiontest.Live(football.Settled, 0, 0)),
		projectiontest.Match{Home: "arsenal", Away: "chelsea", Kickoff: day(1)}.Features(1, "full-time",
			projectiontest.Live(football.Settled, 3, 1)),
		projectiontest.Match{Home: "everton", Away: "arsenal", Kickoff: day(15)}.Features(1, "goal",
			projectiontest.Live(football.InPlay, 5, 0)),
		playOff)
	got, err := store.Results(t.Context(), "E0", "2015-16")
	if err != nil || len(got) != 2 || got[0].Home != "arsenal" || got[0].HomeGoals != 3 || got[0].AwayGoals != 1 ||
		got[1].Home != "chelsea" || got[1].Away != "everton" {
		t.Errorf("got %+v, %v, want the two that are settled and no play-off, by kick-off", got, err)
	}
	if got, err := store.Results(t.Context(), "E0", "2014-15"); err != nil || len(got) != 0 {
		t.Errorf("another season: got %+v, %v, want none", got, err)
	}
}

func TestMatchesAreFilteredAndOrderedByKickOff(t *testing.T) {
	t.Parallel()
	day := func(n int) football.Instant { return football.At(time.Date(2015, 8, n, 15, 0, 0, 0, time.UTC)) }
	early, late := projectiontest.Match{Kickoff: day(1)}, projectiontest.Match{Home: "everton", Kickoff: day(9)}
	other := projectiontest.Match{Season: "2016-17", Kickoff: day(30)}
	live := projectiontest.Live(football.PreMatch, 0, 0)
	store := projectFacts(t, early.Features(1, "goal", live), late.Features(1, "goal", live),
		other.Features(1, "goal", live))
	for _, c := range []struct {
		name  string
		query readmodel.MatchQuery
		want  []football.MatchID
	}{
		{"all", readmodel.MatchQuery{}, []football.MatchID{early.ID(), late.ID(), other.ID()}},
		{"of a season", readmodel.MatchQuery{Season: "2015-16"}, []football.MatchID{early.ID(), late.ID()}},
		{"of a team", readmodel.MatchQuery{Team: "everton"}, []football.MatchID{late.ID()}},
		{"newest first", readmodel.MatchQuery{Descending: true}, []football.MatchID{other.ID(), late.ID(), early.ID()}},
		{"settled", readmodel.MatchQuery{Status: []football.Phase{football.Settled}}, nil},
		{"of days", readmodel.MatchQuery{From: day(2).Time(), To: day(30).Time()}, []football.MatchID{late.ID()}},
		{"after one", readmodel.MatchQuery{After: &readmodel.MatchKey{Kickoff: day(1).Time(), ID: early.ID()}},
			[]football.MatchID{late.ID(), other.ID()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.query.Limit = 10
			matches, err := store.Matches(t.Context(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []football.MatchID
			for _, m := range matches {
				got = append(got, m.ID)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestASnapshotHasForecastsAndTheCheckpointsOfTheirTopic(t *testing.T) {
	t.Parallel()
	match := projectiontest.Match{}
	store := projectFacts(t, match.Prediction("goals", 1), match.Prediction("goals", 2))
	snapshot, err := store.Snapshot(t.Context(), time.Hour, wire.TopicPredictions)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Forecasts) != 1 {
		t.Fatalf("forecasts: got %d, want 1", len(snapshot.Forecasts))
	}
	partition := snapshot.Forecasts[0].Position.Partition
	state := snapshot.Topics[wire.TopicPredictions]
	if state.Epoch != 1 || state.Next[partition] != 2 || state.ID == [16]byte{} {
		t.Errorf("state of the topic: got %+v, want epoch 1, next offset 2 and an id", state)
	}
	if want := match.Prediction("goals", 2).At.Time(); !snapshot.StreamTime[partition].Equal(want) {
		t.Errorf("stream time: got %s, want %s", snapshot.StreamTime[partition], want)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	pool := projectiontest.Postgres(t)
	store := readmodel.New(pool)
	for name, err := range map[string]error{
		"match":       second(store.Match(t.Context(), "england.2015-16.arsenal.chelsea.1")),
		"team":        second(store.Team(t.Context(), "none")),
		"competition": second(store.Competition(t.Context(), "none")),
		"forecast":    second(store.Latest(t.Context(), "england.2015-16.arsenal.chelsea.1", "goals")),
	} {
		if !errors.Is(err, readmodel.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestASchemaWithoutTablesIsTold(t *testing.T) {
	t.Parallel()
	pool := projectiontest.EmptyPostgres(t, projectiontest.URL(t))
	if err := readmodel.New(pool).Ping(t.Context()); !readmodel.NoTables(err) {
		t.Errorf("got %v, want an error that there are no tables", err)
	}
}

func TestOnlyAbsentTablesAreNoTables(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"42P01": true, "3F000": true, "57P01": false} {
		err := fmt.Errorf("read matches: %w", &pgconn.PgError{Code: code})
		if got := readmodel.NoTables(err); got != want {
			t.Errorf("SQL state %s: got %v, want %v", code, got, want)
		}
	}
}
