package plan

import (
	"reflect"
	"testing"
	"time"
)

func TestTheSameSeedDrawsTheSamePlan(t *testing.T) {
	if a, b := Draw(7, 5*time.Minute), Draw(7, 5*time.Minute); !reflect.DeepEqual(a, b) {
		t.Errorf("one seed, two plans:\n%v\n%v", a, b)
	}
	if a, b := Draw(7, 5*time.Minute), Draw(8, 5*time.Minute); reflect.DeepEqual(a, b) {
		t.Error("two seeds, one plan")
	}
}

func TestALongerRunBeginsLikeAShorter(t *testing.T) {
	short, long := Draw(3, 2*time.Minute), Draw(3, 8*time.Minute)
	if len(short) < 2 {
		t.Fatalf("%d faults in two minutes", len(short))
	}
	// The last ones may differ: what no longer fits is left out.
	if head := short[:len(short)-1]; !reflect.DeepEqual(head, long[:len(head)]) {
		t.Errorf("got %v, want the beginning of %v", head, long)
	}
}

func TestEveryKindOccursWithinEightMinutes(t *testing.T) {
	for seed := range uint64(500) {
		seen := map[Kind]bool{}
		for _, f := range Draw(seed, 8*time.Minute) {
			seen[f.Kind] = true
		}
		for _, kind := range Kinds() {
			if !seen[kind] {
				t.Errorf("seed %d: no %s", seed, kind)
			}
		}
	}
}

func TestFaultsKeepTheirDistance(t *testing.T) {
	for seed := range uint64(100) {
		const length = 6 * time.Minute
		plan := Draw(seed, length)
		var end time.Duration
		for i, f := range plan {
			switch {
			case f.Beside && (f.At >= plan[i-1].End() || faultsClash(plan[i-1], f)):
				t.Errorf("seed %d: %v is not beside %v", seed, f, plan[i-1])
			case !f.Beside && i > 0 && f.At < end+calmMin-100*time.Millisecond:
				t.Errorf("seed %d: no calm before %v", seed, f)
			}
			end = max(end, f.End())
		}
		if end > length-leadOut {
			t.Errorf("seed %d: the last fault ends at %v of %v", seed, end, length)
		}
	}
}
