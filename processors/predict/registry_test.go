package predict_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// registration is a registration of goals whose strength has another weight.
func registration(fatal func(...any), name string, version int32, blend float64) *football.ModelFact {
	a := predict.DefaultGoals()
	a.Weights.StrengthBlend = blend
	f, err := predict.Registration(name, version, a)
	if err != nil {
		fatal(err)
	}
	return f
}

func goals(t *testing.T, version int32, blend float64) *football.ModelFact {
	t.Helper()
	return registration(t.Fatal, "goals", version, blend)
}

func change(version int32, to football.ModelChange) *football.ModelFact {
	return &football.ModelFact{ID: "goals", Version: version, Change: to}
}

func split(version int32, share float64) *football.ModelFact {
	return &football.ModelFact{ID: "goals", Version: version, Change: football.ModelSplit, Share: share}
}

// TestALifeOfAModel follows which versions forecast a match through a model's life. Refused facts change nothing.
func TestALifeOfAModel(t *testing.T) {
	const match = "england.2015-16.arsenal.chelsea.1"
	r := predict.BuiltInRegistry()
	forged := goals(t, 3, 0.8)
	forged.Digest = predict.Digest([]byte("something else"))
	other := goals(t, 2, 0.8)
	for offset, step := range []struct {
		fact    *football.ModelFact
		refused string // a part of the reason
		speak   string // the ids and versions that speak of the match
	}{
		{fact: predict.BuiltInRegistrations()[0], speak: "goals/2 market-blend/3"},
		{fact: forged, refused: "has the digest", speak: "goals/2 market-blend/3"},
		{fact: other, refused: "a version never changes", speak: "goals/2 market-blend/3"},
		{fact: change(3, football.ModelPromoted), refused: "has no version 3", speak: "goals/2 market-blend/3"},
		{fact: goals(t, 3, 0.8), speak: "goals/2 market-blend/3"},
		{fact: change(3, football.ModelShadowed), speak: "goals/2 goals@3/3 market-blend/3"},
		{fact: split(3, 1), refused: "a share of 1", speak: "goals/2 goals@3/3 market-blend/3"},
		{fact: split(2, 0.5), refused: "is served already", speak: "goals/2 goals@3/3 market-blend/3"},
		{fact: split(3, 1e-9), speak: "goals/2 goals@3/3 market-blend/3"},
		{fact: split(3, 1-1e-9), speak: "goals/3 goals@2/2 market-blend/3"},
		{fact: change(3, football.ModelPromoted), speak: "goals/3 goals@2/2 market-blend/3"},
		{fact: change(3, football.ModelShadowed), refused: "promote another version first",
			speak: "goals/3 goals@2/2 market-blend/3"},
		{fact: change(3, football.ModelRetired), refused: "promote another version first",
			speak: "goals/3 goals@2/2 market-blend/3"},
		{fact: change(2, football.ModelPromoted), speak: "goals/2 goals@3/3 market-blend/3"}, // a rollback
		{fact: change(3, football.ModelRetired), speak: "goals/2 market-blend/3"},
		{fact: change(3, football.ModelPromoted), refused: "retired for good", speak: "goals/2 market-blend/3"},
		{fact: change(2, football.ModelRetired), speak: "market-blend/3"}, // nobody is left to be promoted first
		{fact: &football.ModelFact{ID: "Goals!", Version: 1, Change: football.ModelRegistered},
			refused: "no name for a model", speak: "market-blend/3"},
	} {
		err := r.Apply(int64(offset), step.fact)
		if step.refused == "" && err != nil || step.refused != "" &&
			(err == nil || !strings.Contains(err.Error(), step.refused)) {
			t.Fatalf("fact %d: got %v, want a refusal with %q", offset, err, step.refused)
		}
		if got := speakers(r, match, int64(offset)+1); got != step.speak {
			t.Fatalf("after fact %d: %s speak, want %s", offset, got, step.speak)
		}
	}
	if got := speakers(r, match, 0); got != "goals/2 market-blend/3" {
		t.Errorf("before all facts %s speak", got)
	}
	if got := speakers(r, match, 6); got != "goals/2 goals@3/3 market-blend/3" {
		t.Errorf("as of position 6 %s speak", got)
	}
}

