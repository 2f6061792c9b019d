package local

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answerTimeout is how long an engine that serves HTTP may take to answer.
const answerTimeout = 5 * time.Second

// checkAnswer returns nil when a GET of the address is answered with 200.
func checkAnswer(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s answers %s", req.URL.Path, res.Status)
	}
	return nil
}
