package features

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/touchline/touchline/schemas/football"
)

// hashRecord returns the first 16 hexadecimal digits of the SHA-256 of all fields before Hash, in their order.
// Predictions name their feature record by it, so the encoding must never change for fields that exist: a new field is
// appended, and only where it has a value, as are those of ties and of what follows the 90 minutes.
func hashRecord(f *football.MatchFeatures) string {
	e := encoder(make([]byte, 0, 2048))
	e = e.appendStrings(string(f.Match), string(f.Pool), string(f.Competition), string(f.Season))
	e = e.appendStrings(string(f.Home), string(f.Away)).appendIntegers(int64(f.Kickoff)).appendBool(f.Neutral)
	e = e.appendIntegers(f.Sequence, int64(f.At)).appendStrings(f.Trigger).appendIntegers(f.ModelsPosition)
	e = e.appendTeam(&f.HomeTeam).appendTeam(&f.AwayTeam).appendCompetition(&f.League).appendLiveState(&f.Live)
	e = e.appendIntegers(int64(len(f.Odds)))
	for i := range f.Odds {
		e = e.appendOdds(&f.Odds[i])
	}
	if f.Tie.Kind != football.TieNone {
		e = e.appendTie(&f.Tie)
	}
	if f.Live.Clock.Period > 2 {
		e = e.appendAfterRegularTime(&f.Live)
	}
	sum := sha256.Sum256(e)
	return hex.EncodeToString(sum[:8])
}

// encoder is a canonical binary encoding under construction: strings and lists have their length before them, numbers
// are eight bytes, big-endian, floating-point numbers by their bits.
type encoder []byte

// appendStrings appends each string with its length before it, so that no two lists of strings have one encoding.
func (e encoder) appendStrings(texts ...string) encoder {
	for _, s := range texts {
		e = append(e.appendIntegers(int64(len(s))), s...)
	}
	return e
}

func (e encoder) appendIntegers(numbers ...int64) encoder {
	for _, n := range numbers {
		e = binary.BigEndian.AppendUint64(e, uint64(n))
	}
	return e
}

// appendCounts appends counts as wide as integers: an int32 and an int64 of one value are encoded alike.
func (e encoder) appendCounts(counts ...int32) encoder {
	for _, n := range counts {
		e = e.appendIntegers(int64(n))
	}
	return e
}

func (e encoder) appendFloats(numbers ...float64) encoder {
	for _, x := range numbers {
		e = binary.BigEndian.AppendUint64(e, math.Float64bits(x))
	}
	return e
}

func (e encoder) appendBool(b bool) encoder {
	if b {
		return append(e, 1)
	}
	return append(e, 0)
}

func (e encoder) appendTeam(t *football.TeamFeatures) encoder {
	return e.appendFloats(t.Attack, t.Defence, t.Elo, t.PiHome, t.PiAway).appendCounts(t.Played).
		appendFloats(t.Points, t.RestDays, t.ShotsFor, t.ShotsAgainst, t.OnTargetFor, t.OnTargetAgainst).
		appendFloats(t.AttackForm, t.DefenceForm, t.Decided)
}

func (e encoder) appendCompetition(c *football.CompetitionFeatures) encoder {
	return e.appendFloats(c.GoalRate, c.HomeAdvantage, c.Rho, c.HomeShare, c.DrawShare).appendCounts(c.Played)
}

func (e encoder) appendLiveState(l *football.LiveState) encoder {
	return e.appendStrings(string(l.Phase)).appendCounts(l.Clock.Period, l.Clock.Elapsed).
		appendCounts(l.HomeGoals, l.AwayGoals, l.HomeReds, l.AwayReds).
		appendCounts(l.HomeShots, l.AwayShots, l.HomeOnTarget, l.AwayOnTarget).
		appendFloats(l.HomeXG, l.AwayXG).appendCounts(l.HomeHalfTime, l.AwayHalfTime)
}

func (e encoder) appendTie(t *football.TieFeatures) encoder {
	return e.appendStrings(string(t.Kind)).appendBool(t.AwayGoals).appendBool(t.ExtraTime).
		appendCounts(t.FirstHome, t.FirstAway)
}

func (e encoder) appendAfterRegularTime(l *football.LiveState) encoder {
	return e.appendCounts(l.HomeExtra, l.AwayExtra, l.HomeKicks, l.AwayKicks, l.HomePenalties, l.AwayPenalties).
		appendStrings(string(l.ShootoutWinner))
}

func (e encoder) appendOdds(o *football.OddsQuoted) encoder {
	e = e.appendStrings(string(o.Stage)).appendIntegers(int64(len(o.Quotes)))
	for i := range o.Quotes {
		q := &o.Quotes[i]
		e = e.appendStrings(q.Bookmaker).appendFloats(q.Home, q.Draw, q.Away, q.Over25, q.Under25)
	}
	return e
}
