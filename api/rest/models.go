package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

type calibrationBin struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	N        int64   `json:"n"`
	Forecast float64 `json:"forecast"`
	Happened float64 `json:"happened"`
}

type checkpointQuality struct {
	Checkpoint  string           `json:"checkpoint"`
	N           int64            `json:"n"`
	RPS         float64          `json:"rps"`
	LogLoss     float64          `json:"log_loss"`
	Brier       float64          `json:"brier"`
	Calibration []calibrationBin `json:"calibration"`
}

type modelVersion struct {
	ID          string              `json:"id"`
	Version     int32               `json:"version"`
	Status      string              `json:"status"`
	Share       float64             `json:"share"`
	Kind        string              `json:"kind"`
	Digest      string              `json:"digest"`
	Note        string              `json:"note"`
	ChangedAt   *time.Time          `json:"changed_at"`
	Evaluations []checkpointQuality `json:"evaluations"`
}

// listModels lists each version of each model under the name by which it forecasts, and what forecasts without being
// registered.
func (s *Handler) listModels(ctx context.Context, r *http.Request) (answer, error) {
	if err := refuseUnknownParameters(r, []string{"competition", "season"}); err != nil {
		return answer{}, err
	}
	query := r.URL.Query()
	items, err := s.registeredModels(ctx)
	if err != nil {
		return answer{}, err
	}
	forecasters, err := s.store.Forecasters(ctx)
	if err != nil {
		return answer{}, err
	}
	for _, id := range forecasters {
		if slices.ContainsFunc(items, func(m modelVersion) bool { return m.ID == id }) {
			continue
		}
		other := modelVersion{ID: id, Status: "unregistered"}
		for _, m := range items { // a champion forecasts as a shadow where its challenger is served
			if name, shadow := football.ModelName(m.ID); !shadow && football.ShadowID(name, m.Version) == id {
				other = m
				other.ID = id
			}
		}
		items = append(items, other)
	}
	means, bins, err := s.store.Quality(ctx, football.CompetitionID(query.Get("competition")),
		football.Season(query.Get("season")))
	if err != nil {
		return answer{}, err
	}
	for i := range items {
		items[i].Evaluations = evaluationsOf(items[i].ID, means, bins)
	}
	slices.SortStableFunc(items, func(a, b modelVersion) int { return cmp.Compare(a.ID, b.ID) })
	return answer{value: listPage{Items: items}}, nil
}

// registeredModels folds the facts of models as the line does.
func (s *Handler) registeredModels(ctx context.Context) ([]modelVersion, error) {
	facts, offsets, err := s.store.ModelFacts(ctx)
	if err != nil {
		return nil, err
	}
	ledger, last := predict.NewLedger(predict.BuiltInModels()...), map[string]*football.ModelFact{}
	for i, fact := range facts {
		if ledger.Apply(offsets[i], fact) == nil { // what does not apply changes nothing
			last[football.ShadowID(fact.ID, fact.Version)] = fact
		}
	}
	var items []modelVersion
	for _, v := range ledger.Newest().Standings() {
		id := football.ShadowID(v.Name, v.Version)
		m := modelVersion{
			ID:      id,
			Version: v.Version,
			Status:  string(v.Status),
			Share:   v.Share,
			Kind:    v.Kind,
			Digest:  v.Digest,
		}
		if fact := last[id]; fact != nil {
			at := fact.At.Time()
			m.Note, m.ChangedAt = fact.Note, timeInUTC(&at)
		}
		if v.Status == football.ModelPromoted {
			m.ID = v.Name
		}
		items = append(items, m)
	}
	return items, nil
}

func evaluationsOf(id string, means []readmodel.Quality, bins []readmodel.Bin) []checkpointQuality {
	out := []checkpointQuality{}
	for _, q := range means {
		if q.Model != id {
			continue
		}
		entry := checkpointQuality{
			Checkpoint:  q.Checkpoint,
			N:           q.N,
			RPS:         resource.Round(q.RPS),
			LogLoss:     resource.Round(q.LogLoss),
			Brier:       resource.Round(q.Brier),
			Calibration: []calibrationBin{},
		}
		for _, b := range bins {
			if b.Model == id && b.Checkpoint == q.Checkpoint {
				entry.Calibration = append(
					entry.Calibration,
					calibrationBin{resource.Round(float64(b.Bin) / 20), resource.Round(float64(b.Bin+1) / 20), b.N,
						resource.Round(b.Forecast), resource.Round(b.Happened)},
				)
			}
		}
		out = append(out, entry)
	}
	return out
}
