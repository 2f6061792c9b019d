package source

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// Join returns several sources as one: their feeds of a pool are merged in order of time, so that normalize can take
// what they give of a match together. Its name is theirs joined by "+". A single source is returned as it is.
func Join(sources ...Source) Source {
	if len(sources) == 1 {
		return sources[0]
	}
	return joined(sources)
}

// joined is several sources.
type joined []Source

// Name returns the names of all, joined by "+".
func (j joined) Name() string {
	names := make([]string, len(j))
	for i, s := range j {
		names[i] = s.Name()
	}
	return strings.Join(names, "+")
}

// Open opens all sources, and fails when one of them does.
func (j joined) Open(ctx context.Context) ([]Feed, error) {
	byPool := map[football.PoolID][]Feed{}
	var pools []football.PoolID
	for _, s := range j {
		feeds, err := s.Open(ctx)
		if err != nil {
			return nil, fmt.Errorf("open source %s: %w", s.Name(), err)
		}
		for _, f := range feeds {
			if byPool[f.Pool] == nil {
				pools = append(pools, f.Pool)
			}
			byPool[f.Pool] = append(byPool[f.Pool], f)
		}
	}
	merged := make([]Feed, len(pools))
	for i, pool := range pools {
		merged[i] = Merge(byPool[pool]...)
	}
	return merged, nil
}

// Reports returns what the sources read of their files. All of them may be given the same folder: what one of them left
// alone, skipped or did not find there is no loss where another has read it, so it is not reported.
func (j joined) Reports() Reports {
	var all Reports
	read := map[string]bool{}
	for _, s := range j {
		if r, ok := s.(Reporter); ok {
			all = append(all, r.Reports()...)
		}
	}
	for _, report := range all {
		for file := report.File; report.Skipped == "" && len(file) > 1; file = path.Dir(file) {
			read[file] = true
		}
	}
	return slices.DeleteFunc(all, func(report *Report) bool {
		return report.Beside != "" || report.Skipped != "" && read[report.File]
	})
}
