package line_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
)

func names(chains []streams.Chain) []string {
	var out []string
	for _, chain := range chains {
		out = append(out, chain.Name())
	}
	return out
}

// TestEveryStageOfTheTableIsBound: the folds stand in the order of the table, each beside its row.
func TestEveryStageOfTheTableIsBound(t *testing.T) {
	var bound []string
	for _, stage := range line.Stages(football.DefaultReference(), predict.NewRegistry(), wire.Namespace{}) {
		bound = append(bound, stage.Name)
	}
	if want := wire.StageNames(); !slices.Equal(bound, want) {
		t.Errorf("line.Stages binds %v, the table in schemas/wire/stages.go has %v", bound, want)
	}
}

func TestLayouts(t *testing.T) {
	ref := football.DefaultReference()
	chained := []string{"normalize+features+predict"} // of the chained layout
	for _, stage := range wire.Stages() {
		if !stage.Critical {
			chained = append(chained, stage.Name)
		}
	}
	for _, c := range []struct {
		layout line.Layout
		stages []string
		want   []string
	}{
		{line.Separate, nil, wire.StageNames()},
		{line.Chained, nil, chained},
		{line.Separate, []string{"predict", "normalize"}, []string{"normalize", "predict"}},
		{line.Chained, []string{"features"}, []string{"normalize+features+predict"}},
	} {
		chains, err := line.Chains(c.layout, ref, predict.BuiltInRegistry(), wire.Namespace{}, c.stages...)
		if err != nil || !slices.Equal(names(chains), c.want) {
			t.Errorf("%s %v: got %v, %v; want %v", c.layout, c.stages, names(chains), err, c.want)
		}
	}
	for want, ask := range map[string]func() ([]streams.Chain, error){
		"TOUCHLINE_LAYOUT": func() ([]streams.Chain, error) {
			return line.Chains("tangled", ref, nil,
				wire.Namespace{})
		},
		"TOUCHLINE_STAGES": func() ([]streams.Chain, error) {
			return line.Chains(line.Separate, ref, nil, wire.Namespace{},
				"guess")
		},
	} {
		if _, err := ask(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
}

// TestEveryStateRoundTrips fills each kind of state with values of its own and compares what comes back from the
// changelog's encoding: a field that the Avro schema forgot comes back as zero.
func TestEveryStateRoundTrips(t *testing.T) {
	for _, stage := range line.Stages(football.DefaultReference(), predict.NewRegistry(), wire.Namespace{}) {
		for _, kind := range stage.State {
			t.Run(stage.Name+" "+kind.Kind, func(t *testing.T) {
				schema := wire.StateCodec(stage.Name, kind)
				want := reflect.New(reflect.TypeOf(kind.Blank).Elem())
				n := 0
				fill(want.Elem(), &n)
				body, err := schema.AppendValue(nil, want.Interface())
				if err != nil {
					t.Fatal(err)
				}
				got, err := schema.UnmarshalValue(body)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want.Interface()) {
					t.Errorf("got  %+v\nwant %+v", got, want.Interface())
				}
			})
		}
	}
}

// fill sets every field below v to a value that no other field has.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x", 1+*n%7) + string(rune('a'+*n%26)))
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("fill: " + v.Kind().String())
	}
}

// TestEndsAreTheWholeLine: each stage is in one of the chains at least, and each but the first reads what the one
// before it writes.
func TestEndsAreTheWholeLine(t *testing.T) {
	var names []string
	seen := map[string]bool{}
	for _, chain := range line.Ends(football.DefaultReference(), predict.BuiltInRegistry()) {
		names = append(names, chain.Name())
		for i, stage := range chain {
			seen[stage.Name] = true
			if i > 0 && !slices.Contains(chain[i-1].Outputs(), stage.Input) {
				t.Errorf("%s: %s does not write what %s reads", chain.Name(), chain[i-1].Name, stage.Name)
			}
		}
	}
	want := []string{"normalize+features+predict+evaluate", "normalize+features+outlook"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	for _, name := range wire.StageNames() {
		if !seen[name] {
			t.Errorf("no chain has the stage %s", name)
		}
	}
}
