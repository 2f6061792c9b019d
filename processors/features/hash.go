package features

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// hash returns the first 16 hexadecimal digits of the SHA-256 of all fields before Hash, in their order: strings with
// their length before them, numbers as eight bytes, lists with their length before them. What a match of a league that ended after
// 90 minutes does not have is left out.
func hash(f *football.MatchFeatures) string {
	e := encoder(make([]byte, 0, 2048))
	e = e.str(string(f.Match)).str(string(f.Pool)).str(string(f.Competition)).str(string(f.Season))
	e = e.str(string(f.Home)).str(string(f.Away)).int(int64(f.Kickoff)).bool(f.Neutral)
	e = e.int(f.Sequence).int(int64(f.At)).str(f.Trigger).int(f.ModelsPosition)
	e = e.team(&f.HomeTeam).team(&f.AwayTeam).league(&f.League).live(&f.Live)
	e = e.int(int64(len(f.Odds)))
	for i := range f.Odds {
		e = e.odds(&f.Odds[i])
	}
	if f.Tie.Kind != football.TieNone {
		e = e.tie(&f.Tie)
	}
	if f.Live.Clock.Period > 2 {
		e = e.beyond(&f.Live)
	}
	sum := sha256.Sum256(e)
	return hex.EncodeToString(sum[:8])
}

// encoder is a canonical binary encoding under construction.
type encoder []byte

func (e encoder) str(s string) encoder { return append(e.int(int64(len(s))), s...) }

func (e encoder) int(n int64) encoder { return binary.BigEndian.AppendUint64(e, uint64(n)) }

func (e encoder) float(x float64) encoder {
	return binary.BigEndian.AppendUint64(e, math.Float64bits(x))
}

func (e encoder) bool(b bool) encoder {
	if b {
		return append(e, 1)
	}
	return append(e, 0)
}

func (e encoder) team(t *football.TeamFeatures) encoder {
	return e.float(t.Attack).float(t.Defence).float(t.Elo).float(t.PiHome).float(t.PiAway).int(int64(t.Played)).
		float(t.Points).float(t.RestDays).float(t.ShotsFor).float(t.ShotsAgainst).float(t.OnTargetFor).float(t.OnTargetAgainst).
		float(t.AttackForm).float(t.DefenceForm).float(t.Decided)
}

func (e encoder) league(l *football.CompetitionFeatures) encoder {
	return e.float(l.GoalRate).float(l.HomeAdvantage).float(l.Rho).float(l.HomeShare).float(l.DrawShare).int(int64(l.Played))
}

func (e encoder) live(l *football.LiveState) encoder {
	return e.str(string(l.Phase)).int(int64(l.Clock.Period)).int(int64(l.Clock.Elapsed)).
		int(int64(l.HomeGoals)).int(int64(l.AwayGoals)).int(int64(l.HomeReds)).int(int64(l.AwayReds)).
		int(int64(l.HomeShots)).int(int64(l.AwayShots)).int(int64(l.HomeOnTarget)).int(int64(l.AwayOnTarget)).
		float(l.HomeXG).float(l.AwayXG).int(int64(l.HomeHalfTime)).int(int64(l.AwayHalfTime))
}

func (e encoder) tie(t *football.TieFeatures) encoder {
	return e.str(string(t.Kind)).bool(t.AwayGoals).bool(t.ExtraTime).int(int64(t.FirstHome)).int(int64(t.FirstAway))
}

func (e encoder) beyond(l *football.LiveState) encoder {
	return e.int(int64(l.HomeExtra)).int(int64(l.AwayExtra)).int(int64(l.HomeKicks)).int(int64(l.AwayKicks)).
		int(int64(l.HomePenalties)).int(int64(l.AwayPenalties)).str(string(l.ShootoutWinner))
}

func (e encoder) odds(o *football.OddsQuoted) encoder {
	e = e.str(string(o.Stage)).int(int64(len(o.Quotes)))
	for i := range o.Quotes {
		q := &o.Quotes[i]
		e = e.str(q.Bookmaker).float(q.Home).float(q.Draw).float(q.Away).float(q.Over25).float(q.Under25)
	}
	return e
}
