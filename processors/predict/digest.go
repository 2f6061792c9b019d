package predict

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
)

// refOfParameters names a model whose forecasts depend on nothing but its id, its version and these parameters.
// Parameters are flat structs of numbers and names, which Go prints field by field, so equal ones have equal digests.
// The names of their fields are part of that text: renaming a field of Play or rating.Weights changes the digest, and
// with it every prediction of these models.
func refOfParameters(id string, version int32, params ...any) football.ModelRef {
	text := fmt.Sprintf("%s %d", id, version)
	for _, p := range params {
		text += fmt.Sprintf(" %+v", p)
	}
	sum := sha256.Sum256([]byte(text))
	return football.ModelRef{ID: id, Version: version, Digest: hex.EncodeToString(sum[:8])}
}
