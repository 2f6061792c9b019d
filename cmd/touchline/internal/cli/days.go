package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Days is a flag's duration that may be given in days: 7d, 400d, 36h.
type Days time.Duration

func (d *Days) String() string {
	if whole := time.Duration(*d) / (24 * time.Hour); time.Duration(*d) == whole*24*time.Hour {
		return strconv.FormatInt(int64(whole), 10) + "d"
	}
	return time.Duration(*d).String()
}

// mostDays is a century.
const maxDays = 100 * 365

// Set reads a duration; it takes none below 0.
func (d *Days) Set(text string) error {
	var got time.Duration
	var err error
	if number, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(number, 64)
		if !(n >= 0 && n <= maxDays) { // before it becomes a whole number, where NaN is anything
			n = -1
		}
		got = time.Duration(n * 24 * float64(time.Hour))
	} else {
		got, err = time.ParseDuration(text)
	}
	if err != nil || got < 0 || got > maxDays*24*time.Hour {
		return errors.New("give days or hours, such as 400d or 36h")
	}
	*d = Days(got)
	return nil
}

// Type names the value in the help.
func (*Days) Type() string { return "duration" }
