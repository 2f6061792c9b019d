package roles

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A process that is further behind than farBehind records logs it every progressEvery, and again when it has caught up:
// a live line is never without a few records that were just written, and markers of transactions count.
const (
	farBehind     = 5000
	closeBehind   = 50
	progressEvery = 10 * time.Second
)

// lagMetrics are the gauges of what is left to do, each with the label that names who is behind.
var lagMetrics = map[string]string{
	"touchline_stage_lag_records": "stage", "touchline_projection_lag_records": "topic",
}

// reportProgress logs how far behind this process's stages and read models are while they catch up, and when they have.
func (a *app) reportProgress(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	p := progress{log: a.log}
	ended := a.sourceEnded
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			ended = nil
			p.expectEnd(time.Now())
		case now := <-tick.C:
			p.follow(now, lagOf(a.registry))
		}
	}
}

// lag is how many records somebody has left to read.
type lag struct {
	reader  string
	records float64
}

// lagOf returns who is behind by how much, the furthest behind first.
func lagOf(metrics prometheus.Gatherer) []lag {
	families, err := metrics.Gather()
	if err != nil {
		return nil // a collector that fails shows at /metrics
	}
	left := map[string]float64{}
	for _, family := range families {
		label, ok := lagMetrics[family.GetName()]
		if !ok {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, pair := range metric.GetLabel() {
				if pair.GetName() == label {
					left[pair.GetValue()] += metric.GetGauge().GetValue()
				}
			}
		}
	}
	var lags []lag
	for reader, records := range left {
		lags = append(lags, lag{reader, records})
	}
	slices.SortFunc(lags, func(a, b lag) int {
		return cmp.Or(cmp.Compare(b.records, a.records), cmp.Compare(a.reader, b.reader))
	})
	return lags
}

// progress is what was logged of a process that catches up.
type progress struct {
	log    *slog.Logger
	began  time.Time // when it was first seen far behind, or its source ended; zero once it has caught up
	logged time.Time // when that was last logged
	quiet  int       // looks in a row at which next to nothing was left
}

// expectEnd has it logged when the process has caught up, however little is left.
func (p *progress) expectEnd(now time.Time) {
	p.quiet = 0
	if p.began.IsZero() {
		p.began, p.logged = now, now
	}
}

// follow takes a look at who is behind. What is left grows while a stage before writes, so there is no estimate of when
// it is done.
func (p *progress) follow(now time.Time, lags []lag) {
	left := 0.0
	for _, l := range lags {
		left += l.records
	}
	if left <= closeBehind {
		p.quiet++
	} else {
		p.quiet = 0
	}
	switch {
	case left >= farBehind && p.began.IsZero():
		p.began, p.logged = now, now
	case left >= farBehind && now.Sub(p.logged) >= progressEvery:
		p.logged = now
		p.log.Info("catching up", "records", int64(math.Round(left)), "furthest", lags[0].reader, "elapsed",
			now.Sub(p.began).Round(time.Second))
	case p.quiet >= 2 && !p.began.IsZero():
		p.log.Info("caught up", "elapsed", now.Sub(p.began).Round(time.Second))
		p.began = time.Time{}
	}
}
