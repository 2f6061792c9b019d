package resource

import (
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// Book is every market of a match, derived from the score grid of a forecast.
type Book struct {
	ID               string       `json:"id"` // of the forecast
	Match            string       `json:"match"`
	Model            Model        `json:"model"`
	Live             Live         `json:"live"`
	Outcome          Outcome      `json:"outcome"`
	DoubleChance     DoubleChance `json:"double_chance"`
	DrawNoBet        HomeAway     `json:"draw_no_bet"`
	Totals           []Bet        `json:"totals"`
	HomeTotals       []Bet        `json:"home_totals"`
	AwayTotals       []Bet        `json:"away_totals"`
	Handicaps        []Bet        `json:"handicaps"`
	BothScore        float64      `json:"both_score"`
	CorrectScore     []Score      `json:"correct_score"`
	Margins          []Margin     `json:"margins"`
	NextGoal         NextGoal     `json:"next_goal"`
	CleanSheet       HomeAway     `json:"clean_sheet"`
	WinToNil         HomeAway     `json:"win_to_nil"`
	HalfTimeFullTime []HalfFull   `json:"half_time_full_time,omitempty"`
	Advance          *Advance     `json:"advance,omitempty"` // of a knock-out; all other markets are of 90 minutes
}

// DoubleChance is the probability of either of two results.
type DoubleChance struct {
	HomeDraw float64 `json:"home_draw"`
	HomeAway float64 `json:"home_away"`
	DrawAway float64 `json:"draw_away"`
}

// Bet is how a stake on passing a line may end. FairOdds is null where it can't win.
type Bet struct {
	Line     float64  `json:"line"`
	Win      float64  `json:"win"`
	HalfWin  float64  `json:"half_win"`
	Push     float64  `json:"push"`
	HalfLoss float64  `json:"half_loss"`
	Loss     float64  `json:"loss"`
	FairOdds *float64 `json:"fair_odds"`
}

// Score is the probability of a final score.
type Score struct {
	Home int32   `json:"home"`
	Away int32   `json:"away"`
	P    float64 `json:"p"`
}

// Margin is the probability of a margin of the home side.
type Margin struct {
	Goals int32   `json:"goals"`
	P     float64 `json:"p"`
}

// NextGoal is the probability of who scores next.
type NextGoal struct {
	Home float64 `json:"home"`
	None float64 `json:"none"`
	Away float64 `json:"away"`
}

// HalfFull is the probability of a pair of results.
type HalfFull struct {
	HalfTime string  `json:"half_time"`
	FullTime string  `json:"full_time"`
	P        float64 `json:"p"`
}

// OfBook renders the markets of a forecast.
func OfBook(p *football.Prediction, b *grid.Book) Book {
	out := Book{
		ID:      p.ID(),
		Match:   string(p.Match),
		Model:   Model{ID: p.Model.ID, Version: p.Model.Version, Digest: p.Model.Digest},
		Live:    OfLive(p.Live),
		Outcome: Outcome{Round(b.Outcome.Home), Round(b.Outcome.Draw), Round(b.Outcome.Away)},
		DoubleChance: DoubleChance{
			Round(b.DoubleChance.HomeDraw),
			Round(b.DoubleChance.HomeAway),
			Round(b.DoubleChance.DrawAway),
		},
		DrawNoBet:    renderSides(b.DrawNoBet),
		Totals:       renderBets(b.Totals),
		HomeTotals:   renderBets(b.HomeTotals),
		AwayTotals:   renderBets(b.AwayTotals),
		Handicaps:    renderBets(b.Handicaps),
		BothScore:    Round(b.BothScore),
		CorrectScore: make([]Score, len(b.Scores)),
		Margins:      make([]Margin, len(b.Margins)),
		NextGoal:     NextGoal{Round(b.NextGoal.Home), Round(b.NextGoal.None), Round(b.NextGoal.Away)},
		CleanSheet:   renderSides(b.CleanSheet),
		WinToNil:     renderSides(b.WinToNil),
		Advance:      renderAdvance(p.Advance),
	}
	for i, s := range b.Scores {
		out.CorrectScore[i] = Score{s.Home, s.Away, Round(s.P)}
	}
	for i, m := range b.Margins {
		out.Margins[i] = Margin{m.Goals, Round(m.P)}
	}
	if b.HalfFull != nil {
		out.HalfTimeFullTime = renderHalfFull(b.HalfFull)
	}
	return out
}

func renderHalfFull(h *grid.HalfFull) []HalfFull {
	names := [...]string{"home", "draw", "away"}
	var out []HalfFull
	for half, row := range h {
		for full, p := range row {
			out = append(out, HalfFull{names[half], names[full], Round(p)})
		}
	}
	return out
}

func renderSides(s grid.Sides) HomeAway { return HomeAway{Round(s.Home), Round(s.Away)} }

func renderBets(lines []grid.Settlement) []Bet {
	out := make([]Bet, len(lines))
	for i, s := range lines {
		out[i] = Bet{s.Line, Round(s.Win), Round(s.HalfWin), Round(s.Push), Round(s.HalfLoss), Round(s.Loss), nil}
		if fair := Round(s.Fair()); fair > 0 {
			out[i].FairOdds = &fair
		}
	}
	return out
}