// speakers are the models that forecast a match as of a position.
func speakers(r *predict.Registry, match football.MatchID, position int64) string {
	f := record(football.LiveState{Phase: football.PreMatch})
	f.Match, f.ModelsPosition = match, position
	var got []string
	for _, out := range predict.New(r).Step(nil, f) {
		p := out.(*football.Prediction)
		got = append(got, fmt.Sprintf("%s/%d", p.Model.ID, p.Model.Version))
	}
	return strings.Join(got, " ")
}

// TestLineupLaws: whatever the facts are, each active version forecasts each match exactly once, one version of a
// name is served, and what was true as of a position stays so.
func TestLineupLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := predict.BuiltInRegistry()
		match := football.MatchID(fmt.Sprintf("england.2015-16.a.b.%d", rapid.IntRange(1, 50).Draw(t, "match")))
		var history []string
		for offset := range int64(rapid.IntRange(1, 20).Draw(t, "facts")) {
			version := rapid.Int32Range(1, 4).Draw(t, "version")
			fact := rapid.SampledFrom([]*football.ModelFact{
				registration(func(a ...any) { t.Fatal(a...) }, "goals", version, 0.5+float64(version)/10),
				change(version, football.ModelShadowed), change(version, football.ModelPromoted),
				change(version, football.ModelRetired),
				split(version, rapid.Float64Range(0, 1).Draw(t, "share")),
			}).Draw(t, "fact")
			before := speakers(r, match, offset)
			if err := r.Apply(offset, fact); err != nil && speakers(r, match, offset+1) != before {
				t.Fatalf("a refused fact (%v) changed %s to %s", err, before, speakers(r, match, offset+1))
			}
			history = append(history, speakers(r, match, offset+1))
			active := map[string]int{}
			for _, s := range r.Newest().Standings() {
				if s.Name == "goals" && s.ShadowID != "" {
					active[fmt.Sprint("/", s.Version)]++
				}
			}
			served := 0
			for _, s := range strings.Fields(history[offset]) {
				if id, number, _ := strings.Cut(s, "/"); strings.HasPrefix(id, "goals") {
					active["/"+number]--
					if _, shadow := football.ModelName(id); !shadow {
						served++
					}
				}
			}
			for version, n := range active {
				if n != 0 {
					t.Fatalf("version %s of goals is %+d times too often active: %s, %+v", version, n, history[offset],
						r.Newest().Standings())
				}
			}
			if served > 1 {
				t.Fatalf("%s: %d versions are served", history[offset], served)
			}
		}
		for offset, speak := range history {
			if got := speakers(r, match, int64(offset)+1); got != speak {
				t.Fatalf("as of position %d %s speak, at the time it was %s", offset+1, got, speak)
			}
		}
	})
}

// TestSharesAreFairAndGrowWithoutMovingAMatch: the hash spreads matches evenly (chi-squared of 20 cells), independently
// of another model's split, and a match in a share stays in a larger one.
func TestSharesAreFairAndGrowWithoutMovingAMatch(t *testing.T) {
	const matches, cells = 20000, 20
	var count [cells]int
	both := 0
	for i := range matches {
		match := football.MatchID(fmt.Sprintf("england.%d-%02d.team-%d.team-%d.1", 2000+i%20, (i+1)%100, i%23, i%29))
		in := predict.InShare("goals", match, 0.3)
		for cell := range cells {
			if predict.InShare("goals", match, float64(cell+1)/cells) {
				count[cell]++
				for larger := cell; larger < cells; larger++ {
					if !predict.InShare("goals", match, float64(larger+1)/cells) {
						t.Fatalf("%s is in a share of %d/20 and not in %d/20", match, cell+1, larger+1)
					}
				}
				break
			}
		}
		if in && predict.InShare("market-blend", match, 0.3) {
			both++
		}
	}
	chi := 0.0
	for _, n := range count {
		chi += math.Pow(float64(n)-matches/cells, 2) / (matches / cells)
	}
	if chi > 43.8 { // one in a thousand with 19 degrees of freedom
		t.Errorf("chi-squared %.1f: %v", chi, count)
	}
	if share := float64(both) / matches; math.Abs(share-0.09) > 0.01 {
		t.Errorf("both splits take %.3f of the matches, want 0.09", share)
	}
}

