package football

import (
	"fmt"
	"strconv"
	"strings"
)

// PoolID names a rating pool: the leagues of one country, continental clubs, internationals, a simulated world. It is
// the unit of order (all that happens in a pool is totally ordered) and of parallelism (one pool, one partition).
type PoolID string

// CompetitionID names a competition, for example "E0" for the Premier League. Configuration maps it to a pool.
type CompetitionID string

// Season names a season by its years: "2015-16", or "2015" where a season is a calendar year.
type Season string

// Year returns the year in which the season begins: 2015 for "2015-16". A season without a year gives 0.
func (s Season) Year() int32 {
	if len(s) < 4 {
		return 0
	}
	year := int32(0)
	for _, digit := range []byte(s[:4]) {
		if digit < '0' || digit > '9' {
			return 0
		}
		year = year*10 + int32(digit-'0')
	}
	return year
}

// TeamID names a team within the installation: a lower-case slug such as "man-united".
type TeamID string

// MatchID names a match by what never changes about it: pool, season, home team, away team and the ordinal of their
// meeting (1 unless the same teams meet at the same ground more than once a season). It survives a postponement, so it
// never has the date in it. Its text is the five parts joined by dots: "england.2015-16.arsenal.chelsea.1".
type MatchID string

// NewMatchID builds the id of the ordinal-th meeting (from 1) of home and away in that pool and season.
func NewMatchID(pool PoolID, season Season, home, away TeamID, ordinal int) MatchID {
	return MatchID(string(pool) + "." + string(season) + "." + string(home) + "." + string(away) + "." +
		strconv.Itoa(ordinal))
}

// Pool returns the pool part of the id, or "" when the id is not well formed.
func (id MatchID) Pool() PoolID {
	pool, _, ok := strings.Cut(string(id), ".")
	if !ok {
		return ""
	}
	return PoolID(pool)
}

// Validate reports what is wrong with the id: it must have five non-empty parts, the last a number from 1.
func (id MatchID) Validate() error {
	parts := strings.Split(string(id), ".")
	if len(parts) != 5 {
		return fmt.Errorf("match id %q: want pool.season.home.away.ordinal", string(id))
	}
	for _, p := range parts {
		if p == "" {
			return fmt.Errorf("match id %q: a part is empty", string(id))
		}
	}
	if n, err := strconv.Atoi(parts[4]); err != nil || n < 1 {
		return fmt.Errorf("match id %q: the ordinal %q is not a number from 1", string(id), parts[4])
	}
	return nil
}

// Slug turns a name into an id part: lower case, letters and digits kept, everything else a single hyphen, common
// Latin accents folded ("Köln" becomes "koln").
func Slug(name string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(name) {
		folded, ok := fold[r]
		switch {
		case ok:
		case r >= 0x300 && r <= 0x36f: // an accent apart from its letter
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			folded = string(r)
		default:
			hyphen = b.Len() > 0
			continue
		}
		if hyphen {
			b.WriteByte('-')
			hyphen = false
		}
		b.WriteString(folded)
	}
	return b.String()
}

var fold = map[rune]string{
	'á': "a", 'à': "a", 'â': "a", 'ä': "a", 'ã': "a", 'å': "a", 'ç': "c", 'č': "c", 'ć': "c", 'é': "e", 'è': "e",
	'ê': "e", 'ë': "e", 'í': "i", 'ì': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ó': "o", 'ò': "o", 'ô': "o", 'ö': "o",
	'õ': "o", 'ø': "o", 'ß': "ss", 'š': "s", 'ú': "u", 'ù': "u", 'û': "u", 'ü': "u", 'ý': "y", 'ž': "z", 'æ': "ae",
	'œ': "oe", 'ā': "a", 'ă': "a", 'ą': "a", 'ċ': "c", 'ĉ': "c", 'ď': "d", 'đ': "d", 'ē': "e", 'ė': "e", 'ę': "e",
	'ě': "e", 'ĕ': "e", 'ğ': "g", 'ģ': "g", 'ġ': "g", 'ĝ': "g", 'ħ': "h", 'ĥ': "h", 'ī': "i", 'į': "i", 'ı': "i",
	'ĩ': "i", 'ĭ': "i", 'ĵ': "j", 'ķ': "k", 'ľ': "l", 'ł': "l", 'ļ': "l", 'ĺ': "l", 'ń': "n", 'ņ': "n", 'ň': "n",
	'ŋ': "n", 'ō': "o", 'ő': "o", 'ŏ': "o", 'ŕ': "r", 'ř': "r", 'ŗ': "r", 'ś': "s", 'ş': "s", 'ș': "s", 'ŝ': "s",
	'ť': "t", 'ţ': "t", 'ț': "t", 'ŧ': "t", 'ũ': "u", 'ū': "u", 'ů': "u", 'ű': "u", 'ų': "u", 'ŭ': "u", 'ŵ': "w",
	'ŷ': "y", 'ÿ': "y", 'ź': "z", 'ż': "z", 'þ': "th", 'ð': "d", 'ǎ': "a", 'ǒ': "o",
}

// Side is one of the two teams: the home team or the away team.
type Side string

// The two sides of a match.
const (
	Home Side = "home"
	Away Side = "away"
)

// Other returns the opposite side.
func (s Side) Other() Side {
	if s == Home {
		return Away
	}
	return Home
}
