// Package plan draws the schedule of a chaos run: which fault, when, for how long, on what. It depends on the seed and
// the length of the run alone, so a run can be repeated.
//
//	for _, fault := range plan.Draw(1, 8*time.Minute) {
//		fmt.Println(fault)
//	}
package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Fault is one thing that goes wrong.
type Fault struct {
	Kind   Kind
	Target string        // a role, a broker's number, a part's name; "" where the kind says it all
	At     time.Duration // since the run began
	For    time.Duration // until it is healed; 0: nothing is to be healed
	Delay  time.Duration // of a proxy's delay
	Beside bool          // it begins while the one before it lasts
}

// End returns when the fault is healed.
func (f Fault) End() time.Duration { return f.At + f.For }

func (f Fault) String() string {
	text := fmt.Sprintf("%7.1fs  %-18s %-10s", f.At.Seconds(), f.Kind, f.Target)
	if f.For > 0 {
		text += fmt.Sprintf(" for %.1fs", f.For.Seconds())
	}
	if f.Delay > 0 {
		text += fmt.Sprintf(", %d ms", f.Delay.Milliseconds())
	}
	if f.Beside {
		text += ", beside the one before"
	}
	return text
}

// Times of a run.
const (
	leadIn   = 10 * time.Second // before the first fault: what calm looks like
	leadOut  = 10 * time.Second // after the last
	calmMin  = 6 * time.Second  // between a fault's end and the next
	calmMore = 3 * time.Second
	besides  = 5 // one in so many faults has another beside it
)

// Draw returns the plan of a run with faults of these kinds, in order of time. Every kind comes once before any comes
// again. Without kinds it is all of them.
func Draw(seed uint64, length time.Duration, of ...Kind) []Fault {
	if len(of) == 0 {
		of = Kinds()
	}
	d := &drawer{rng: rand.New(rand.NewPCG(seed, 0)), of: of}
	var plan []Fault
	for at := leadIn; ; {
		fault := d.nextKind(at)
		if fault.End() > length-leadOut {
			return plan
		}
		plan = append(plan, fault)
		end := fault.End()
		if d.rng.IntN(besides) == 0 && fault.For >= 2*time.Second {
			second := d.nextKind(at + fault.For/2)
			second.Beside = true
			if faultsClash(fault, second) || second.End() > length-leadOut {
				d.putBack(second.Kind)
			} else {
				plan = append(plan, second)
				end = max(end, second.End())
			}
		}
		at = (end + calmMin + d.between(0, calmMore)).Truncate(100 * time.Millisecond)
	}
}

// faultsClash reports whether two faults need the same thing, so that one would heal or hide the other.
func faultsClash(a, b Fault) bool { return kinds[a.Kind].on == kinds[b.Kind].on }

// drawer draws faults: all kinds in a random order, then all again.
type drawer struct {
	rng  *rand.Rand
	of   []Kind
	left []Kind
}

func (d *drawer) nextKind(at time.Duration) Fault {
	if len(d.left) == 0 {
		d.left = slices.Clone(d.of)
		d.rng.Shuffle(len(d.left), func(i, j int) { d.left[i], d.left[j] = d.left[j], d.left[i] })
	}
	kind := d.left[0]
	d.left = d.left[1:]
	of := kinds[kind]
	fault := Fault{Kind: kind, At: at, For: d.between(of.least, of.most)}
	if len(of.targets) > 0 {
		fault.Target = of.targets[d.rng.IntN(len(of.targets))]
	}
	if of.delays {
		fault.Delay = d.between(50*time.Millisecond, 500*time.Millisecond).Truncate(time.Millisecond)
	}
	return fault
}

// putBack makes a kind the next again.
func (d *drawer) putBack(kind Kind) { d.left = append([]Kind{kind}, d.left...) }

func (d *drawer) between(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return least + time.Duration(d.rng.Int64N(int64(most-least)))
}
