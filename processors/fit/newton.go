package fit

import (
	"errors"
	"fmt"
	"math"
)

// Convergence tells how a maximum was found.
type Convergence struct {
	Steps     int     // of Newton's method
	Objective float64 // minus the log of likelihood times prior there, in nats, without what no parameter changes
	Left      float64 // by how much it could still fall, in nats, about: half of Newton's decrement squared
}

const (
	maxSteps   = 100
	maxHalves  = 40
	tolerance  = 1e-8 // nats; the last step is taken, so what is left is about the square of it
	sufficient = 1e-4 // share of the fall that the slope promises with which a step is content (Armijo 1966)
)

var errNoLikelihood = errors.New("the fit begins at a point that has no likelihood")

// objective returns the value at x, +Inf where there is none, and writes its gradient and the lower half of its
// Hessian.
type objective func(x, gradient []float64, hessian *symmetric) float64

// minimise moves x to a minimum of f by Newton's method with halved steps. Where the curvature is not positive, the
// step bends towards the gradient (Levenberg 1944). The Hessian's Cholesky factor at the last step is returned.
func minimise(x []float64, f objective) (Convergence, *symmetric, error) {
	n := len(x)
	gradient, step, trial := make([]float64, n), make([]float64, n), make([]float64, n)
	hessian, factor := newSymmetric(n), newSymmetric(n)
	value := f(x, gradient, hessian)
	if math.IsInf(value, 1) || math.IsNaN(value) {
		return Convergence{}, nil, errNoLikelihood
	}
	for steps := 1; steps <= maxSteps; steps++ {
		bent := solveStep(hessian, factor, gradient, step)
		slope := dotProduct(gradient, step)
		if left := -slope / 2; left < tolerance && !bent {
			for i := range x {
				x[i] += step[i]
			}
			return Convergence{Steps: steps, Objective: f(x, gradient, hessian), Left: left}, factor, nil
		}
		size, next := 1.0, math.Inf(1)
		for range maxHalves {
			for i := range x {
				trial[i] = x[i] + size*step[i]
			}
			if next = f(trial, gradient, hessian); next <= value+sufficient*size*slope {
				break
			}
			size, next = size/2, math.Inf(1)
		}
		if math.IsInf(next, 1) {
			return Convergence{}, nil, fmt.Errorf("no step improves the fit after %d: %g nats may be left", steps,
				-slope/2)
		}
		copy(x, trial)
		value = next
	}
	return Convergence{}, nil, fmt.Errorf("the fit has not converged after %d steps", maxSteps)
}

// solveStep solves hessian*step = -gradient by Cholesky's decomposition, and reports whether the Hessian had to be made
// positive definite first, by adding to its diagonal.
func solveStep(hessian, factor *symmetric, gradient, step []float64) (bent bool) {
	for added := 0.0; ; added = max(10*added, 1e-6*hessian.largest()+1e-12) {
		copy(factor.at, hessian.at)
		for i := range factor.n {
			factor.lowerRow(i)[i] += added
		}
		if factor.cholesky() {
			for i, g := range gradient {
				step[i] = -g
			}
			factor.solveFactored(step)
			return added > 0
		}
	}
}

// dotProduct returns the sum of the products, from the first to the last; b may be longer.
func dotProduct(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
