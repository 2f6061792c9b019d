package score

import "math"

// Calibration counts, in bins of equal width over 0..1, how often what was forecast came to pass. The zero value is not
// useful: see NewCalibration.
type Calibration struct {
	Bins []Bin
}

// Bin counts the forecasts whose probability fell into one interval.
type Bin struct {
	Count    int
	Forecast float64 // sum of the probabilities
	Happened int     // how many of them came to pass
}

// NewCalibration returns an empty calibration of that many bins, at least one.
func NewCalibration(bins int) Calibration { return Calibration{Bins: make([]Bin, max(bins, 1))} }

// Add counts one forecast of something with probability p, from 0 to 1, and whether it happened.
func (c Calibration) Add(p float64, happened bool) {
	b := &c.Bins[min(int(p*float64(len(c.Bins))), len(c.Bins)-1)]
	b.Count++
	b.Forecast += p
	if happened {
		b.Happened++
	}
}

// ECE returns the expected calibration error: the distance of forecast and frequency, averaged over bins by count. It
// is 0 when nothing was added.
func (c Calibration) ECE() float64 {
	distance, count := 0.0, 0
	for _, b := range c.Bins {
		distance += math.Abs(b.Forecast - float64(b.Happened))
		count += b.Count
	}
	if count == 0 {
		return 0
	}
	return distance / float64(count)
}
