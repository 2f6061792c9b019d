package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Versions says which version of each stage's topics is meant, by stage. A stage that is not named has version 1. A new
// version of a stage is built beside the old one, in topics, a changelog and a group of its own, and then switched to.
type Versions map[string]int

// firstVersion ends the names of those topics that have versions, as the constants spell them.
const firstVersion = ".v1"

// Of returns the version of the stage's topics.
func (v Versions) Of(stage string) int {
	if n, ok := v[stage]; ok {
		return n
	}
	return 1
}

// localName returns the name of one of the line's topics in these versions, without the installation's prefix: see
// Namespace. A topic without a version keeps its name.
func (v Versions) localName(constant string) string {
	name, versioned := strings.CutSuffix(constant, firstVersion)
	i := slices.IndexFunc(Topics(), func(t Topic) bool { return t.Name == constant })
	if !versioned || i < 0 {
		return constant
	}
	return name + ".v" + strconv.Itoa(v.Of(Topics()[i].Writer))
}

// String lists the stages that are not at version 1, as "features=2 predict=3".
func (v Versions) String() string {
	var words []string
	for stage, n := range v {
		if n != 1 {
			words = append(words, fmt.Sprintf("%s=%d", stage, n))
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
