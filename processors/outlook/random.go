package outlook

import "math"

// random is SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
// its state is one number, so a season's simulations follow from its seed alone.
type random uint64

// nextUint64 returns the next number of the sequence, uniform over 64 bits.
func (r *random) nextUint64() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform returns a number in [0, 1).
func (r *random) uniform() float64 { return float64(r.nextUint64()>>11) / (1 << 53) }

// normalPair returns two independent standard normal numbers (G. Box, M. Muller, "A note on the generation of random
// normal deviates", Annals of Mathematical Statistics 29, 1958).
func (r *random) normalPair() (float64, float64) {
	radius := math.Sqrt(-2 * math.Log(1-r.uniform()))
	sin, cos := math.Sincos(2 * math.Pi * r.uniform())
	return radius * sin, radius * cos
}