// TestAShareEndsBeforeItsNumber writes the number of a match down a second time: 53 bits of FNV-1a, finalized. A share
// of that very number does not contain the match, the next larger one does.
func TestAShareEndsBeforeItsNumber(t *testing.T) {
	for _, match := range []football.MatchID{"england.2015-16.arsenal.chelsea.1", "spain.2019-20.betis.getafe.2"} {
		hash := fnv.New64a()
		hash.Write([]byte("goals\x00" + string(match)))
		h := hash.Sum64()
		for _, factor := range []uint64{0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53} {
			h = (h ^ h>>33) * factor
		}
		number := math.Ldexp(float64((h^h>>33)>>11), -53)
		if predict.InShare("goals", match, number) {
			t.Errorf("%s is in the share of its own number, %v", match, number)
		}
		if next := math.Nextafter(number, 1); !predict.InShare("goals", match, next) {
			t.Errorf("%s, of number %v, is not in the share %v", match, number, next)
		}
	}
}

// TestArtefactsHaveOneForm: what is decoded encodes to the same bytes, and nothing else is accepted.
func TestArtefactsHaveOneForm(t *testing.T) {
	dixonColes := &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Goals: 0.1, Home: 0.3, Rho: -0.07}},
		Teams: map[football.TeamID]predict.DixonColesTeam{"arsenal": {Attack: 0.3, Defence: 0.2},
			"chelsea": {Attack: 0.25, Defence: 0.3}},
		Play: predict.DefaultPlay(), Trained: &predict.Training{Before: "2019-07-01", Matches: 2},
	}
	for _, a := range []predict.Artefact{predict.DefaultGoals(), predict.DefaultMarket(), dixonColes} {
		text, err := predict.Encode(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := predict.Decode(a.Kind(), text); err != nil {
			t.Fatalf("%s: %v", a.Kind(), err)
		}
		for name, bad := range map[string][]byte{
			"a field that is missing": bytes.Replace(text, []byte(`"least": 60,`), nil, 1),
			"an unknown field":        bytes.Replace(text, []byte(`"least"`), []byte(`"lest"`), 1),
			"a field that is twice": bytes.Replace(text, []byte(`"least": 60,`), []byte(`"least": 60, "least": 60,`),
				1),
			"another schema":           bytes.Replace(text, []byte(`/1"`), []byte(`/2"`), 1),
			"a value out of range":     bytes.Replace(text, []byte(`"least": 60`), []byte(`"least": -60`), 1),
			"another way to format it": bytes.ReplaceAll(text, []byte("  "), []byte(" ")),
			"something after it":       append(bytes.Clone(text), '\n'),
			"half of it":               text[:len(text)/2],
		} {
			if bytes.Equal(bad, text) {
				t.Fatalf("%s: %s changes nothing", a.Kind(), name)
			}
			if _, err := predict.Decode(a.Kind(), bad); err == nil {
				t.Errorf("%s: %s is accepted", a.Kind(), name)
			}
		}
	}
	text, _ := predict.Encode(predict.DefaultGoals())
	for _, kind := range []string{predict.KindMarket, predict.KindDixonColes, "oracle", ""} {
		if _, err := predict.Decode(kind, text); err == nil {
			t.Errorf("a goals artefact is accepted as %q", kind)
		}
	}
}

// TestAnErrorAboutAnArtefactIsNoLongerThanAScreen, whatever the file says.
func TestAnErrorAboutAnArtefactIsNoLongerThanAScreen(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for _, text := range []string{`{"schema":"` + long + `"}`, long, `{"` + long + `":1}`} {
		if _, err := predict.Decode(predict.KindGoals, []byte(text)); err == nil || len(err.Error()) > 500 {
			t.Errorf("got an error of %d bytes", len(fmt.Sprint(err)))
		}
	}
}

// TestDixonColesKnowsOnlyItsTeams, and forecasts a neutral match alike for both sides.
func TestDixonColesKnowsOnlyItsTeams(t *testing.T) {
	fact, err := predict.Registration("dixon-coles", 1, &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{"E0": {Goals: 0.1, Home: 0.3, Rho: -0.07}},
		Teams: map[football.TeamID]predict.DixonColesTeam{"arsenal": {Attack: 0.2, Defence: 0.2},
			"chelsea": {Attack: 0.2, Defence: 0.2}},
		Play: predict.DefaultPlay(),
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := predict.Build(fact)
	if err != nil {
		t.Fatal(err)
	}
	f := record(football.LiveState{Phase: football.PreMatch})
	if _, ok := m.Forecast(f); ok {
		t.Error("it forecasts a match of teams that it does not know")
	}
	f.Competition, f.Home, f.Away = "E0", "arsenal", "chelsea"
	forecast, ok := m.Forecast(f)
	if want := math.Exp(0.1 + 0.3); !ok || math.Abs(forecast.ExpectedGoals.Home-want) > 0.01 {
		t.Errorf("got %v, %v; want %.3f home goals", forecast.ExpectedGoals, ok, want)
	}
	f.Neutral = true
	if forecast, _ := m.Forecast(f); math.Abs(forecast.Outcome.Home-forecast.Outcome.Away) > 1e-9 {
		t.Errorf("on neutral ground: %+v", forecast.Outcome)
	}
}

// TestALedgerTracksVersionsWithoutTheirArtefacts: what is in a store has its status, kind and digest, and never
// forecasts.
func TestALedgerTracksVersionsWithoutTheirArtefacts(t *testing.T) {
	fact, err := predict.Registration("stored", 1, predict.DefaultGoals())
	if err != nil {
		t.Fatal(err)
	}
	digest := fact.Digest
	for artefact, want := range map[bool]int{true: 1, false: 0} {
		r, registered := predict.NewLedger(), *fact
		if !artefact {
			registered.Artefact = nil
		}
		promoted := football.ModelFact{ID: "stored", Version: 1, Change: football.ModelPromoted}
		if err := errors.Join(r.Apply(0, &registered), r.Apply(1, &promoted)); err != nil {
			t.Fatal(err)
		}
		s := r.Newest().Standings()
		if len(s) != 1 || s[0].Digest != digest[:16] || s[0].Kind != predict.KindGoals ||
			s[0].Status != football.ModelPromoted {
			t.Errorf("artefact %v: got %+v", artefact, s)
		}
		f := record(football.LiveState{Phase: football.PreMatch})
		f.ModelsPosition = 2
		if got := len(predict.New(r).Step(nil, f)); got != want {
			t.Errorf("artefact %v: got %d predictions, want %d", artefact, got, want)
		}
	}
}

// TestVersionsAreListedAscending, in whatever order they were registered; and a lineup knows which it has.
func TestVersionsAreListedAscending(t *testing.T) {
	r := predict.BuiltInRegistry()
	for offset, version := range []int32{5, 3, 4, 6} {
		if err := r.Apply(int64(offset), registration(t.Fatal, "goals", version, 0.5+float64(version)/10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Apply(4, change(4, football.ModelShadowed)); err != nil {
		t.Fatal(err)
	}
	lineup := r.Newest()
	var got []int32
	for _, s := range lineup.Standings() {
		if s.Name == "goals" {
			got = append(got, s.Version)
		}
	}
	if want := []int32{2, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("got versions %v, want %v", got, want)
	}
	if !lineup.Has("goals", 3) || lineup.Has("goals", 1) || lineup.Has("elo", 2) {
		t.Errorf("goals 3, goals 1, elo 2: got %v, %v, %v, want only the first", lineup.Has("goals", 3),
			lineup.Has("goals", 1), lineup.Has("elo", 2))
	}
	var refs []string
	for _, ref := range lineup.Refs() {
		refs = append(refs, fmt.Sprintf("%s/%d", ref.ID, ref.Version))
	}
	if want := []string{"goals/2", "goals@2/2", "goals@4/4", "market-blend/3", "market-blend@3/3"}; !slices.Equal(refs,
		want) {
		t.Errorf("got models that may forecast %q, want %q", refs, want)
	}
}
