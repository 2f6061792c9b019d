package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Rows of years outside of these stand in the default partition.
const (
	firstYear = 1990
	lastYear  = 2040
)

// years makes the yearly partitions of a table when the first row needs them.
type years struct {
	table string
	bound func(year int) string // the partition's lower bound, as SQL
	made  map[int]bool
}

func newSeasonYears(table string) *years {
	return &years{table: table, made: map[int]bool{}, bound: func(year int) string { return fmt.Sprintf("(%d)", year) }}
}

func newCalendarYears(table string) *years {
	return &years{table: table, made: map[int]bool{}, bound: func(year int) string { return fmt.Sprintf("('%d-01-01 00:00:00+00')", year) }}
}

// need makes the partitions of those years, each in a transaction of its own: it needs a lock on the whole table, which
// nothing else may hold while it waits for something of ours.
func (y *years) need(ctx context.Context, s *session, wanted map[int]bool) error {
	for year := range wanted {
		if y.made[year] || year < firstYear || year > lastYear {
			continue
		}
		options := ""
		if y.table == "matches" {
			options = " WITH (fillfactor = 80)"
		}
		create := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s_%d PARTITION OF %s FOR VALUES FROM %s TO %s%s",
			y.table, year, y.table, y.bound(year), y.bound(year+1), options)
		if _, err := s.conn.Exec(ctx, create); err != nil && !isSQLState(err, "42P07", "23505") { // another stream was quicker
			return fmt.Errorf("make the partition of %s for %d: %w", y.table, year, err)
		}
		y.made[year] = true
	}
	return nil
}

// SeasonYear is the year in which a season begins: 2015 for "2015-16". A season without a year gives 0.
func SeasonYear(s football.Season) int32 { return s.Year() }

func calendarYear(at football.Instant) int { return time.UnixMilli(int64(at)).UTC().Year() }
