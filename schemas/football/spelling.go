package football

import "strings"

// affixes are what clubs' names have before or after them in some sources and not in others.
var affixes = [...]string{"f-c", "a-f-c", "c-f", "s-c", "a-c", "fc", "afc", "cf", "sc", "ac", "sv", "fk", "sk", "nk", "ks", "bk", "ff", "if", "kv", "cd",
	"ca"}

// umlauts turns letters that are written as two into one: "osnabrueck" is "osnabruck".
var umlauts = strings.NewReplacer("ue", "u", "oe", "o", "ae", "a")

// clubSlug returns the slug of a club's name without an affix: "fc-alpha" and "alpha-fc" are "alpha". What would leave
// less than four letters stays as it is.
func clubSlug(slug string) string {
	for _, affix := range affixes {
		if rest, ok := strings.CutPrefix(slug, affix+"-"); ok && len(rest) >= 4 {
			return rest
		}
		if rest, ok := strings.CutSuffix(slug, "-"+affix); ok && len(rest) >= 4 {
			return rest
		}
	}
	return slug
}

// closeTo reports whether two slugs of six letters or more differ by a single one: left out, put in, changed or swapped
// with its neighbour. A name that is that close to a known one is a slip of the pen, not a new team; names that differ
// in a number ("u-craiova-1948") are different ones.
func closeTo(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 6 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) < len(b):
		return a[i:] == b[i+1:] && isLetter(b[i])
	case i == len(a):
		return false // equal
	case a[i+1:] == b[i+1:]:
		return isLetter(a[i]) && isLetter(b[i])
	default:
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	}
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }
