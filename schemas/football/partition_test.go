package football_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// producers is the folder of the examples for producers outside of this repository.
const producers = "../../docs/producers"

// publishedPartition is a pool's partition as docs/producers.md gives it.
type publishedPartition struct {
	pool       football.PoolID
	partitions int32
	partition  string
}

// publishedPartitions reads the table of docs/producers.md: of each pool the partition of 12 and of 48.
func publishedPartitions(t *testing.T) (published []publishedPartition) {
	t.Helper()
	page, err := os.ReadFile(producers + ".md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\d+) \\| (\\d+) \\|$")
	for _, cells := range row.FindAllStringSubmatch(string(page), -1) {
		published = append(published, publishedPartition{football.PoolID(cells[1]), 12, cells[2]},
			publishedPartition{football.PoolID(cells[1]), 48, cells[3]})
	}
	if len(published) < 10 {
		t.Fatalf("docs/producers.md publishes %d partitions, want its table", len(published))
	}
	return published
}

func TestThePublishedPartitionsAreTheProgramsOwn(t *testing.T) {
	ref := football.DefaultReference()
	for _, p := range publishedPartitions(t) {
		if got := fmt.Sprint(ref.Partition(p.pool, p.partitions)); got != p.partition {
			t.Errorf("%s of %d: got %s, published is %s", p.pool, p.partitions, got, p.partition)
		}
	}
}

func TestTheExamplesComputeThePublishedPartitions(t *testing.T) {
	published := publishedPartitions(t)
	var args, want []string
	for _, p := range published {
		args = append(args, fmt.Sprintf("%s/%d", p.pool, p.partitions))
		want = append(want, p.partition)
	}
	for _, pool := range football.DefaultReference().Pools() { // whatever partition the reference gives it
		args = append(args, string(pool.ID)+"/12")
		want = append(want, fmt.Sprint(football.DefaultReference().Partition(pool.ID, 12)))
	}
	for _, example := range []struct{ needs, runs, file string }{
		{"python3", "python3", "pool_partition.py"},
		{"javac", "java", "PoolPartition.java"},
	} {
		t.Run(example.file, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(example.needs); err != nil {
				t.Skipf("no %s on this machine", example.needs)
			}
			cmd := exec.CommandContext(t.Context(), example.runs,
				append([]string{filepath.Join(producers, example.file)}, args...)...)
			// whatever the machine's locale is, arguments are UTF-8
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PYTHONUTF8=1", "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got := strings.Fields(string(out))
			if len(got) != len(want) {
				t.Fatalf("got %d lines, want %d: %s", len(got), len(want), out)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s: got %s, want %s", args[i], got[i], want[i])
				}
			}
		})
	}
}
