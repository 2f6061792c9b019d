package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Rows of years outside of these go to the default partition.
const (
	firstYear = 1990
	lastYear  = 2040
)

// yearlyPartitions makes the yearly partitions of a table when the first row needs them.
type yearlyPartitions struct {
	table string
	bound func(year int) string // the partition's lower bound, as SQL
	made  map[int]bool
}

// newSeasonPartitions are of a table that is partitioned by the year in which the season begins.
func newSeasonPartitions(table string) *yearlyPartitions {
	bound := func(year int) string { return fmt.Sprintf("(%d)", year) }
	return &yearlyPartitions{table: table, made: map[int]bool{}, bound: bound}
}

// newCalendarPartitions are of a table that is partitioned by an instant.
func newCalendarPartitions(table string) *yearlyPartitions {
	bound := func(year int) string { return fmt.Sprintf("('%d-01-01 00:00:00+00')", year) }
	return &yearlyPartitions{table: table, made: map[int]bool{}, bound: bound}
}

// makeMissing makes the partitions of those years, each in a transaction of its own: it needs a lock on the whole
// table, and a transaction that waits for it must have no locks that others wait for.
func (y *yearlyPartitions) makeMissing(ctx context.Context, c *connection, wanted map[int]bool) error {
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
		_, err := c.conn.Exec(ctx, create)
		if err != nil && !isSQLState(err, duplicateTable, uniqueViolation) { // another stream was quicker
			return fmt.Errorf("make the partition of %s for %d: %w", y.table, year, err)
		}
		y.made[year] = true
	}
	return nil
}

// makeSeasons makes the partitions of the seasons of the items. A fact without a season, such as a tick, needs none.
func makeSeasons[F any](ctx context.Context, y *yearlyPartitions, c *connection, items []item[F],
	seasonOf func(*F) football.Season) error {
	wanted := map[int]bool{}
	for _, it := range items {
		if season := seasonOf(it.fact); season != "" {
			wanted[int(season.Year())] = true
		}
	}
	return y.makeMissing(ctx, c, wanted)
}

func calendarYear(at football.Instant) int { return time.UnixMilli(int64(at)).UTC().Year() }
