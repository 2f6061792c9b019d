package fit

import (
	"errors"
	"fmt"
	"math"
)

// Count is a number of goals that a log-linear model explains: the log of its mean is Offset plus the sum of X times
// the parameters. Y need not be whole: a mean of several counts has the same maximum as the counts.
type Count struct {
	Y, Offset float64
	X         []float64
}

// Estimate are fitted parameters with their standard errors.
type Estimate struct {
	Values, Errors []float64
	Convergence
}

// Poisson returns the parameters that maximise the Poisson likelihood of the counts times a normal prior around centre
// with that precision (1 over the variance, above 0): a parameter of which the counts tell nothing stays at the centre.
func Poisson(counts []Count, centre []float64, precision float64) (Estimate, error) {
	if len(counts) == 0 {
		return Estimate{}, errors.New("there is nothing to fit to")
	}
	for i, c := range counts {
		if len(c.X) != len(centre) || !(c.Y >= 0) || math.IsInf(c.Y, 1) {
			return Estimate{}, fmt.Errorf("count %d is %v with %d numbers beside it: want 0 or more, and %d", i, c.Y,
				len(c.X), len(centre))
		}
	}
	x := append([]float64(nil), centre...)
	convergence, factor, err := minimise(x, poissonObjective(counts, centre, precision))
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{Values: x, Errors: factor.inverseDiagonal(), Convergence: convergence}
	for i, variance := range e.Errors {
		e.Errors[i] = math.Sqrt(variance)
	}
	return e, nil
}

// poissonObjective is minus the log of the Poisson likelihood times the prior, without the factorials.
func poissonObjective(counts []Count, centre []float64, precision float64) objective {
	return func(x, gradient []float64, hessian *symmetric) float64 {
		clear(gradient)
		clear(hessian.at)
		value := 0.0
		for i, at := range x {
			d := at - centre[i]
			value += precision * d * d / 2
			gradient[i] = precision * d
			hessian.lowerRow(i)[i] = precision
		}
		for _, c := range counts {
			eta := c.Offset + dotProduct(c.X, x)
			mean := math.Exp(eta)
			value += mean - c.Y*eta
			for i, xi := range c.X {
				gradient[i] += (mean - c.Y) * xi
				row := hessian.lowerRow(i)
				for j := range row {
					row[j] += mean * xi * c.X[j]
				}
			}
		}
		if math.IsNaN(value) {
			return math.Inf(1)
		}
		return value
	}
}
