package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Prober asks one API server over and over, as a customer would: the matches of a competition, then the forecasts of
// some of them. It counts what is not answered; a channel of its gaps is the server.
type Prober struct {
	*Gaps
	Requests, Failures atomic.Int64

	base        string
	competition string
	channel     int32
	http        *http.Client
}

// pause between two requests, and the longest that an answer may take.
const (
	pause    = 200 * time.Millisecond
	patience = 2 * time.Second
)

// NewProber returns a prober of the server at the base URL. Several share the gaps, each with a channel of its own.
func NewProber(base, competition string, channel int32, gaps *Gaps) *Prober {
	return &Prober{Gaps: gaps, base: base, competition: competition, channel: channel,
		http: &http.Client{Timeout: patience}}
}

// Run asks until ctx is done.
func (p *Prober) Run(ctx context.Context) {
	var matches []string
	for ctx.Err() == nil {
		if len(matches) == 0 {
			matches = p.matches(ctx)
		} else {
			p.probeOnce(ctx, "/v1/matches/"+matches[0]+"/prediction", nil)
			matches = matches[1:]
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// matches returns some matches of the competition.
func (p *Prober) matches(ctx context.Context) []string {
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	p.probeOnce(ctx, "/v1/competitions/"+p.competition+"/matches?status=in-play,half-time,pre-match&limit=20", &page)
	ids := make([]string, len(page.Items))
	for i, item := range page.Items {
		ids[i] = item.ID
	}
	return ids
}

// probeOnce asks once. An answer below 500 is one, if it comes in time.
func (p *Prober) probeOnce(ctx context.Context, path string, into any) {
	began := time.Now()
	p.Requests.Add(1)
	err := p.getResource(ctx, path, into)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		p.Failures.Add(1)
		p.In(p.channel, began) // the gap begins with the first question that gets no answer
		return
	}
	p.Out(p.channel, time.Now())
}

func (p *Prober) getResource(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%s: %s", path, answer.Status)
	}
	if into == nil || answer.StatusCode != http.StatusOK {
		return nil
	}
	return json.Unmarshal(text, into)
}
