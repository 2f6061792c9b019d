package postgres

import (
	"context"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
)

// directory writes the rows of the competitions and teams that matches refer to. Streams share the tables, so each
// remembers what it has written and writes the rest without changing the rows that are there.
type directory struct {
	reference    *football.Reference
	competitions map[football.CompetitionID]bool
	teams        map[football.TeamID]string
}

func newDirectory(reference *football.Reference) *directory {
	return &directory{reference: reference, competitions: map[football.CompetitionID]bool{},
		teams: map[football.TeamID]string{}}
}

// directoryChanges are the competitions and teams of a batch that are not known to be written. They count as written
// once the batch has committed.
type directoryChanges struct {
	directory    *directory
	competitions map[football.CompetitionID]football.PoolID
	teams        map[football.TeamID]teamName
}

type teamName struct {
	name string
	pool football.PoolID
}

func (d *directory) newChanges() *directoryChanges {
	return &directoryChanges{
		directory: d, competitions: map[football.CompetitionID]football.PoolID{}, teams: map[football.TeamID]teamName{},
	}
}

func (b *directoryChanges) addCompetition(id football.CompetitionID, pool football.PoolID) {
	if !b.directory.competitions[id] && id != "" {
		b.competitions[id] = pool
	}
}

// addTeam adds a team. The reference's name wins, then the one that the feed gave, then the id.
func (b *directoryChanges) addTeam(id football.TeamID, pool football.PoolID, given string) {
	if entry, ok := b.directory.reference.TeamByID(id); ok {
		given = entry.Name
	}
	if known, ok := b.directory.teams[id]; id == "" || ok && (given == "" || known == given) {
		return
	}
	if already, ok := b.teams[id]; ok && given == "" {
		given = already.name
	}
	b.teams[id] = teamName{given, pool}
}

// writeRows writes the rows. A team whose name is only its id gets the name that the batch brings.
func (b *directoryChanges) writeRows(ctx context.Context, tx *transaction) error {
	if err := b.writeCompetitions(ctx, tx); err != nil {
		return fmt.Errorf("write competitions: %w", err)
	}
	if err := b.writeTeams(ctx, tx); err != nil {
		return fmt.Errorf("write teams: %w", err)
	}
	return nil
}

func (b *directoryChanges) writeCompetitions(ctx context.Context, tx *transaction) error {
	if len(b.competitions) == 0 {
		return nil
	}
	var ids, names, countries, pools []string
	var levels []int32
	for _, id := range sortedKeys(b.competitions) {
		entry, ok := b.directory.reference.Competition(id)
		if !ok {
			entry = football.CompetitionEntry{ID: id, Name: string(id), Pool: b.competitions[id], Level: 1}
		}
		ids, names, countries = append(ids, string(id)), append(names, entry.Name), append(countries, entry.Country)
		pools, levels = append(pools, string(entry.Pool)), append(levels, int32(entry.Level))
	}
	const insert = `INSERT INTO competitions (id, name, country, pool, level)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[]) ON CONFLICT DO NOTHING`
	_, err := tx.Exec(ctx, insert, ids, names, countries, pools, levels)
	return err
}

func (b *directoryChanges) writeTeams(ctx context.Context, tx *transaction) error {
	if len(b.teams) == 0 {
		return nil
	}
	var ids, names, pools []string
	for _, id := range sortedKeys(b.teams) {
		t := b.teams[id]
		if t.name == "" {
			t.name = string(id)
		}
		ids, names, pools = append(ids, string(id)), append(names, t.name), append(pools, string(t.pool))
	}
	const insert = `INSERT INTO teams (id, name, pool) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
		ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name NOT IN (teams.name, teams.id)`
	_, err := tx.Exec(ctx, insert, ids, names, pools)
	return err
}

// markWritten remembers what was written.
func (b *directoryChanges) markWritten() {
	for id := range b.competitions {
		b.directory.competitions[id] = true
	}
	for id, t := range b.teams {
		b.directory.teams[id] = t.name
	}
}
