package roles

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/catalogue"
)

// reportForecast logs when the critical stages of this process have folded all that the source had.
func (a *app) reportForecast(ctx context.Context) {
	var groups []string
	for _, chain := range a.chains {
		if stage, ok := wire.StageOf(chain[0].Name); ok && stage.Critical {
			groups = append(groups, chain.Group())
		}
	}
	if len(groups) == 0 || !a.roles.process {
		return
	}
	began := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		behind, err := a.recordsBehind(ctx, groups)
		if err == nil && behind <= int64(len(groups)*a.cfg.Partitions) { // a marker may be last in each partition
			a.log.Info("all of it is forecast", "waited", time.Since(began).Truncate(time.Second))
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// recordsBehind returns how many records groups have yet to read of their topics.
func (a *app) recordsBehind(ctx context.Context, groups []string) (behind int64, err error) {
	err = a.withAdmin(func(adm *kadm.Client) error {
		for _, group := range groups {
			lags, err := catalogue.LagOf(ctx, adm, group)
			if err != nil {
				return err
			}
			for _, lag := range lags {
				behind += lag.Lag
			}
		}
		return nil
	})
	return behind, err
}
