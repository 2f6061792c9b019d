package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/touchline/touchline/infra/retry"
)

var errAway = errors.New("away")

func TestWaitsGrowToABoundAndBeginAnew(t *testing.T) {
	waits := retry.New()
	sum := time.Duration(0)
	for i := range 20 {
		wait := waits.Next()
		if wait < 50*time.Millisecond || wait > 7*time.Second {
			t.Errorf("wait %d is %v", i, wait)
		}
		if i >= 10 && wait < 3*time.Second {
			t.Errorf("wait %d is %v, want about the longest", i, wait)
		}
		sum += wait
	}
	waits.Reset()
	if wait := waits.Next(); wait > 200*time.Millisecond {
		t.Errorf("after a reset the wait is %v", wait)
	}
}

func TestRunTriesUntilItWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries, failures := 0, 0
		retry.Run(t.Context(), func(context.Context) error {
			if tries++; tries < 4 {
				return errAway
			}
			return nil
		}, func(err error, wait time.Duration) {
			if failures++; !errors.Is(err, errAway) || wait <= 0 {
				t.Errorf("failed was told of %v and %v", err, wait)
			}
		})
		if tries != 4 || failures != 3 {
			t.Errorf("%d tries, %d failures, want 4 and 3", tries, failures)
		}
	})
}

func TestRunBeginsWithAShortWaitAfterALongLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lives := 0
		retry.Run(t.Context(), func(context.Context) error {
			switch lives++; lives {
			case 12: // the waits are long by now
				time.Sleep(2 * time.Minute)
			case 13:
				return nil
			}
			return errAway
		}, func(_ error, wait time.Duration) {
			if lives == 11 && wait < 3*time.Second {
				t.Errorf("wait before the long life: %v", wait)
			}
			if lives == 12 && wait > 200*time.Millisecond {
				t.Errorf("wait after the long life: %v", wait)
			}
		})
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		retry.Run(ctx, func(context.Context) error { return errAway }, nil)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it ended after %v", took)
		}
		if err := retry.New().Sleep(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a sleep in a context that is done: %v", err)
		}
	})
}
