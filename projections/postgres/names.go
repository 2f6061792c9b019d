package postgres

import (
	"context"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
)

// names writes the rows of competitions and teams that matches speak of. Streams share the tables, so each remembers
// what it has written and writes the rest without disturbing what stands.
type names struct {
	reference    *football.Reference
	competitions map[football.CompetitionID]bool
	teams        map[football.TeamID]string
}

func newNames(reference *football.Reference) *names {
	return &names{reference: reference, competitions: map[football.CompetitionID]bool{}, teams: map[football.TeamID]string{}}
}

// newNamesOf are the names in a batch that are not known to be written. They count as written once it has committed.
type newNamesOf struct {
	names        *names
	competitions map[football.CompetitionID]football.PoolID
	teams        map[football.TeamID]teamName
}

type teamName struct {
	name string
	pool football.PoolID
}

func (n *names) batch() *newNamesOf {
	return &newNamesOf{names: n, competitions: map[football.CompetitionID]football.PoolID{}, teams: map[football.TeamID]teamName{}}
}

func (b *newNamesOf) competition(id football.CompetitionID, pool football.PoolID) {
	if !b.names.competitions[id] && id != "" {
		b.competitions[id] = pool
	}
}

// team notes a team. The reference's name wins, then the one that the feed gave, then the id.
func (b *newNamesOf) team(id football.TeamID, pool football.PoolID, given string) {
	if entry, ok := b.names.reference.TeamByID(id); ok {
		given = entry.Name
	}
	if known, ok := b.names.teams[id]; id == "" || ok && (given == "" || known == given) {
		return
	}
	if already, ok := b.teams[id]; ok && given == "" {
		given = already.name
	}
	b.teams[id] = teamName{given, pool}
}

// write writes the rows. A team that stands under its id gets the name that the batch brings.
func (b *newNamesOf) write(ctx context.Context, tx *transaction) error {
	if len(b.competitions) > 0 {
		var ids, names, countries, pools []string
		var levels []int32
		for _, id := range sortedKeys(b.competitions) {
			entry, ok := b.names.reference.Competition(id)
			if !ok {
				entry = football.CompetitionEntry{ID: id, Name: string(id), Pool: b.competitions[id], Level: 1}
			}
			ids, names, countries = append(ids, string(id)), append(names, entry.Name), append(countries, entry.Country)
			pools, levels = append(pools, string(entry.Pool)), append(levels, int32(entry.Level))
		}
		const insert = `INSERT INTO competitions (id, name, country, pool, level)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[]) ON CONFLICT DO NOTHING`
		if _, err := tx.Exec(ctx, insert, ids, names, countries, pools, levels); err != nil {
			return fmt.Errorf("write competitions: %w", err)
		}
	}
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
	if _, err := tx.Exec(ctx, insert, ids, names, pools); err != nil {
		return fmt.Errorf("write teams: %w", err)
	}
	return nil
}

// committed remembers what was written.
func (b *newNamesOf) committed() {
	for id := range b.competitions {
		b.names.competitions[id] = true
	}
	for id, t := range b.teams {
		b.names.teams[id] = t.name
	}
}
