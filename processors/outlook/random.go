package outlook

import "math"

// random is SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
// its state is one number, so what is drawn follows from a seed alone.
type random uint64

// nextUint64 returns the next number of the sequence, uniform over 64 bits.
func (r *random) nextUint64() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// at returns the n-th number after the next one, without the others.
func (r random) at(n uint32) uint64 {
	r += random(n) * 0x9e3779b97f4a7c15
	return r.nextUint64()
}

// errorBits is how fine the errors of ratings are: 2^12 equally probable values.
const errorBits = 12

// newErrors returns 2^errorBits equally probable values of a normal number around 0 with a standard deviation in log
// goals, as rows, the lowest first. Each is the middle of its range; together they have the deviation.
func newErrors(deviation float64) *[1 << errorBits]int32 {
	var normal [1 << errorBits]float64
	square := 0.0
	for i := range normal {
		normal[i] = math.Sqrt2 * math.Erfinv((2*float64(i)+1)/float64(len(normal))-1)
		square += normal[i] * normal[i] / float64(len(normal))
	}
	var errors [1 << errorBits]int32
	for i := range errors {
		errors[i] = int32(math.Round(deviation * oneUnit * normal[i] / math.Sqrt(square)))
	}
	return &errors
}
