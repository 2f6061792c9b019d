package fit

import "math"

// symmetric is a symmetric matrix by the rows of its lower half, or such a matrix's Cholesky factor.
type symmetric struct {
	n  int
	at []float64 // row i has i+1 entries
}

// newSymmetric returns the zero matrix of n rows.
func newSymmetric(n int) *symmetric { return &symmetric{n: n, at: make([]float64, n*(n+1)/2)} }

// lowerRow returns row i up to the diagonal, in place.
func (m *symmetric) lowerRow(i int) []float64 {
	begin := i * (i + 1) / 2
	return m.at[begin : begin+i+1]
}

// addEntry adds x to the entry in row i and column j, whichever is greater.
func (m *symmetric) addEntry(i, j int, x float64) {
	if i < j {
		i, j = j, i
	}
	m.at[i*(i+1)/2+j] += x
}

// largest returns the greatest absolute entry of the diagonal.
func (m *symmetric) largest() float64 {
	most := 0.0
	for i := range m.n {
		most = math.Max(most, math.Abs(m.lowerRow(i)[i]))
	}
	return most
}

// cholesky puts the matrix's Cholesky factor in its place, or reports that it is not positive definite.
func (m *symmetric) cholesky() bool {
	for i := range m.n {
		row := m.lowerRow(i)
		for j := range i + 1 {
			other := m.lowerRow(j)
			sum := row[j] - dotProduct(row[:j], other[:j])
			if i == j {
				if !(sum > 0) {
					return false
				}
				row[i] = math.Sqrt(sum)
				continue
			}
			row[j] = sum / other[j]
		}
	}
	return true
}

// solveFactored replaces b by the solution x of A*x = b, where m is the Cholesky factor of A.
func (m *symmetric) solveFactored(b []float64) {
	for i := range m.n {
		row := m.lowerRow(i)
		b[i] = (b[i] - dotProduct(row[:i], b[:i])) / row[i]
	}
	for i := m.n - 1; i >= 0; i-- {
		row := m.lowerRow(i)
		b[i] /= row[i]
		for j := range i {
			b[j] -= row[j] * b[i]
		}
	}
}

// inverseDiagonal returns the diagonal of A's inverse, where m is the Cholesky factor of A: the squared standard
// errors.
func (m *symmetric) inverseDiagonal() []float64 {
	out, column := make([]float64, m.n), make([]float64, m.n)
	for i := range m.n {
		clear(column)
		column[i] = 1
		m.solveFactored(column)
		out[i] = column[i]
	}
	return out
}
